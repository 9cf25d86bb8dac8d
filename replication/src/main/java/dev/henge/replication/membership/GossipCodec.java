package dev.henge.replication.membership;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.membership.GossipMessage.Heartbeats;
import dev.henge.replication.membership.GossipMessage.Probe;
import dev.henge.replication.membership.GossipMessage.ProbeAnswer;
import dev.henge.replication.membership.GossipMessage.ProbeFor;
import dev.henge.replication.membership.GossipMessage.ProbeTaken;
import java.util.ArrayList;
import java.util.List;

/// The bytes of [GossipMessage]s: FORMAT.md.
///
/// - Threads: pure functions.
/// - Errors: what no member sends is a [CorruptionException], what a newer one may send a
///   [FormatException]; either is dropped, for the next message tells as much.
public final class GossipCodec {
  private static final int FORMAT_VERSION = 1;

  // On the wire: never renumber.
  private static final int HEARTBEATS = 1;
  private static final int PROBE = 2;
  private static final int PROBE_FOR = 3;
  private static final int PROBE_TAKEN = 4;
  private static final int PROBE_ANSWER = 5;

  /// An entry's least bytes.
  private static final int ENTRY_BYTES_MIN = 3;

  private static final int ACCUSATION_BYTES_MIN = 4;

  private GossipCodec() {}

  public static byte[] encode(GossipMessage message) {
    var out = new CodecWriter(64);
    out.one(FORMAT_VERSION);
    switch (message) {
      case Heartbeats heard -> encode(out.one(HEARTBEATS), heard);
      case Probe probe -> out.one(PROBE).varint(probe.number()).varint(probe.asker());
      case ProbeFor probe -> out.one(PROBE_FOR).varint(probe.number()).varint(probe.target());
      case ProbeTaken taken -> out.one(PROBE_TAKEN).varint(taken.number());
      case ProbeAnswer answer ->
          out.one(PROBE_ANSWER)
              .varint(answer.number())
              .varint(answer.asker())
              .varint(answer.member())
              .varint(answer.incarnation())
              .varint(answer.heartbeat());
    }
    return out.toBytes();
  }

  public static GossipMessage decode(byte[] bytes) throws CorruptionException, FormatException {
    var in = new CodecReader("gossip", bytes);
    in.version(FORMAT_VERSION);
    int kind = in.one();
    GossipMessage message =
        switch (kind) {
          case HEARTBEATS -> heartbeats(in);
          case PROBE -> new Probe(in.varint(), in.varint());
          case PROBE_FOR -> new ProbeFor(in.varint(), in.varint());
          case PROBE_TAKEN -> new ProbeTaken(in.varint());
          case PROBE_ANSWER ->
              new ProbeAnswer(in.varint(), in.varint(), in.varint(), in.varint(), in.varint());
          default -> throw in.unknown("message", kind);
        };
    in.end();
    return message;
  }

  private static void encode(CodecWriter out, Heartbeats heard) {
    out.varint(heard.members().length);
    long before = 0;
    for (int i = 0; i < heard.members().length; i++) {
      out.varint(heard.members()[i] - before);
      out.varint(heard.incarnations()[i]).varint(heard.heartbeats()[i]);
      before = heard.members()[i];
    }
    out.varint(heard.accusations().size());
    for (Accusation one : heard.accusations()) {
      out.varint(one.accused()).varint(one.incarnation());
      out.varint(one.heartbeat()).varint(one.accuser());
    }
  }

  private static Heartbeats heartbeats(CodecReader in) throws CorruptionException {
    int count = count(in, ENTRY_BYTES_MIN);
    var members = new long[count];
    var incarnations = new long[count];
    var heartbeats = new long[count];
    long before = 0;
    for (int i = 0; i < count; i++) {
      long step = in.varint();
      if (step <= 0 || before > Long.MAX_VALUE - step) {
        throw in.damaged("members do not ascend");
      }
      before += step;
      members[i] = before;
      incarnations[i] = in.varint();
      heartbeats[i] = in.varint();
    }
    int accusationCount = count(in, ACCUSATION_BYTES_MIN);
    List<Accusation> accusations = new ArrayList<>(accusationCount);
    for (int i = 0; i < accusationCount; i++) {
      accusations.add(new Accusation(in.varint(), in.varint(), in.varint(), in.varint()));
    }
    return new Heartbeats(members, incarnations, heartbeats, accusations);
  }

  private static int count(CodecReader in, int bytesMin) throws CorruptionException {
    int count = in.count();
    if (count > in.remaining() / bytesMin) {
      throw in.damaged("it claims to hold " + count + " more of something");
    }
    return count;
  }
}
