package dev.henge.consensus.metadata;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// A group and its replicas.
///
/// A change of replicas has two phases: a target with a number of its own, and the confirmation of
/// that number once the group's configuration *is* the target. Nobody drops a replica in between.
///
/// @param id never reused; 0 is the metadata, 1 are databases 0-15
/// @param keyspace id of its keyspace; -1 for metadata and databases
/// @param slotFrom first slot of the keyspace that it holds
/// @param slotTo the slot behind its last
/// @param form how it is replicated
/// @param change number of the target, from 1; rises with each new one
/// @param foundedChange the change at which the group began in its form: whoever is of that target
///   founds it, everybody later is given a copy
/// @param confirmedChange the newest change that was confirmed
/// @param holders whoever may hold a replica that counts: of the confirmed configuration and of
///   every target since
/// @param preferredLeader one of the target's voters
public record GroupRecord(
    long id,
    int keyspace,
    int slotFrom,
    int slotTo,
    Form form,
    long change,
    long foundedChange,
    Replicas target,
    long confirmedChange,
    Replicas confirmed,
    SortedSet<Long> holders,
    long preferredLeader) {
  /// The words are persisted: never rename.
  public enum Form {
    /// One replica, whose engine's own log is the group's.
    LOCAL,
    /// A Raft group.
    REPLICATED
  }

  /// Copies the set.
  public GroupRecord {
    holders = Collections.unmodifiableSortedSet(new TreeSet<>(holders));
  }

  /// A group that begins with `replicas`.
  static GroupRecord begun(
      long id, int keyspace, int slotFrom, int slotTo, Form form, Replicas replicas, long leader) {
    return new GroupRecord(
        id,
        keyspace,
        slotFrom,
        slotTo,
        form,
        1,
        1,
        replicas,
        1,
        replicas,
        replicas.members(),
        leader);
  }

  /// Whether the target is reached.
  public boolean settled() {
    return change == confirmedChange;
  }

  /// The one replica of a local group.
  public long owner() {
    return target.voters().first();
  }

  GroupRecord aimingAt(Replicas next) {
    var holding = new TreeSet<>(holders);
    holding.addAll(next.members());
    return new GroupRecord(
        id,
        keyspace,
        slotFrom,
        slotTo,
        form,
        change + 1,
        foundedChange,
        next,
        confirmedChange,
        confirmed,
        holding,
        next.voters().contains(preferredLeader) ? preferredLeader : next.voters().first());
  }

  GroupRecord reached() {
    return new GroupRecord(
        id,
        keyspace,
        slotFrom,
        slotTo,
        form,
        change,
        foundedChange,
        target,
        change,
        target,
        target.members(),
        preferredLeader);
  }

  /// As a Raft group of the owner alone, to be confirmed when the owner has turned it into one.
  GroupRecord replicated() {
    return new GroupRecord(
        id,
        keyspace,
        slotFrom,
        slotTo,
        Form.REPLICATED,
        change + 1,
        change + 1,
        target,
        confirmedChange,
        confirmed,
        holders,
        preferredLeader);
  }

  GroupRecord preferring(long leader) {
    return new GroupRecord(
        id,
        keyspace,
        slotFrom,
        slotTo,
        form,
        change,
        foundedChange,
        target,
        confirmedChange,
        confirmed,
        holders,
        leader);
  }
}
