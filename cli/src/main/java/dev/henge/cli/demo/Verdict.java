package dev.henge.cli.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Judges what a restarted server holds by what it had acknowledged before it was killed.
///
/// - An acknowledged write must be there.
/// - A write that was sent and not acknowledged may be there or not, as a whole.
/// - A key that was not written must hold what it held.
/// - Threads: one.
final class Verdict {
  /// What became of one key.
  enum Fate {
    /// Acknowledged and there.
    KEPT(true),
    /// Sent, not acknowledged, there.
    APPLIED(true),
    /// Sent, not acknowledged, not there: the key holds what it held.
    NOT_APPLIED(true),
    /// Never sent: the key holds what it held.
    UNTOUCHED(true),
    /// Acknowledged and gone: the key holds what it held before.
    LOST(false),
    /// The key holds neither what it held before nor what was written.
    TORN(false);

    private final boolean good;

    Fate(boolean good) {
      this.good = good;
    }
  }

  /// Bad keys that are named; more are only counted.
  private static final int NAMED_COUNT = 10;

  private final Map<Fate, Integer> counts = new EnumMap<>(Fate.class);
  private final List<String> complaints = new ArrayList<>();

  /// Judges a key to which a write was sent.
  ///
  /// @param before what the key held before the write, null for nothing
  /// @param after what was written, null for a deletion; differs from `before`
  /// @param found what the key holds now
  Fate judgeWritten(
      byte[] key,
      boolean acknowledged,
      byte @Nullable [] before,
      byte @Nullable [] after,
      byte @Nullable [] found) {
    if (Arrays.equals(found, after)) {
      return note(key, acknowledged ? Fate.KEPT : Fate.APPLIED, found);
    }
    if (Arrays.equals(found, before)) {
      return note(key, acknowledged ? Fate.LOST : Fate.NOT_APPLIED, found);
    }
    return note(key, Fate.TORN, found);
  }

  /// Judges a key to which no write was sent.
  Fate judgeUntouched(byte[] key, byte @Nullable [] before, byte @Nullable [] found) {
    return note(key, Arrays.equals(found, before) ? Fate.UNTOUCHED : Fate.TORN, found);
  }

  int count(Fate fate) {
    return counts.getOrDefault(fate, 0);
  }

  /// Keys judged.
  int total() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// Whether every key is as it must be.
  boolean good() {
    return counts.keySet().stream().allMatch(fate -> fate.good);
  }

  /// The first bad keys, one line each.
  List<String> complaints() {
    return complaints;
  }

  private Fate note(byte[] key, Fate fate, byte @Nullable [] found) {
    counts.merge(fate, 1, Integer::sum);
    if (!fate.good && complaints.size() < NAMED_COUNT) {
      String name = new String(key, StandardCharsets.UTF_8);
      complaints.add(
          fate + " " + name + (found == null ? ", absent" : ", holds " + found.length + " bytes"));
    }
    return fate;
  }
}
