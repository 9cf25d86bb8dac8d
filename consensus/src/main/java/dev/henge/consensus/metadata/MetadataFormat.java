package dev.henge.consensus.metadata;

import dev.henge.base.FormatException;
import dev.henge.base.ring.SlotTable;
import dev.henge.consensus.metadata.MetadataOutcome.Refusal;
import dev.henge.storage.lsm.table.Compression;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Metadata, commands and outcomes as bytes (FORMAT.md).
///
/// - Versions: each thing is written in the oldest version that can hold it, and every version up
///   to [#FORMAT_VERSION] is read. So nodes of an older program follow until the first eventual
///   keyspace is made, and stop then with an error that names the version.
/// - Errors: bytes of another format or version are a [FormatException].
/// - Threads: stateless.
public final class MetadataFormat {
  /// The newest of everything here: 2 adds eventual keyspaces and their rings. Persisted: a program
  /// that finds a newer one refuses it.
  static final int FORMAT_VERSION = 2;

  /// What everything is written in that has to do with groups only.
  static final int GROUPS_ONLY = 1;

  private MetadataFormat() {}

  public static byte[] encode(Metadata metadata) {
    var out = new FieldWriter();
    out.number(version(metadata));
    write(out, metadata);
    return out.bytes();
  }

  public static Metadata decode(byte[] bytes) throws FormatException {
    var in = new FieldReader("metadata", bytes);
    Metadata metadata = metadata(in, version(in));
    in.end();
    return metadata;
  }

  public static byte[] encode(MetadataCommand command) {
    var out = new FieldWriter();
    int version = version(command);
    out.number(version);
    // The codes are persisted: never renumber.
    switch (command) {
      case MetadataCommand.FoundCluster found -> {
        out.number(1);
        out.text(found.clusterId());
        write(out, found.founder());
        out.list(found.keyspaces(), keyspace -> write(out, keyspace, version));
        out.number(found.nextKeyspace());
      }
      case MetadataCommand.AdmitMember admit -> {
        out.number(2);
        write(out, admit.node());
      }
      case MetadataCommand.UpdateMember update -> {
        out.number(3);
        out.number(update.member());
        write(out, update.node());
      }
      case MetadataCommand.MemberUp up -> {
        out.number(4);
        out.number(up.member());
      }
      case MetadataCommand.LeaveMember leave -> {
        out.number(5);
        out.number(leave.member());
        out.number(leave.successor());
      }
      case MetadataCommand.StayMember stay -> {
        out.number(6);
        out.number(stay.member());
      }
      case MetadataCommand.RemoveMember remove -> {
        out.number(7);
        out.number(remove.member());
      }
      case MetadataCommand.DeclareKeyspace declare -> {
        out.number(8);
        out.text(declare.name());
        write(out, declare.declaration(), version);
        out.number(declare.most());
        out.word(declare.form());
        out.list(declare.placement(), replicas -> write(out, replicas));
      }
      case MetadataCommand.ReplicateGroup replicate -> {
        out.number(9);
        out.number(replicate.group());
      }
      case MetadataCommand.SetTarget target -> {
        out.number(10);
        out.number(target.group());
        out.number(target.change());
        write(out, target.target());
      }
      case MetadataCommand.ConfirmTarget confirm -> {
        out.number(11);
        out.number(confirm.group());
        out.number(confirm.change());
      }
      case MetadataCommand.PreferLeader prefer -> {
        out.number(12);
        out.number(prefer.group());
        out.number(prefer.member());
      }
      case MetadataCommand.DeclareEventual declare -> {
        out.number(13);
        out.text(declare.name());
        write(out, declare.declaration(), version);
        out.number(declare.most());
        SlotTableFormat.write(out, declare.table());
      }
      case MetadataCommand.SetRing set -> {
        out.number(14);
        out.number(set.keyspace());
        out.number(set.change());
        SlotTableFormat.write(out, set.next());
      }
      case MetadataCommand.RingReady ready -> {
        out.number(15);
        out.number(ready.keyspace());
        out.number(ready.change());
        out.number(ready.member());
      }
      case MetadataCommand.ConfirmRing confirm -> {
        out.number(16);
        out.number(confirm.keyspace());
        out.number(confirm.change());
      }
      case MetadataCommand.RingReleased released -> {
        out.number(17);
        out.number(released.keyspace());
        out.number(released.change());
        out.number(released.member());
      }
    }
    return out.bytes();
  }

  public static MetadataCommand decodeCommand(byte[] bytes) throws FormatException {
    var in = new FieldReader("metadata command", bytes);
    int version = version(in);
    int code = in.number();
    MetadataCommand command =
        switch (code) {
          case 1 ->
              new MetadataCommand.FoundCluster(
                  in.text(), node(in), in.list(() -> keyspace(in, version)), in.number());
          case 2 -> new MetadataCommand.AdmitMember(node(in));
          case 3 -> new MetadataCommand.UpdateMember(in.longNumber(), node(in));
          case 4 -> new MetadataCommand.MemberUp(in.longNumber());
          case 5 -> new MetadataCommand.LeaveMember(in.longNumber(), in.longNumber());
          case 6 -> new MetadataCommand.StayMember(in.longNumber());
          case 7 -> new MetadataCommand.RemoveMember(in.longNumber());
          case 8 ->
              new MetadataCommand.DeclareKeyspace(
                  in.text(),
                  declaration(in, version),
                  in.number(),
                  in.word(GroupRecord.Form.class),
                  in.list(() -> replicas(in)));
          case 9 -> new MetadataCommand.ReplicateGroup(in.longNumber());
          case 10 -> new MetadataCommand.SetTarget(in.longNumber(), in.longNumber(), replicas(in));
          case 11 -> new MetadataCommand.ConfirmTarget(in.longNumber(), in.longNumber());
          case 12 -> new MetadataCommand.PreferLeader(in.longNumber(), in.longNumber());
          case 13 ->
              new MetadataCommand.DeclareEventual(
                  in.text(), declaration(in, version), in.number(), SlotTableFormat.read(in));
          case 14 ->
              new MetadataCommand.SetRing(in.number(), in.longNumber(), SlotTableFormat.read(in));
          case 15 -> new MetadataCommand.RingReady(in.number(), in.longNumber(), in.longNumber());
          case 16 -> new MetadataCommand.ConfirmRing(in.number(), in.longNumber());
          case 17 ->
              new MetadataCommand.RingReleased(in.number(), in.longNumber(), in.longNumber());
          default -> throw in.failure("command " + code + " is not known here");
        };
    in.end();
    return command;
  }

  public static byte[] encode(MetadataOutcome outcome) {
    var out = new FieldWriter();
    out.number(GROUPS_ONLY);
    switch (outcome) {
      case MetadataOutcome.Changed changed -> {
        out.number(1);
        out.number(changed.epoch());
        out.number(changed.subject());
      }
      case MetadataOutcome.Unchanged unchanged -> {
        out.number(2);
        out.number(unchanged.epoch());
        out.number(unchanged.subject());
      }
      case MetadataOutcome.Refused refused -> {
        out.number(3);
        out.number(refused.epoch());
        out.number(refused.refusal().code());
        out.text(refused.text());
      }
    }
    return out.bytes();
  }

  public static MetadataOutcome decodeOutcome(byte[] bytes) throws FormatException {
    var in = new FieldReader("metadata outcome", bytes);
    version(in);
    int code = in.number();
    MetadataOutcome outcome =
        switch (code) {
          case 1 -> new MetadataOutcome.Changed(in.longNumber(), in.longNumber());
          case 2 -> new MetadataOutcome.Unchanged(in.longNumber(), in.longNumber());
          case 3 -> new MetadataOutcome.Refused(in.longNumber(), refusal(in), in.text());
          default -> throw in.failure("outcome " + code + " is not known here");
        };
    in.end();
    return outcome;
  }

  /// What a node says of itself, as it travels when it asks to be let in.
  public static byte[] encode(NodeDescription node) {
    var out = new FieldWriter();
    out.number(GROUPS_ONLY);
    write(out, node);
    return out.bytes();
  }

  public static NodeDescription decodeNode(byte[] bytes) throws FormatException {
    var in = new FieldReader("description of a node", bytes);
    version(in);
    NodeDescription node = node(in);
    in.end();
    return node;
  }

  /// The version in which `metadata` is written.
  static int version(Metadata metadata) {
    return metadata.keyspaces().values().stream()
            .anyMatch(keyspace -> keyspace.declaration().isEventual())
        ? FORMAT_VERSION
        : GROUPS_ONLY;
  }

  private static int version(MetadataCommand command) {
    return switch (command) {
      case MetadataCommand.FoundCluster found ->
          found.keyspaces().stream().anyMatch(keyspace -> keyspace.declaration().isEventual())
              ? FORMAT_VERSION
              : GROUPS_ONLY;
      case MetadataCommand.AdmitMember ignored -> GROUPS_ONLY;
      case MetadataCommand.UpdateMember ignored -> GROUPS_ONLY;
      case MetadataCommand.MemberUp ignored -> GROUPS_ONLY;
      case MetadataCommand.LeaveMember ignored -> GROUPS_ONLY;
      case MetadataCommand.StayMember ignored -> GROUPS_ONLY;
      case MetadataCommand.RemoveMember ignored -> GROUPS_ONLY;
      case MetadataCommand.DeclareKeyspace ignored -> GROUPS_ONLY;
      case MetadataCommand.ReplicateGroup ignored -> GROUPS_ONLY;
      case MetadataCommand.SetTarget ignored -> GROUPS_ONLY;
      case MetadataCommand.ConfirmTarget ignored -> GROUPS_ONLY;
      case MetadataCommand.PreferLeader ignored -> GROUPS_ONLY;
      case MetadataCommand.DeclareEventual ignored -> FORMAT_VERSION;
      case MetadataCommand.SetRing ignored -> FORMAT_VERSION;
      case MetadataCommand.RingReady ignored -> FORMAT_VERSION;
      case MetadataCommand.ConfirmRing ignored -> FORMAT_VERSION;
      case MetadataCommand.RingReleased ignored -> FORMAT_VERSION;
    };
  }

  /// Reads the version at the beginning.
  static int version(FieldReader in) throws FormatException {
    int version = in.number();
    if (version < GROUPS_ONLY || version > FORMAT_VERSION) {
      throw in.failure(
          "format version "
              + version
              + ", this program knows versions "
              + GROUPS_ONLY
              + " to "
              + FORMAT_VERSION);
    }
    return version;
  }

  /// In its [#version].
  static void write(FieldWriter out, Metadata metadata) {
    int version = version(metadata);
    out.number(metadata.epoch());
    out.text(metadata.clusterId());
    out.list(
        metadata.members().values(),
        member -> {
          out.number(member.number());
          write(out, member.node());
          out.word(member.state());
          out.number(member.successor());
        });
    out.list(metadata.barred(), out::text);
    out.list(metadata.keyspaces().values(), keyspace -> write(out, keyspace, version));
    out.list(metadata.groups().values(), group -> write(out, group));
    out.number(metadata.nextMember());
    out.number(metadata.nextKeyspace());
    out.number(metadata.nextGroup());
    if (version > GROUPS_ONLY) {
      out.list(metadata.rings().values(), ring -> write(out, ring));
    }
  }

  static Metadata metadata(FieldReader in, int version) throws FormatException {
    long epoch = in.longNumber();
    String clusterId = in.text();
    var members = new TreeMap<Long, Member>();
    for (Member member : in.list(() -> member(in))) {
      members.put(member.number(), member);
    }
    var barred = new TreeSet<>(in.list(in::text));
    var keyspaces = new TreeMap<Integer, DeclaredKeyspace>();
    for (DeclaredKeyspace keyspace : in.list(() -> keyspace(in, version))) {
      keyspaces.put(keyspace.id(), keyspace);
    }
    var groups = new TreeMap<Long, GroupRecord>();
    for (GroupRecord group : in.list(() -> group(in))) {
      groups.put(group.id(), group);
    }
    long nextMember = in.longNumber();
    int nextKeyspace = in.number();
    long nextGroup = in.longNumber();
    var rings = new TreeMap<Integer, RingRecord>();
    if (version > GROUPS_ONLY) {
      for (RingRecord ring : in.list(() -> ring(in))) {
        rings.put(ring.keyspace(), ring);
      }
    }
    return new Metadata(
        epoch,
        clusterId,
        members,
        barred,
        keyspaces,
        groups,
        rings,
        nextMember,
        nextKeyspace,
        nextGroup);
  }

  private static Member member(FieldReader in) throws FormatException {
    return new Member(in.longNumber(), node(in), in.word(Member.State.class), in.longNumber());
  }

  private static void write(FieldWriter out, NodeDescription node) {
    out.text(node.id());
    out.text(node.address().host());
    out.number(node.address().resp());
    out.number(node.address().http());
    out.number(node.address().peer());
    out.number(node.address().cluster());
    out.text(node.location().dataCentre());
    out.text(node.location().rack());
    out.number(node.capacity());
    out.number(node.incarnation());
  }

  private static NodeDescription node(FieldReader in) throws FormatException {
    return new NodeDescription(
        in.text(),
        new Address(in.text(), in.number(), in.number(), in.number(), in.number()),
        new Location(in.text(), in.text()),
        in.number(),
        in.longNumber());
  }

  private static void write(FieldWriter out, DeclaredKeyspace keyspace, int version) {
    out.number(keyspace.id());
    out.text(keyspace.name());
    write(out, keyspace.declaration(), version);
  }

  private static DeclaredKeyspace keyspace(FieldReader in, int version) throws FormatException {
    int id = in.number();
    return new DeclaredKeyspace(in.text(), id, declaration(in, version));
  }

  private static void write(FieldWriter out, KeyspaceDeclaration declaration, int version) {
    out.word(declaration.mode());
    out.word(declaration.engine());
    out.word(declaration.durability());
    out.number(declaration.ttlMillis());
    out.word(declaration.compression());
    out.number(declaration.groups());
    out.number(declaration.keyBytesMax());
    out.number(declaration.valueBytesMax());
    if (version > GROUPS_ONLY) {
      Replication replication = declaration.replication();
      out.list(
          replication.isNone() ? List.<Replication>of() : List.of(replication),
          some -> write(out, some));
    }
  }

  private static KeyspaceDeclaration declaration(FieldReader in, int version)
      throws FormatException {
    return new KeyspaceDeclaration(
        in.word(KeyspaceMode.class),
        in.word(EngineKind.class),
        in.word(Durability.class),
        in.longNumber(),
        in.word(Compression.class),
        in.number(),
        in.number(),
        in.number(),
        version > GROUPS_ONLY
            ? in.list(() -> replication(in)).stream().findFirst().orElse(Replication.NONE)
            : Replication.NONE);
  }

  private static void write(FieldWriter out, Replication replication) {
    out.number(replication.copies());
    out.number(replication.r());
    out.number(replication.w());
    out.word(replication.quorum());
    out.word(replication.conflicts());
    out.list(
        replication.perDataCentre().entrySet(),
        centre -> {
          out.text(centre.getKey());
          out.number(centre.getValue());
        });
  }

  private static Replication replication(FieldReader in) throws FormatException {
    int copies = in.number();
    int r = in.number();
    int w = in.number();
    Replication.Quorum quorum = in.word(Replication.Quorum.class);
    Replication.Conflicts conflicts = in.word(Replication.Conflicts.class);
    var perDataCentre = new TreeMap<String, Integer>();
    for (var centre : in.list(() -> Map.entry(in.text(), in.number()))) {
      perDataCentre.put(centre.getKey(), centre.getValue());
    }
    return new Replication(copies, r, w, quorum, conflicts, perDataCentre);
  }

  private static void write(FieldWriter out, RingRecord ring) {
    out.number(ring.keyspace());
    out.number(ring.change());
    SlotTableFormat.write(out, ring.current());
    SlotTable next = ring.next();
    out.list(
        next == null ? List.<SlotTable>of() : List.of(next),
        table -> SlotTableFormat.write(out, table));
    numbers(out, ring.ready());
    out.list(
        ring.releasing().entrySet(),
        member -> {
          out.number(member.getKey());
          out.number(member.getValue());
        });
  }

  private static RingRecord ring(FieldReader in) throws FormatException {
    int keyspace = in.number();
    long change = in.longNumber();
    SlotTable current = SlotTableFormat.read(in);
    List<SlotTable> next = in.list(() -> SlotTableFormat.read(in));
    var ready = new TreeSet<>(in.list(in::longNumber));
    var releasing = new TreeMap<Long, Long>();
    for (var member : in.list(() -> Map.entry(in.longNumber(), in.longNumber()))) {
      releasing.put(member.getKey(), member.getValue());
    }
    return new RingRecord(
        keyspace, change, current, next.isEmpty() ? null : next.getFirst(), ready, releasing);
  }

  private static void write(FieldWriter out, GroupRecord group) {
    out.number(group.id());
    out.number(group.keyspace());
    out.number(group.slotFrom());
    out.number(group.slotTo());
    out.word(group.form());
    out.number(group.change());
    out.number(group.foundedChange());
    write(out, group.target());
    out.number(group.confirmedChange());
    write(out, group.confirmed());
    numbers(out, group.holders());
    out.number(group.preferredLeader());
  }

  private static GroupRecord group(FieldReader in) throws FormatException {
    return new GroupRecord(
        in.longNumber(),
        in.number(),
        in.number(),
        in.number(),
        in.word(GroupRecord.Form.class),
        in.longNumber(),
        in.longNumber(),
        replicas(in),
        in.longNumber(),
        replicas(in),
        new TreeSet<>(in.list(in::longNumber)),
        in.longNumber());
  }

  private static void write(FieldWriter out, Replicas replicas) {
    numbers(out, replicas.voters());
    numbers(out, replicas.learners());
  }

  private static Replicas replicas(FieldReader in) throws FormatException {
    return new Replicas(
        new TreeSet<>(in.list(in::longNumber)), new TreeSet<>(in.list(in::longNumber)));
  }

  static void numbers(FieldWriter out, SortedSet<Long> numbers) {
    out.list(List.copyOf(numbers), out::number);
  }

  private static Refusal refusal(FieldReader in) throws FormatException {
    int code = in.number();
    for (Refusal refusal : Refusal.values()) {
      if (refusal.code() == code) {
        return refusal;
      }
    }
    throw in.failure("refusal " + code + " is not known here");
  }
}
