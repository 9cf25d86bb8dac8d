package dev.henge.server.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.Message;
import dev.henge.consensus.raft.SnapshotMark;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Messages survive the wire; bytes that are none are refused, in bounded memory.
final class PeerCodecTest {
  private static final long SEED = Long.getLong("seed", 7);

  @Test
  void everyKindOfMessageComesBackAsItWas() throws Exception {
    for (PeerMessage message : messages()) {
      Envelope envelope = new Envelope(0x12345678, 3, 5, 9, 77, 1500, message);
      byte[] bytes = PeerCodec.encode(envelope, 0);
      Envelope back = PeerCodec.decode(bytes, 0, bytes.length);
      assertEquals(describe(envelope), describe(back));
    }
  }

  /// FORMAT.md shows these bytes.
  @Test
  void theBytesOfAMessageAreTheDocumentedOnes() throws Exception {
    var message =
        new PeerMessage.GroupMessages(
            List.of(
                new PeerMessage.GroupMessage(
                    1,
                    new Message.Append(
                        1,
                        2,
                        4,
                        10,
                        4,
                        List.of(
                            new Entry(11, 4, Entry.Kind.COMMANDS, new byte[] {'a', 'b'}),
                            new Entry(12, 4, Entry.Kind.COMMANDS, new byte[] {'c'})),
                        10))));
    byte[] frame =
        Frames.seal(
            PeerCodec.encode(
                new Envelope(0x01020304, 1, 2, 6, 8, 1000, message), Frames.HEADER_BYTES));
    assertEquals(
        "2c000000"
            + "eb30f26d"
            + "0d04030201"
            + "1001"
            + "1802"
            + "2006"
            + "2808"
            + "30e807"
            + "521a"
            + "0a18"
            + "0801"
            + "1004"
            + "3a12"
            + "080a"
            + "1004"
            + "180a"
            + "2203020400"
            + "2a026162"
            + "2a0163",
        HexFormat.of().formatHex(frame));
    List<Envelope> read = new ArrayList<>();
    frames(1 << 20)
        .read(
            ByteBuffer.wrap(frame),
            (payload, length) -> read.add(PeerCodec.decode(payload, 0, length)));
    assertEquals(
        describe(message), describe(java.util.Objects.requireNonNull(read.getFirst().message())));
  }

  /// Any bytes either are a message or are refused by name; the stream is read in any pieces.
  @Test
  void damagedMessagesAreRefused() {
    var random = new Random(SEED);
    List<PeerMessage> messages = messages();
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      PeerMessage message = messages.get(random.nextInt(messages.size()));
      byte[] bytes = PeerCodec.encode(new Envelope(1, 3, 5, 1, 1, 1, message), 0);
      for (int damage = random.nextInt(3); damage >= 0; damage--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
      try {
        PeerCodec.decode(bytes, 0, length);
      } catch (BadFrameException e) {
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + SEED + ", round " + round, e);
      }
    }
    assertTrue(refused > 1000, "the damage is noticed");
  }

  @Test
  void aFrameWithOneWrongBitIsRefused() throws Exception {
    byte[] frame = frame(messages().getFirst());
    for (int bit = 0; bit < frame.length * 8; bit++) {
      byte[] damaged = frame.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      List<Integer> read = new ArrayList<>();
      try {
        frames(1 << 20).read(ByteBuffer.wrap(damaged), (payload, length) -> read.add(length));
      } catch (BadFrameException e) {
        continue;
      }
      // A length that has grown waits for more; nothing is ever delivered.
      assertEquals(List.of(), read);
    }
  }

  @Test
  void aClaimedLengthCostsNoMemoryAndTooMuchIsRefused() throws Exception {
    Frames frames = frames(1 << 30);
    byte[] header = new byte[Frames.HEADER_BYTES + 10];
    header[3] = 0x3f; // a frame of about a gigabyte: more than this test's heap has room for
    frames.read(
        ByteBuffer.wrap(header),
        (payload, length) -> {
          throw new AssertionError("nothing is complete");
        });
    header[3] = 0x7f;
    assertThrows(
        BadFrameException.class,
        () -> frames(1 << 30).read(ByteBuffer.wrap(header), (payload, length) -> {}));
    header[3] = (byte) 0xff;
    assertThrows(
        BadFrameException.class,
        () -> frames(1 << 30).read(ByteBuffer.wrap(header), (payload, length) -> {}));
  }

  @Test
  void framesAreCutFromAnyPieces() throws Exception {
    var random = new Random(SEED);
    byte[] stream = new byte[0];
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      byte[] frame = new byte[Frames.HEADER_BYTES + random.nextInt(40_000)];
      random.nextBytes(frame);
      Frames.seal(frame);
      lengths.add(frame.length - Frames.HEADER_BYTES);
      int at = stream.length;
      stream = Arrays.copyOf(stream, at + frame.length);
      System.arraycopy(frame, 0, stream, at, frame.length);
    }
    List<Integer> read = new ArrayList<>();
    Frames frames = frames(1 << 20);
    for (int at = 0; at < stream.length; ) {
      int part = Math.min(stream.length - at, 1 + random.nextInt(30_000));
      frames.read(ByteBuffer.wrap(stream, at, part), (payload, length) -> read.add(length));
      at += part;
    }
    assertEquals(lengths, read, "seed " + SEED);
  }

  @Test
  void anotherProtocolIsFoundOut() {
    byte[] redis = "*1\r\n$4\r\nPING\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThrows(
        BadFrameException.class,
        () -> new Frames(100).read(ByteBuffer.wrap(redis), (payload, length) -> {}));
  }

  private static Frames frames(int bytesMax) throws BadFrameException {
    var frames = new Frames(bytesMax);
    frames.read(ByteBuffer.wrap(Frames.PREAMBLE), (payload, length) -> {});
    return frames;
  }

  private static byte[] frame(PeerMessage message) {
    return Frames.seal(
        PeerCodec.encode(new Envelope(1, 3, 5, 1, 1, 1, message), Frames.HEADER_BYTES));
  }

  private static List<PeerMessage> messages() {
    var random = new Random(SEED);
    var members =
        new Configuration(
            new TreeSet<>(List.of(1L, 2L, 3L)),
            new TreeSet<>(List.of(2L)),
            new TreeSet<>(List.of(9L)));
    var mark = new SnapshotMark(1L << 40, 12, members);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      Entry.Kind kind = i == 7 ? Entry.Kind.NO_OP : Entry.Kind.COMMANDS;
      entries.add(new Entry(101 + i, i < 7 ? 3 : 4, kind, bytes));
    }
    List<PeerMessage> all = new ArrayList<>();
    List<PeerMessage.GroupMessage> together = new ArrayList<>();
    for (Message message :
        List.<Message>of(
            new Message.PreVote(3, 5, 8, 100, 7),
            new Message.PreVoteReply(3, 5, 8, true),
            new Message.PreVoteReply(3, 5, 8, false),
            new Message.Vote(3, 5, 8, 100, 7, true),
            new Message.VoteReply(3, 5, 8, false),
            new Message.Append(3, 5, 8, 100, 3, entries, 90),
            new Message.Append(3, 5, 8, 0, 0, List.of(), 0),
            new Message.AppendReply(3, 5, 8, true, 120, 0, 0),
            new Message.AppendReply(3, 5, 8, false, 120, 50, 2),
            new Message.Heartbeat(3, 5, 8, 88, 17, 86, -12345),
            new Message.HeartbeatReply(3, 5, 8, 0, Long.MIN_VALUE),
            new Message.SnapshotOffer(3, 5, 8, mark),
            new Message.TimeoutNow(3, 5, 8),
            new Message.Quiesce(3, 5, 8, 120))) {
      var one = new PeerMessage.GroupMessage(random.nextInt(1000), message);
      together.add(one);
      all.add(new PeerMessage.GroupMessages(List.of(one)));
    }
    all.add(new PeerMessage.GroupMessages(together));
    all.add(new PeerMessage.SnapshotRequest(4, mark, 0, new byte[0]));
    all.add(
        new PeerMessage.SnapshotChunk(
            4, mark, 3, new byte[] {1}, new byte[5000], -2, new byte[] {2, 3}, true));
    all.add(new PeerMessage.Call(Long.MAX_VALUE, 2, new byte[] {1, 2, 3}));
    all.add(new PeerMessage.Answer(17, 16, new byte[] {4}));
    return all;
  }

  /// Everything in a message, as text: records with arrays have no equality of use.
  private static String describe(Object value) {
    return switch (value) {
      case null -> "null";
      case byte[] bytes -> HexFormat.of().formatHex(bytes);
      case List<?> list -> list.stream().map(PeerCodecTest::describe).toList().toString();
      case Entry entry ->
          entry.index() + "/" + entry.term() + "/" + entry.kind() + "/" + describe(entry.bytes());
      case Record record -> {
        var text = new StringBuilder(record.getClass().getSimpleName());
        for (var part : record.getClass().getRecordComponents()) {
          try {
            text.append(' ').append(describe(part.getAccessor().invoke(record)));
          } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
          }
        }
        yield text.toString();
      }
      default -> value.toString();
    };
  }
}
