package dev.henge.consensus.metadata;

import dev.henge.base.Slots;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.metadata.Member.State;
import dev.henge.consensus.metadata.MetadataOutcome.Refusal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// What each command does: pure, and the same on every node.
///
/// - Invariants kept: (1) each change is one epoch; (2) numbers and ids are never reused; (3) a
///   group has a voter, and every member of its target is known; (4) a member is removed only when
///   no group can count on a replica there, and no ring; (5) a barred node is never a member.
/// - Commands may come twice, and late: what is so already is answered `Unchanged`, and what was
///   decided by an older state of its object is refused as stale.
public final class MetadataRules {
  /// Every node keeps a connection to every other.
  static final int MEMBERS_MAX = 256;

  /// Key and value of a replicated keyspace: what a write has besides is far less than the rest.
  private static final int OBJECT_BYTES_MAX = GroupOptions.COMMAND_BYTES_MAX - 1024;

  /// The metadata after a command, and what to tell whoever gave it.
  public record Transition(Metadata metadata, MetadataOutcome outcome) {}

  private MetadataRules() {}

  /// The metadata after `command`.
  public static Transition apply(Metadata metadata, MetadataCommand command) {
    if (command instanceof MetadataCommand.FoundCluster found) {
      return found(metadata, found);
    }
    if (!metadata.founded()) {
      return refused(metadata, Refusal.NOT_FOUNDED, "there is no cluster yet");
    }
    return switch (command) {
      case MetadataCommand.FoundCluster found -> found(metadata, found);
      case MetadataCommand.AdmitMember admit -> admit(metadata, admit);
      case MetadataCommand.UpdateMember update -> update(metadata, update);
      case MetadataCommand.MemberUp up -> up(metadata, up);
      case MetadataCommand.LeaveMember leave -> leave(metadata, leave);
      case MetadataCommand.StayMember stay -> stay(metadata, stay);
      case MetadataCommand.RemoveMember remove -> remove(metadata, remove);
      case MetadataCommand.DeclareKeyspace declare -> declare(metadata, declare);
      case MetadataCommand.ReplicateGroup replicate -> replicate(metadata, replicate);
      case MetadataCommand.SetTarget target -> target(metadata, target);
      case MetadataCommand.ConfirmTarget confirm -> confirm(metadata, confirm);
      case MetadataCommand.PreferLeader prefer -> prefer(metadata, prefer);
      case MetadataCommand.DeclareEventual declare -> RingRules.declare(metadata, declare);
      case MetadataCommand.SetRing set -> RingRules.set(metadata, set);
      case MetadataCommand.RingReady ready -> RingRules.ready(metadata, ready);
      case MetadataCommand.ConfirmRing confirm -> RingRules.confirm(metadata, confirm);
      case MetadataCommand.RingReleased released -> RingRules.released(metadata, released);
    };
  }

  private static Transition found(Metadata metadata, MetadataCommand.FoundCluster command) {
    if (metadata.founded()) {
      return metadata.clusterId().equals(command.clusterId())
          ? unchanged(metadata, 1)
          : refused(
              metadata,
              Refusal.ALREADY_FOUNDED,
              "this is cluster " + metadata.clusterId() + ": two clusters never merge");
    }
    var members = new TreeMap<Long, Member>();
    members.put(1L, new Member(1, command.founder(), State.UP, 0));
    var keyspaces = new TreeMap<Integer, DeclaredKeyspace>();
    var groups = new TreeMap<Long, GroupRecord>();
    Replicas founder = Replicas.ofVoters(List.of(1L));
    groups.put(
        Metadata.METADATA_GROUP,
        whole(Metadata.METADATA_GROUP, Metadata.NO_KEYSPACE, GroupRecord.Form.REPLICATED, founder));
    groups.put(
        Metadata.DATABASES_GROUP,
        whole(Metadata.DATABASES_GROUP, Metadata.NO_KEYSPACE, GroupRecord.Form.LOCAL, founder));
    long nextGroup = Metadata.EMPTY.nextGroup();
    for (DeclaredKeyspace keyspace : command.keyspaces()) {
      keyspaces.put(keyspace.id(), keyspace);
      groups.put(nextGroup, whole(nextGroup, keyspace.id(), GroupRecord.Form.LOCAL, founder));
      nextGroup++;
    }
    var founded =
        new Metadata(
            1,
            command.clusterId(),
            members,
            new TreeSet<>(),
            keyspaces,
            groups,
            new TreeMap<>(),
            2,
            command.nextKeyspace(),
            nextGroup);
    return changed(founded, 1);
  }

  private static Transition admit(Metadata metadata, MetadataCommand.AdmitMember command) {
    NodeDescription node = command.node();
    if (metadata.barred().contains(node.id())) {
      return barred(metadata, node.id());
    }
    Optional<Member> there = metadata.member(node.id());
    if (there.isPresent()) {
      return replaced(metadata, there.get(), node);
    }
    if (metadata.members().size() >= MEMBERS_MAX) {
      return refused(
          metadata, Refusal.TOO_MANY, "a cluster has at most " + MEMBERS_MAX + " members");
    }
    long number = metadata.nextMember();
    return changed(metadata.with(new Member(number, node, State.JOINING, 0)), number);
  }

  private static Transition update(Metadata metadata, MetadataCommand.UpdateMember command) {
    if (metadata.barred().contains(command.node().id())) {
      return barred(metadata, command.node().id());
    }
    Optional<Member> member = metadata.member(command.member());
    if (member.isEmpty() || !member.get().node().id().equals(command.node().id())) {
      return unknownMember(metadata, command.member());
    }
    return replaced(metadata, member.get(), command.node());
  }

  private static Transition replaced(Metadata metadata, Member member, NodeDescription node) {
    if (member.node().equals(node)) {
      return unchanged(metadata, member.number());
    }
    if (node.incarnation() < member.node().incarnation()) {
      return refused(
          metadata,
          Refusal.STALE,
          "member " + member.number() + " started again since then, with another address perhaps");
    }
    return changed(metadata.with(member.with(node)), member.number());
  }

  private static Transition up(Metadata metadata, MetadataCommand.MemberUp command) {
    Optional<Member> member = metadata.member(command.member());
    if (member.isEmpty()) {
      return unknownMember(metadata, command.member());
    }
    return switch (member.get().state()) {
      case UP -> unchanged(metadata, command.member());
      case LEAVING -> wrongState(metadata, member.get(), "it is leaving");
      case JOINING -> changed(metadata.with(member.get().with(State.UP, 0)), command.member());
    };
  }

  private static Transition leave(Metadata metadata, MetadataCommand.LeaveMember command) {
    Optional<Member> member = metadata.member(command.member());
    if (member.isEmpty()) {
      return unknownMember(metadata, command.member());
    }
    if (command.successor() != 0) {
      Optional<Member> successor = metadata.member(command.successor());
      if (successor.isEmpty()) {
        return unknownMember(metadata, command.successor());
      }
      if (command.successor() == command.member()) {
        return refused(metadata, Refusal.INVALID, "a member cannot replace itself");
      }
      if (successor.get().state() == State.LEAVING) {
        return wrongState(metadata, successor.get(), "it is leaving, too");
      }
    }
    if (member.get().state() == State.LEAVING && member.get().successor() == command.successor()) {
      return unchanged(metadata, command.member());
    }
    boolean another =
        metadata.members().values().stream()
            .anyMatch(other -> other.number() != command.member() && other.state() == State.UP);
    if (!another) {
      return refused(
          metadata,
          Refusal.LAST_MEMBER,
          "member " + command.member() + " is the last one that is up and stays");
    }
    return changed(
        metadata.with(member.get().with(State.LEAVING, command.successor())), command.member());
  }

  private static Transition stay(Metadata metadata, MetadataCommand.StayMember command) {
    Optional<Member> member = metadata.member(command.member());
    if (member.isEmpty()) {
      return unknownMember(metadata, command.member());
    }
    // Back to the beginning: whether it follows the metadata is found out again.
    return member.get().state() == State.LEAVING
        ? changed(metadata.with(member.get().with(State.JOINING, 0)), command.member())
        : unchanged(metadata, command.member());
  }

  private static Transition remove(Metadata metadata, MetadataCommand.RemoveMember command) {
    Optional<Member> member = metadata.member(command.member());
    if (member.isEmpty()) {
      // Numbers are never reused: it was there and was removed.
      return command.member() > 0 && command.member() < metadata.nextMember()
          ? unchanged(metadata, command.member())
          : unknownMember(metadata, command.member());
    }
    if (member.get().state() != State.LEAVING) {
      return wrongState(metadata, member.get(), "it was not told to leave");
    }
    for (GroupRecord group : metadata.groups().values()) {
      if (group.holders().contains(command.member())) {
        return refused(
            metadata,
            Refusal.IN_USE,
            "group " + group.id() + " may still count on member " + command.member());
      }
    }
    for (RingRecord ring : metadata.rings().values()) {
      if (ring.holders().contains(command.member())) {
        return refused(
            metadata,
            Refusal.IN_USE,
            "keyspace " + ring.keyspace() + " may still count on member " + command.member());
      }
    }
    return changed(metadata.without(member.get()), command.member());
  }

  private static Transition declare(Metadata metadata, MetadataCommand.DeclareKeyspace command) {
    Optional<Transition> known =
        known(metadata, command.name(), command.declaration(), command.most());
    if (known.isPresent()) {
      return known.get();
    }
    if (command.declaration().isEventual()) {
      return refused(metadata, Refusal.INVALID, "an eventual keyspace has no groups");
    }
    int count = command.declaration().groups();
    if (count < 1
        || count > KeyspaceDeclaration.GROUPS_LIMIT
        || count != command.placement().size()) {
      return refused(
          metadata,
          Refusal.INVALID,
          count + " groups are declared, and " + command.placement().size() + " placed");
    }
    // A local group of a node that has just got company is replicated next.
    boolean replicated =
        command.form() == GroupRecord.Form.REPLICATED || metadata.members().size() > 1;
    Optional<String> unserved = replicated ? unserved(command.declaration()) : Optional.empty();
    if (unserved.isPresent()) {
      return refused(metadata, Refusal.NOT_SERVED, unserved.get());
    }
    for (Replicas replicas : command.placement()) {
      Optional<Transition> refusal = unfit(metadata, replicas, true);
      if (refusal.isPresent()) {
        return refusal.get();
      }
    }
    int id = metadata.nextKeyspace();
    var keyspaces = new TreeMap<>(metadata.keyspaces());
    keyspaces.put(id, new DeclaredKeyspace(command.name(), id, command.declaration()));
    var groups = new TreeMap<>(metadata.groups());
    long nextGroup = metadata.nextGroup();
    for (int i = 0; i < count; i++) {
      Replicas replicas = command.placement().get(i);
      int from = (int) ((long) Slots.COUNT * i / count);
      int to = (int) ((long) Slots.COUNT * (i + 1) / count);
      // Leaders in turn: the planner evens out what is left.
      var voters = List.copyOf(replicas.voters());
      long leader = voters.get((int) (nextGroup % voters.size()));
      groups.put(
          nextGroup, GroupRecord.begun(nextGroup, id, from, to, command.form(), replicas, leader));
      nextGroup++;
    }
    return changed(
        metadata.next(
            metadata.members(),
            metadata.barred(),
            keyspaces,
            groups,
            metadata.rings(),
            metadata.nextMember(),
            id + 1,
            nextGroup),
        id);
  }

  /// Why groups of several replicas cannot do what is declared; empty where they can.
  private static Optional<String> unserved(KeyspaceDeclaration declaration) {
    if (declaration.durability() != Durability.FSYNC) {
      return Optional.of(
          "durability "
              + declaration.durability().name().toLowerCase(Locale.ROOT)
              + " is served by a node alone, in one group: replicas sync every write, or one that"
              + " lost its last ones could vote as if it had them; declare fsync");
    }
    return tooLong(declaration);
  }

  /// Why objects as long as declared cannot be sent to replicas; empty where they can.
  static Optional<String> tooLong(KeyspaceDeclaration declaration) {
    long longest = (long) declaration.keyBytesMax() + declaration.valueBytesMax();
    return longest > OBJECT_BYTES_MAX
        ? Optional.of(
            "keys and values of together more than "
                + OBJECT_BYTES_MAX
                + " bytes are not served by replicated keyspaces yet: limits.valueBytes is too"
                + " large")
        : Optional.empty();
  }

  /// What to answer where a keyspace of that name is there, or where there may be no more.
  static Optional<Transition> known(
      Metadata metadata, String name, KeyspaceDeclaration declaration, int most) {
    Optional<DeclaredKeyspace> there = metadata.keyspace(name);
    if (there.isPresent()) {
      Optional<String> difference = there.get().declaration().difference(declaration);
      return Optional.of(
          difference.isPresent()
              ? refused(metadata, Refusal.DIFFERS, difference.get())
              : unchanged(metadata, there.get().id()));
    }
    return metadata.keyspaces().size() >= most
        ? Optional.of(
            refused(
                metadata, Refusal.TOO_MANY, "at most " + most + " named keyspaces may be there"))
        : Optional.empty();
  }

  private static Transition replicate(Metadata metadata, MetadataCommand.ReplicateGroup command) {
    Optional<GroupRecord> group = metadata.group(command.group());
    if (group.isEmpty()) {
      return unknownGroup(metadata, command.group());
    }
    return group.get().form() == GroupRecord.Form.REPLICATED
        ? unchanged(metadata, command.group())
        : changed(metadata.with(group.get().replicated()), command.group());
  }

  private static Transition target(Metadata metadata, MetadataCommand.SetTarget command) {
    Optional<GroupRecord> found = metadata.group(command.group());
    if (found.isEmpty()) {
      return unknownGroup(metadata, command.group());
    }
    GroupRecord group = found.get();
    if (group.target().equals(command.target())) {
      return unchanged(metadata, command.group());
    }
    if (group.change() != command.change()) {
      return stale(metadata, group);
    }
    if (group.form() == GroupRecord.Form.LOCAL) {
      return refused(metadata, Refusal.INVALID, "group " + group.id() + " is not replicated yet");
    }
    if (group.change() == group.foundedChange() && !group.settled()) {
      return refused(metadata, Refusal.STALE, "group " + group.id() + " is not founded yet");
    }
    Optional<Transition> refusal = unfit(metadata, command.target(), false);
    return refusal.isPresent()
        ? refusal.get()
        : changed(metadata.with(group.aimingAt(command.target())), command.group());
  }

  private static Transition confirm(Metadata metadata, MetadataCommand.ConfirmTarget command) {
    Optional<GroupRecord> found = metadata.group(command.group());
    if (found.isEmpty()) {
      return unknownGroup(metadata, command.group());
    }
    GroupRecord group = found.get();
    if (group.change() != command.change()) {
      return stale(metadata, group);
    }
    return group.settled()
        ? unchanged(metadata, command.group())
        : changed(metadata.with(group.reached()), command.group());
  }

  private static Transition prefer(Metadata metadata, MetadataCommand.PreferLeader command) {
    Optional<GroupRecord> found = metadata.group(command.group());
    if (found.isEmpty()) {
      return unknownGroup(metadata, command.group());
    }
    GroupRecord group = found.get();
    if (!group.target().voters().contains(command.member())) {
      return refused(
          metadata,
          Refusal.STALE,
          "member " + command.member() + " is no voter of group " + group.id());
    }
    return group.preferredLeader() == command.member()
        ? unchanged(metadata, command.group())
        : changed(metadata.with(group.preferring(command.member())), command.group());
  }

  /// Why `replicas` cannot hold a group.
  ///
  /// @param upOnly whether voters must be up: they found the group
  private static Optional<Transition> unfit(Metadata metadata, Replicas replicas, boolean upOnly) {
    if (replicas.voters().isEmpty()) {
      return Optional.of(refused(metadata, Refusal.LAST_VOTER, "a group needs a voter"));
    }
    for (long number : replicas.members()) {
      Optional<Member> member = metadata.member(number);
      if (member.isEmpty()) {
        return Optional.of(unknownMember(metadata, number));
      }
      if (upOnly && member.get().state() != State.UP) {
        return Optional.of(
            refused(metadata, Refusal.STALE, "member " + number + " is not up any more"));
      }
    }
    return replicas.voters().stream().anyMatch(replicas.learners()::contains)
        ? Optional.of(refused(metadata, Refusal.INVALID, "a voter is no learner"))
        : Optional.empty();
  }

  private static GroupRecord whole(
      long id, int keyspace, GroupRecord.Form form, Replicas replicas) {
    return GroupRecord.begun(
        id, keyspace, 0, Slots.COUNT, form, replicas, replicas.voters().first());
  }

  static Transition changed(Metadata metadata, long subject) {
    return new Transition(metadata, new MetadataOutcome.Changed(metadata.epoch(), subject));
  }

  static Transition unchanged(Metadata metadata, long subject) {
    return new Transition(metadata, new MetadataOutcome.Unchanged(metadata.epoch(), subject));
  }

  static Transition refused(Metadata metadata, Refusal refusal, String text) {
    return new Transition(metadata, new MetadataOutcome.Refused(metadata.epoch(), refusal, text));
  }

  private static Transition barred(Metadata metadata, String id) {
    return refused(
        metadata,
        Refusal.BARRED,
        "node "
            + id
            + " was removed from cluster "
            + metadata.clusterId()
            + ": it can only come back with an empty data directory, as a new node");
  }

  static Transition unknownMember(Metadata metadata, long member) {
    return refused(metadata, Refusal.UNKNOWN_MEMBER, "there is no member " + member);
  }

  private static Transition unknownGroup(Metadata metadata, long group) {
    return refused(metadata, Refusal.UNKNOWN_GROUP, "there is no group " + group);
  }

  private static Transition wrongState(Metadata metadata, Member member, String why) {
    return refused(metadata, Refusal.WRONG_STATE, "member " + member.number() + ": " + why);
  }

  private static Transition stale(Metadata metadata, GroupRecord group) {
    return refused(
        metadata,
        Refusal.STALE,
        "group " + group.id() + " is at change " + group.change() + " already");
  }
}
