package dev.henge.replication.membership;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The bytes of messages (FORMAT.md).
final class GossipCodecTest {
  private static final GossipMessage.Heartbeats HEARTBEATS =
      new GossipMessage.Heartbeats(
          new long[] {2, 5},
          new long[] {3, 1},
          new long[] {300, 7},
          List.of(new Accusation(5, 1, 7, 3)));

  @Test
  void theWorkedExamplesOfTheFormatPage() throws Exception {
    assertExample("01 01 02 02 03 ac 02 03 01 07 01 05 01 07 03", HEARTBEATS);
    assertExample("01 03 21 09", new GossipMessage.ProbeFor(33, 9));
    assertExample("01 02 21 01", new GossipMessage.Probe(33, 1));
    assertExample("01 05 21 01 09 02 80 01", new GossipMessage.ProbeAnswer(33, 1, 9, 2, 128));
    assertExample("01 04 21", new GossipMessage.ProbeTaken(33));
    String page =
        Files.readString(Path.of("src/main/java/dev/henge/replication/membership/FORMAT.md"));
    String shown = page.substring(page.indexOf("## Worked examples")).replaceAll("[ \n]+", " ");
    assertTrue(shown.contains("01 01 02 02 03 ac 02 03 01 07 01 05 01 07 03"));
    assertTrue(shown.contains("01 03 21 09"));
    assertTrue(shown.contains("01 02 21 01"));
    assertTrue(shown.contains("01 05 21 01 09 02 80 01"));
  }

  private static void assertExample(String hex, GossipMessage message) throws IOException {
    HexFormat spaced = HexFormat.ofDelimiter(" ");
    assertEquals(hex, spaced.formatHex(GossipCodec.encode(message)));
    GossipMessage back = GossipCodec.decode(spaced.parseHex(hex));
    if (message instanceof GossipMessage.Heartbeats wanted) {
      var found = (GossipMessage.Heartbeats) back;
      assertArrayEquals(wanted.members(), found.members());
      assertArrayEquals(wanted.incarnations(), found.incarnations());
      assertArrayEquals(wanted.heartbeats(), found.heartbeats());
      assertEquals(wanted.accusations(), found.accusations());
    } else {
      assertEquals(message, back);
    }
  }

  @Test
  void theLargestNumbersComeBack() throws Exception {
    long most = Long.MAX_VALUE;
    var heartbeats =
        new GossipMessage.Heartbeats(
            new long[] {1, most},
            new long[] {most, most},
            new long[] {most, most},
            List.of(new Accusation(most, most, most, most)));
    byte[] bytes = GossipCodec.encode(heartbeats);
    assertArrayEquals(bytes, GossipCodec.encode(GossipCodec.decode(bytes)));
  }

  @Test
  void aMessageThatWasCutIsDamagedAndNewKindsAreNew() {
    byte[] bytes = GossipCodec.encode(HEARTBEATS);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(CorruptionException.class, () -> GossipCodec.decode(cut));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(CorruptionException.class, () -> GossipCodec.decode(longer));
    assertThrows(FormatException.class, () -> GossipCodec.decode(new byte[] {2, 1, 0, 0}));
    assertThrows(FormatException.class, () -> GossipCodec.decode(new byte[] {1, 6, 0, 0}));
    // two entries of one member
    assertThrows(
        CorruptionException.class,
        () -> GossipCodec.decode(new byte[] {1, 1, 2, 2, 1, 1, 0, 1, 1, 0}));
  }

  /// Whatever comes is understood or refused, and never takes more memory than a multiple of it.
  @Test
  void anyBytesAreUnderstoodOrRefused() {
    for (long seed : Seeds.of("anyBytesAreUnderstoodOrRefused", 1)) {
      var random = new SeededRandomness(seed);
      for (int run = 0; run < 20_000; run++) {
        byte[] bytes = GossipCodec.encode(HEARTBEATS);
        for (int change = 0; change <= random.nextInt(3); change++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextLong();
        }
        try {
          if (GossipCodec.decode(bytes) instanceof GossipMessage.Heartbeats heard) {
            assertTrue(heard.members().length * 3 <= bytes.length, "seed " + seed);
          }
        } catch (IOException refused) {
          assertTrue(
              refused instanceof CorruptionException || refused instanceof FormatException,
              "seed " + seed);
        }
      }
    }
  }
}
