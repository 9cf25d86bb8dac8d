package dev.henge.consensus.metadata;

import dev.henge.base.ring.Copies;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// How an eventual keyspace is copied: N, R and W.
///
/// @param copies N: copies of each object; [#NONE] has 0
/// @param r copies that a read asks
/// @param w copies that a write waits for
/// @param quorum whether stand-ins count
/// @param conflicts what becomes of writes that did not know of each other
/// @param perDataCentre copies in each data centre by its name, `copies` in sum; empty where only
///   the sum counts
public record Replication(
    int copies,
    int r,
    int w,
    Quorum quorum,
    Conflicts conflicts,
    SortedMap<String, Integer> perDataCentre) {
  /// Whether copies that a stand-in holds for an owner count. The words are persisted: never
  /// rename.
  public enum Quorum {
    /// They do: a write succeeds while any `w` members live.
    SLOPPY,
    /// Only owners count.
    STRICT
  }

  /// What becomes of writes that did not know of each other. The words are persisted: never rename.
  public enum Conflicts {
    /// All stay, until a write has seen them.
    SIBLINGS,
    /// The latest by the hybrid clock stays.
    LATEST
  }

  public static final int COPIES_DEFAULT = 3;

  /// Of a keyspace whose groups copy it.
  public static final Replication NONE =
      new Replication(0, 0, 0, Quorum.STRICT, Conflicts.LATEST, new TreeMap<>());

  /// What an eventual keyspace has where nothing is declared.
  public static final Replication DEFAULT = of(COPIES_DEFAULT);

  /// Copies the map.
  public Replication {
    perDataCentre = Collections.unmodifiableSortedMap(new TreeMap<>(perDataCentre));
  }

  /// So many copies, and the rest by default.
  public static Replication of(int copies) {
    return new Replication(
        copies,
        quorumOf(copies),
        quorumOf(copies),
        Quorum.SLOPPY,
        Conflicts.SIBLINGS,
        new TreeMap<>());
  }

  /// The fewest of `copies` that any other so many have one in common with.
  public static int quorumOf(int copies) {
    return copies / 2 + 1;
  }

  public boolean isNone() {
    return copies == 0;
  }

  /// `r`, where there are only so many copies: with fewer members than N each has one.
  public int r(int copiesNow) {
    return Math.min(r, copiesNow);
  }

  /// `w` likewise. What two quorums of all copies have in common they have of fewer, too.
  public int w(int copiesNow) {
    return Math.min(w, copiesNow);
  }

  /// What the ring is asked for.
  public Copies wanted() {
    return perDataCentre.isEmpty() ? Copies.of(copies) : Copies.perDataCentre(perDataCentre);
  }

  /// Why there can be no such replication, with the field's name and what is allowed; empty where
  /// there can.
  public Optional<String> refusal() {
    if (copies < 1 || copies > Copies.MAX) {
      return Optional.of("n is " + copies + ", allowed are 1 to " + Copies.MAX + " copies");
    }
    int sum = perDataCentre.values().stream().mapToInt(Integer::intValue).sum();
    if (!perDataCentre.isEmpty() && sum != copies) {
      return Optional.of(
          "n is "
              + copies
              + ", and placement has "
              + sum
              + " copies: leave n out, it is the sum of placement");
    }
    for (var centre : perDataCentre.entrySet()) {
      if (centre.getValue() < 1) {
        return Optional.of(
            "placement has "
                + centre.getValue()
                + " copies in data centre '"
                + centre.getKey()
                + "': leave it out, or give it 1 or more");
      }
    }
    return quorumRefusal("r", "a read", r).or(() -> quorumRefusal("w", "a write", w));
  }

  private Optional<String> quorumRefusal(String field, String what, int quorum) {
    if (quorum >= 1 && quorum <= copies) {
      return Optional.empty();
    }
    return Optional.of(
        field
            + " is "
            + quorum
            + ": "
            + (quorum < 1
                ? what + " needs 1 copy at the least"
                : what + " cannot have more copies than there are, n is " + copies)
            + "; allowed are 1 to "
            + copies);
  }
}
