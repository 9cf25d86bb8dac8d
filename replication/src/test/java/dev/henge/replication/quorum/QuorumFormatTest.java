package dev.henge.replication.quorum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.replica.Change;
import dev.henge.replication.replica.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is on the wire, byte for byte (FORMAT.md).
final class QuorumFormatTest {
  private static final VersionVector CONTEXT = VersionVector.EMPTY.with(new Dot(3, 300));
  private static final Versions VERSIONS =
      Versions.NONE.write(
          VersionVector.EMPTY, Version.string(new Dot(1, 5), 1 << 16, 0, 0, bytes("a")));
  private static final String STORED = "01020801010501" + "00000100" + "0000010000000000" + "0161";

  private static Map<String, Request> requests() {
    Map<String, Request> all = new LinkedHashMap<>();
    all.put("0102", new Request.Read(Level.of(2)));
    all.put("0180", new Request.Read(Level.QUORUM));
    all.put("0181", new Request.Read(Level.ALL));
    all.put("0182", new Request.Read(Level.LOCAL_QUORUM));
    all.put("0183", new Request.Read(Level.EACH_QUORUM));
    all.put(
        "0202" + "01" + "00" + "00" + "0178",
        new Request.Write(new Change.Put(null, 0, 0, bytes("x")), Level.of(2)));
    all.put(
        "0280" + "01" + "03" + "02" + "0103ac02" + "e807" + "0178",
        new Request.Write(new Change.Put(CONTEXT, Version.RAW, 1000, bytes("x")), Level.QUORUM));
    all.put("0201" + "02" + "0103ac02", Request.delete(CONTEXT, Level.ONE));
    all.put("0201" + "03" + "05", new Request.Write(new Change.Add(-3), Level.ONE));
    all.put("038002", new Request.Forget(Level.QUORUM, Level.of(2)));
    all.put(
        "048002" + "04" + "e807",
        new Request.Alter(new Change.Expire(1000), Level.QUORUM, Level.of(2)));
    return all;
  }

  private static Map<String, Answer> answers() {
    Map<String, Answer> all = new LinkedHashMap<>();
    all.put("0102" + "15" + STORED, new Answer.Found(VERSIONS, 2));
    all.put(
        "0202" + "01" + "15" + STORED + "05" + "0102080000",
        new Answer.Written(VERSIONS, Versions.NONE, 2, 1));
    int number = 1;
    for (Outcome.Refusal why : Outcome.Refusal.values()) {
      all.put("030" + number++, new Answer.Refused(why));
    }
    all.put("040201", new Answer.Unavailable(2, 1));
    all.put("0504" + "66756c6c", new Answer.Overloaded("full"));
    all.put("060201", new Answer.Unknown(2, 1));
    return all;
  }

  @Test
  void requestsAreTheseBytes() throws Exception {
    for (Map.Entry<String, Request> one : requests().entrySet()) {
      var writer = new CodecWriter(16);
      RequestCodec.encode(one.getValue(), writer);
      assertEquals(one.getKey(), hex(writer), one.getValue().toString());
      Request back = RequestCodec.decode(reader(one.getKey()));
      var again = new CodecWriter(16);
      RequestCodec.encode(back, again);
      assertEquals(one.getKey(), hex(again));
    }
  }

  @Test
  void answersAreTheseBytes() throws Exception {
    for (Map.Entry<String, Answer> one : answers().entrySet()) {
      var writer = new CodecWriter(16);
      AnswerCodec.encode(one.getValue(), writer);
      assertEquals(one.getKey(), hex(writer), one.getValue().toString());
      assertEquals(one.getValue(), AnswerCodec.decode(reader(one.getKey())));
    }
  }

  @Test
  void everyCutIsNamedAsDamage() {
    for (String whole : requests().keySet()) {
      for (int bytes = 0; bytes < whole.length() / 2; bytes++) {
        CodecReader cut = reader(whole.substring(0, 2 * bytes));
        assertThrows(CorruptionException.class, () -> RequestCodec.decode(cut), whole);
      }
    }
    for (String whole : answers().keySet()) {
      for (int bytes = 0; bytes < whole.length() / 2; bytes++) {
        CodecReader cut = reader(whole.substring(0, 2 * bytes));
        assertThrows(CorruptionException.class, () -> AnswerCodec.decode(cut), whole);
      }
    }
  }

  @Test
  void whatANewerNodeSendsIsRefusedAsThat() {
    for (String newer : new String[] {"0902", "0100", "0184", "020109"}) {
      assertThrows(FormatException.class, () -> RequestCodec.decode(reader(newer)), newer);
    }
    for (String newer : new String[] {"09", "0309"}) {
      assertThrows(FormatException.class, () -> AnswerCodec.decode(reader(newer)), newer);
    }
  }

  private static CodecReader reader(String hex) {
    return new CodecReader("a test", HexFormat.of().parseHex(hex));
  }

  private static String hex(CodecWriter writer) {
    byte[] written = writer.toBytes();
    return HexFormat.of().formatHex(Arrays.copyOf(written, written.length));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
