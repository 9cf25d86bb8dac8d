package dev.henge.replication.causality;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What a copy of a key knows, by whole histories: of every write, all writes that its author had
/// read. Nothing is summed up, so nothing can be summed up wrongly.
final class NaiveKey {
  /// By write: what it replaced.
  private final Map<Dot, Set<Dot>> replaced = new HashMap<>();

  /// What was deleted.
  private final Set<Dot> deleted = new HashSet<>();

  void write(Set<Dot> read, Dot dot) {
    replaced.put(dot, Set.copyOf(read));
    deleted.addAll(read);
  }

  void delete(Set<Dot> read) {
    deleted.addAll(read);
  }

  void merge(NaiveKey other) {
    replaced.putAll(other.replaced);
    deleted.addAll(other.deleted);
  }

  /// Everything ever heard of: what a reader hands back.
  Set<Dot> read() {
    var all = new HashSet<>(deleted);
    all.addAll(replaced.keySet());
    return all;
  }

  /// Writes that nothing has replaced.
  Set<Dot> values() {
    var values =
        new TreeSet<>(
            java.util.Comparator.comparingLong(Dot::replica).thenComparingLong(Dot::counter));
    values.addAll(replaced.keySet());
    values.removeAll(deleted);
    return values;
  }
}
