package dev.henge.replication.quorum;

import java.util.Arrays;

/// Which owners have confirmed, and whether that is what a level asks.
///
/// - Threads: one at a time.
final class Tally {
  private final Level level;
  private final long[] owners;
  private final String[] dataCentres;
  private final String local;
  private final boolean[] confirmed;

  /// @param local data centre of the coordinator
  Tally(Level level, long[] owners, Placement placement, String local) {
    this.level = level;
    this.owners = owners;
    this.local = local;
    this.confirmed = new boolean[owners.length];
    this.dataCentres = new String[owners.length];
    for (int i = 0; i < owners.length; i++) {
      dataCentres[i] = placement.dataCentre(owners[i]);
    }
  }

  /// How many copies the level asks for at least.
  int wanted() {
    return switch (level.kind()) {
      case COUNT -> level.count();
      case QUORUM -> majority(owners.length);
      case ALL -> owners.length;
      case LOCAL_QUORUM -> majority(count(local, false));
      case EACH_QUORUM ->
          Arrays.stream(dataCentres)
              .distinct()
              .mapToInt(each -> majority(count(each, false)))
              .sum();
    };
  }

  /// `owner`, or who stands in for it, has a copy.
  void confirm(long owner) {
    for (int i = 0; i < owners.length; i++) {
      confirmed[i] |= owners[i] == owner;
    }
  }

  boolean isMet() {
    return switch (level.kind()) {
      case COUNT, QUORUM, ALL -> count() >= wanted();
      case LOCAL_QUORUM -> isMet(local);
      case EACH_QUORUM -> Arrays.stream(dataCentres).allMatch(this::isMet);
    };
  }

  int count() {
    int count = 0;
    for (boolean one : confirmed) {
      count += one ? 1 : 0;
    }
    return count;
  }

  private boolean isMet(String dataCentre) {
    return count(dataCentre, true) >= majority(count(dataCentre, false));
  }

  private int count(String dataCentre, boolean onlyConfirmed) {
    int count = 0;
    for (int i = 0; i < owners.length; i++) {
      count += dataCentres[i].equals(dataCentre) && (confirmed[i] || !onlyConfirmed) ? 1 : 0;
    }
    return count;
  }

  private static int majority(int count) {
    return count / 2 + 1;
  }
}
