package dev.henge.consensus.metadata;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where keys go, as of one epoch: lookups that cost no allocation.
///
/// - Threads: immutable.
public final class Routes {
  /// The groups of one keyspace by their first slots.
  private record Ranges(int[] slotFrom, GroupRecord[] groups) {}

  private final Metadata metadata;
  private final Map<Integer, Ranges> ranges = new HashMap<>();
  private final Map<String, DeclaredKeyspace> names = new HashMap<>();

  /// Ids of keyspaces with a ring, ascending, and their rings.
  private final int[] ringIds;

  private final RingRecord[] rings;

  public Routes(Metadata metadata) {
    this.metadata = metadata;
    var byKeyspace = new HashMap<Integer, List<GroupRecord>>();
    for (GroupRecord group : metadata.dataGroups()) {
      byKeyspace.computeIfAbsent(group.keyspace(), id -> new ArrayList<>()).add(group);
    }
    byKeyspace.forEach((keyspace, groups) -> ranges.put(keyspace, ranges(groups)));
    metadata.keyspaces().values().forEach(keyspace -> names.put(keyspace.name(), keyspace));
    ringIds = metadata.rings().keySet().stream().mapToInt(Integer::intValue).toArray();
    rings = metadata.rings().values().toArray(new RingRecord[0]);
  }

  public Metadata metadata() {
    return metadata;
  }

  /// The named keyspace `name`.
  public Optional<DeclaredKeyspace> keyspace(String name) {
    return Optional.ofNullable(names.get(name));
  }

  /// The group of `slot` in `keyspace`.
  ///
  /// @param keyspace its id; [Metadata#NO_KEYSPACE] for the databases
  /// @return null where this epoch knows no such keyspace, or it has a ring
  public @Nullable GroupRecord group(int keyspace, int slot) {
    Ranges found = ranges.get(keyspace);
    if (found == null) {
      return null;
    }
    int at = Arrays.binarySearch(found.slotFrom(), slot);
    return found.groups()[at >= 0 ? at : -at - 2];
  }

  /// The ring of the eventual keyspace of that id; null where this epoch knows no such one.
  public @Nullable RingRecord ring(int keyspace) {
    int at = Arrays.binarySearch(ringIds, keyspace);
    return at < 0 ? null : rings[at];
  }

  /// Every group of `keyspace`, by slot.
  public List<GroupRecord> groups(int keyspace) {
    Ranges found = ranges.get(keyspace);
    return found == null ? List.of() : List.of(found.groups());
  }

  private static Ranges ranges(List<GroupRecord> groups) {
    groups.sort((a, b) -> Integer.compare(a.slotFrom(), b.slotFrom()));
    return new Ranges(
        groups.stream().mapToInt(GroupRecord::slotFrom).toArray(),
        groups.toArray(new GroupRecord[0]));
  }
}
