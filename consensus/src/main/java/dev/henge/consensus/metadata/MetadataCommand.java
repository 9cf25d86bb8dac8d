package dev.henge.consensus.metadata;

import dev.henge.base.ring.SlotTable;
import java.util.List;

/// A change of the metadata that somebody wants.
public sealed interface MetadataCommand {
  /// The first command of all: a cluster of one.
  ///
  /// @param founder becomes member 1
  /// @param keyspaces that its directory has already, each a local group
  /// @param nextKeyspace above every id that a keyspace of the directory ever had
  record FoundCluster(
      String clusterId, NodeDescription founder, List<DeclaredKeyspace> keyspaces, int nextKeyspace)
      implements MetadataCommand {}

  /// A node wants in. Its number is the outcome's subject; a member already is told its own.
  record AdmitMember(NodeDescription node) implements MetadataCommand {}

  /// A member has another address, place, capacity or incarnation than before.
  record UpdateMember(long member, NodeDescription node) implements MetadataCommand {}

  /// A joining member follows the metadata.
  record MemberUp(long member) implements MetadataCommand {}

  /// A member shall hand everything over.
  ///
  /// @param successor gets its replicas where it can; 0 for nobody in particular
  record LeaveMember(long member, long successor) implements MetadataCommand {}

  /// A leaving member stays after all.
  record StayMember(long member) implements MetadataCommand {}

  /// A leaving member that holds nothing any more is forgotten, and its node barred.
  record RemoveMember(long member) implements MetadataCommand {}

  /// A named keyspace shall be there; its id is the outcome's subject.
  ///
  /// @param most how many keyspaces there may be
  /// @param form of its groups
  /// @param placement voters of each of its groups, which share the slots evenly in this order
  record DeclareKeyspace(
      String name,
      KeyspaceDeclaration declaration,
      int most,
      GroupRecord.Form form,
      List<Replicas> placement)
      implements MetadataCommand {}

  /// A named eventual keyspace shall be there; its id is the outcome's subject.
  ///
  /// @param most how many keyspaces there may be
  /// @param table the first owners of its slots
  record DeclareEventual(String name, KeyspaceDeclaration declaration, int most, SlotTable table)
      implements MetadataCommand {}

  /// The slots of an eventual keyspace shall have these owners; where they are those in force, the
  /// change under way is given up.
  ///
  /// @param change the ring's number of change that this decision was made at
  record SetRing(int keyspace, long change, SlotTable next) implements MetadataCommand {}

  /// A joining owner has proved the ranges that it gets by the change of that number.
  record RingReady(int keyspace, long change, long member) implements MetadataCommand {}

  /// The change of that number shall be in force: every joining owner is ready.
  record ConfirmRing(int keyspace, long change) implements MetadataCommand {}

  /// A member that owns nothing of the keyspace any more, as of that change, has handed over
  /// everything that it held: nobody counts on it.
  record RingReleased(int keyspace, long change, long member) implements MetadataCommand {}

  /// A local group becomes a Raft group of its owner.
  record ReplicateGroup(long group) implements MetadataCommand {}

  /// A group shall have these replicas.
  ///
  /// @param change the group's number of change that this decision was made at
  record SetTarget(long group, long change, Replicas target) implements MetadataCommand {}

  /// The group's configuration is the target of that number.
  record ConfirmTarget(long group, long change) implements MetadataCommand {}

  /// That member should lead the group.
  record PreferLeader(long group, long member) implements MetadataCommand {}
}
