package dev.henge.consensus.metadata;

import dev.henge.data.DatabaseIds;
import java.util.Collection;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that all nodes agree on: who is in the cluster, which keyspaces and groups there are,
/// and where. A value; the next epoch is another one.
///
/// @param epoch how many changes led here; 0 before the cluster was founded
/// @param clusterId 32 hexadecimal digits, drawn by the founding node; empty at epoch 0
/// @param members by number
/// @param barred ids of nodes that were removed, for ever
/// @param keyspaces the named ones by id
/// @param groups by id
/// @param rings of the eventual keyspaces, by the keyspace's id
/// @param nextMember the number of the next member, above every one there ever was
/// @param nextKeyspace likewise
/// @param nextGroup likewise
public record Metadata(
    long epoch,
    String clusterId,
    SortedMap<Long, Member> members,
    SortedSet<String> barred,
    SortedMap<Integer, DeclaredKeyspace> keyspaces,
    SortedMap<Long, GroupRecord> groups,
    SortedMap<Integer, RingRecord> rings,
    long nextMember,
    int nextKeyspace,
    long nextGroup) {
  /// The group that holds the metadata. Persisted: never renumber.
  public static final long METADATA_GROUP = 0;

  /// The group of databases 0-15. Persisted: never renumber.
  public static final long DATABASES_GROUP = 1;

  /// In place of a keyspace's id where a group belongs to none.
  public static final int NO_KEYSPACE = -1;

  /// Before a cluster is founded.
  public static final Metadata EMPTY =
      new Metadata(
          0,
          "",
          new TreeMap<>(),
          new TreeSet<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          1,
          DatabaseIds.FIRST_NAMED,
          DATABASES_GROUP + 1);

  /// Copies the maps.
  public Metadata {
    members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    barred = Collections.unmodifiableSortedSet(new TreeSet<>(barred));
    keyspaces = Collections.unmodifiableSortedMap(new TreeMap<>(keyspaces));
    groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
    rings = Collections.unmodifiableSortedMap(new TreeMap<>(rings));
  }

  /// Whether there is a cluster yet.
  public boolean founded() {
    return epoch > 0;
  }

  public Optional<Member> member(long number) {
    return Optional.ofNullable(members.get(number));
  }

  /// The member that the node `id` is.
  public Optional<Member> member(String id) {
    return members.values().stream().filter(member -> member.node().id().equals(id)).findFirst();
  }

  public Optional<GroupRecord> group(long id) {
    return Optional.ofNullable(groups.get(id));
  }

  /// The owners of an eventual keyspace's slots.
  public Optional<RingRecord> ring(int keyspace) {
    return Optional.ofNullable(rings.get(keyspace));
  }

  public Optional<DeclaredKeyspace> keyspace(String name) {
    return keyspaces.values().stream().filter(keyspace -> keyspace.name().equals(name)).findFirst();
  }

  /// The metadata's own group, once there is a cluster.
  public GroupRecord metadataGroup() {
    return Objects.requireNonNull(groups.get(METADATA_GROUP), "a cluster has its metadata group");
  }

  /// Groups that hold data: all but the metadata's own.
  public Collection<GroupRecord> dataGroups() {
    return groups.tailMap(DATABASES_GROUP).values();
  }

  Metadata next(
      SortedMap<Long, Member> newMembers,
      SortedSet<String> newBarred,
      SortedMap<Integer, DeclaredKeyspace> newKeyspaces,
      SortedMap<Long, GroupRecord> newGroups,
      SortedMap<Integer, RingRecord> newRings,
      long newNextMember,
      int newNextKeyspace,
      long newNextGroup) {
    return new Metadata(
        epoch + 1,
        clusterId,
        newMembers,
        newBarred,
        newKeyspaces,
        newGroups,
        newRings,
        newNextMember,
        newNextKeyspace,
        newNextGroup);
  }

  /// The next epoch, with `member` in place of what had its number.
  Metadata with(Member member) {
    var changed = new TreeMap<>(members);
    changed.put(member.number(), member);
    return next(
        changed,
        barred,
        keyspaces,
        groups,
        rings,
        Math.max(nextMember, member.number() + 1),
        nextKeyspace,
        nextGroup);
  }

  /// The next epoch, with `group` in place of what had its id.
  Metadata with(GroupRecord group) {
    var changed = new TreeMap<>(groups);
    changed.put(group.id(), group);
    return next(members, barred, keyspaces, changed, rings, nextMember, nextKeyspace, nextGroup);
  }

  /// The next epoch, with `ring` in place of what its keyspace had.
  Metadata with(RingRecord ring) {
    var changed = new TreeMap<>(rings);
    changed.put(ring.keyspace(), ring);
    return next(members, barred, keyspaces, groups, changed, nextMember, nextKeyspace, nextGroup);
  }

  /// The next epoch, without `member`, whose node never comes back.
  Metadata without(Member member) {
    var changed = new TreeMap<>(members);
    changed.remove(member.number());
    var more = new TreeSet<>(barred);
    more.add(member.node().id());
    return next(changed, more, keyspaces, groups, rings, nextMember, nextKeyspace, nextGroup);
  }
}
