package dev.henge.consensus.metadata;

import dev.henge.base.FormatException;
import dev.henge.consensus.metadata.MetadataOutcome.Refusal;
import dev.henge.storage.lsm.table.Compression;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Metadata, commands and outcomes as bytes (FORMAT.md).
///
/// - Errors: bytes of another format or version are a [FormatException].
/// - Threads: stateless.
public final class MetadataFormat {
  /// Of everything here. Persisted: a program that finds a newer one refuses it.
  static final int FORMAT_VERSION = 1;

  private MetadataFormat() {}

  public static byte[] encode(Metadata metadata) {
    var out = new FieldWriter();
    out.number(FORMAT_VERSION);
    write(out, metadata);
    return out.bytes();
  }

  public static Metadata decode(byte[] bytes) throws FormatException {
    FieldReader in = reader("metadata", bytes);
    Metadata metadata = metadata(in);
    in.end();
    return metadata;
  }

  public static byte[] encode(MetadataCommand command) {
    var out = new FieldWriter();
    out.number(FORMAT_VERSION);
    // The codes are persisted: never renumber.
    switch (command) {
      case MetadataCommand.FoundCluster found -> {
        out.number(1);
        out.text(found.clusterId());
        write(out, found.founder());
        out.list(found.keyspaces(), keyspace -> write(out, keyspace));
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
        write(out, declare.declaration());
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
    }
    return out.bytes();
  }

  public static MetadataCommand decodeCommand(byte[] bytes) throws FormatException {
    FieldReader in = reader("metadata command", bytes);
    int code = in.number();
    MetadataCommand command =
        switch (code) {
          case 1 ->
              new MetadataCommand.FoundCluster(
                  in.text(), node(in), in.list(() -> keyspace(in)), in.number());
          case 2 -> new MetadataCommand.AdmitMember(node(in));
          case 3 -> new MetadataCommand.UpdateMember(in.longNumber(), node(in));
          case 4 -> new MetadataCommand.MemberUp(in.longNumber());
          case 5 -> new MetadataCommand.LeaveMember(in.longNumber(), in.longNumber());
          case 6 -> new MetadataCommand.StayMember(in.longNumber());
          case 7 -> new MetadataCommand.RemoveMember(in.longNumber());
          case 8 ->
              new MetadataCommand.DeclareKeyspace(
                  in.text(),
                  declaration(in),
                  in.number(),
                  in.word(GroupRecord.Form.class),
                  in.list(() -> replicas(in)));
          case 9 -> new MetadataCommand.ReplicateGroup(in.longNumber());
          case 10 -> new MetadataCommand.SetTarget(in.longNumber(), in.longNumber(), replicas(in));
          case 11 -> new MetadataCommand.ConfirmTarget(in.longNumber(), in.longNumber());
          case 12 -> new MetadataCommand.PreferLeader(in.longNumber(), in.longNumber());
          default -> throw in.failure("command " + code + " is not known here");
        };
    in.end();
    return command;
  }

  public static byte[] encode(MetadataOutcome outcome) {
    var out = new FieldWriter();
    out.number(FORMAT_VERSION);
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
    FieldReader in = reader("metadata outcome", bytes);
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
    out.number(FORMAT_VERSION);
    write(out, node);
    return out.bytes();
  }

  public static NodeDescription decodeNode(byte[] bytes) throws FormatException {
    FieldReader in = reader("description of a node", bytes);
    NodeDescription node = node(in);
    in.end();
    return node;
  }

  static FieldReader reader(String what, byte[] bytes) throws FormatException {
    var in = new FieldReader(what, bytes);
    int version = in.number();
    if (version != FORMAT_VERSION) {
      throw in.failure(
          "format version " + version + ", this program knows version " + FORMAT_VERSION);
    }
    return in;
  }

  static void write(FieldWriter out, Metadata metadata) {
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
    out.list(metadata.keyspaces().values(), keyspace -> write(out, keyspace));
    out.list(metadata.groups().values(), group -> write(out, group));
    out.number(metadata.nextMember());
    out.number(metadata.nextKeyspace());
    out.number(metadata.nextGroup());
  }

  static Metadata metadata(FieldReader in) throws FormatException {
    long epoch = in.longNumber();
    String clusterId = in.text();
    var members = new TreeMap<Long, Member>();
    for (Member member : in.list(() -> member(in))) {
      members.put(member.number(), member);
    }
    var barred = new TreeSet<>(in.list(in::text));
    var keyspaces = new TreeMap<Integer, DeclaredKeyspace>();
    for (DeclaredKeyspace keyspace : in.list(() -> keyspace(in))) {
      keyspaces.put(keyspace.id(), keyspace);
    }
    var groups = new TreeMap<Long, GroupRecord>();
    for (GroupRecord group : in.list(() -> group(in))) {
      groups.put(group.id(), group);
    }
    return new Metadata(
        epoch,
        clusterId,
        members,
        barred,
        keyspaces,
        groups,
        in.longNumber(),
        in.number(),
        in.longNumber());
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

  private static void write(FieldWriter out, DeclaredKeyspace keyspace) {
    out.number(keyspace.id());
    out.text(keyspace.name());
    write(out, keyspace.declaration());
  }

  private static DeclaredKeyspace keyspace(FieldReader in) throws FormatException {
    int id = in.number();
    return new DeclaredKeyspace(in.text(), id, declaration(in));
  }

  private static void write(FieldWriter out, KeyspaceDeclaration declaration) {
    out.word(declaration.mode());
    out.word(declaration.engine());
    out.word(declaration.durability());
    out.number(declaration.ttlMillis());
    out.word(declaration.compression());
    out.number(declaration.groups());
    out.number(declaration.keyBytesMax());
    out.number(declaration.valueBytesMax());
  }

  private static KeyspaceDeclaration declaration(FieldReader in) throws FormatException {
    return new KeyspaceDeclaration(
        in.word(KeyspaceMode.class),
        in.word(EngineKind.class),
        in.word(Durability.class),
        in.longNumber(),
        in.word(Compression.class),
        in.number(),
        in.number(),
        in.number());
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
