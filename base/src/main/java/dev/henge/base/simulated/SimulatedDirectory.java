package dev.henge.base.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The names in one directory: as programs see them, as they are on the disk for certain, and the
/// changes between the two. Each change may be lost by itself; a rename within the directory is one
/// change.
///
/// - Threads: guarded by its [SimulatedDisk].
final class SimulatedDirectory implements SimulatedDisk.Node {
  private record Change(
      @Nullable String removed, @Nullable String added, SimulatedDisk.@Nullable Node node) {
    void applyTo(TreeMap<String, SimulatedDisk.Node> names) {
      if (removed != null) {
        names.remove(removed);
      }
      if (added != null && node != null) {
        names.put(added, node);
      }
    }
  }

  final TreeMap<String, SimulatedDisk.Node> names = new TreeMap<>();
  private final TreeMap<String, SimulatedDisk.Node> synced = new TreeMap<>();
  private final List<Change> unsynced = new ArrayList<>();

  void put(String name, SimulatedDisk.Node node) {
    change(new Change(null, name, node));
  }

  void remove(String name) {
    change(new Change(name, null, null));
  }

  void rename(String from, String to, SimulatedDisk.Node node) {
    change(new Change(from, to, node));
  }

  void sync() {
    unsynced.forEach(change -> change.applyTo(synced));
    unsynced.clear();
  }

  /// @param mapping makes the copy of each node, once per node, so that hard links stay links
  SimulatedDirectory copy(UnaryOperator<SimulatedDisk.Node> mapping) {
    var copy = new SimulatedDirectory();
    names.forEach((name, node) -> copy.names.put(name, mapping.apply(node)));
    synced.forEach((name, node) -> copy.synced.put(name, mapping.apply(node)));
    for (Change change : unsynced) {
      var node = change.node;
      copy.unsynced.add(
          new Change(change.removed, change.added, node == null ? null : mapping.apply(node)));
    }
    return copy;
  }

  /// What is found after a power loss.
  SimulatedDirectory afterCrash(
      CrashStyle style, SplittableRandom random, UnaryOperator<SimulatedDisk.Node> mapping) {
    var found = new TreeMap<>(synced);
    int kept = random.nextInt(unsynced.size() + 1);
    for (int i = 0; i < unsynced.size(); i++) {
      boolean keep =
          switch (style) {
            case LOSE_ALL -> false;
            case KEEP_ALL -> true;
            case REORDER, TEAR_SECTORS, TEAR_PAGES -> random.nextBoolean();
            case PREFIX -> i < kept;
          };
      if (keep) {
        unsynced.get(i).applyTo(found);
      }
    }
    var copy = new SimulatedDirectory();
    found.forEach((name, node) -> copy.put(name, mapping.apply(node)));
    copy.sync();
    return copy;
  }

  private void change(Change change) {
    change.applyTo(names);
    unsynced.add(change);
  }
}
