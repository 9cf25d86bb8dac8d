package dev.henge.consensus.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.henge.base.FormatException;
import dev.henge.base.simulated.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CommandCodecTest {
  /// The worked example of `FORMAT.md`.
  private static final String EXAMPLE =
      "01"
          + "00a8da769b010000"
          + "0700000000000000"
          + "02000000"
          + "02000000"
          + "6162"
          + "00000000";

  @Test
  void theLayoutIsTheOneDescribed() throws FormatException {
    byte[][] commands = {"ab".getBytes(StandardCharsets.UTF_8), {}};
    byte[] bytes = CommandCodec.encode(1767225600000L, 7, commands, 0, 2);
    assertEquals(EXAMPLE, HexFormat.of().formatHex(bytes));
    var decoded = new ArrayList<StateMachine.Command>();
    CommandCodec.decode(12, 3, bytes, decoded);
    assertEquals(2, decoded.size());
    StateMachine.Command first = decoded.getFirst();
    assertEquals(12, first.index());
    assertEquals(3, first.term());
    assertEquals(0, first.offset());
    assertEquals(1767225600000L, first.nowMillis());
    assertEquals(7, first.seed());
    assertArrayEquals(commands[0], first.bytes());
    assertEquals(1, decoded.getLast().offset());
    assertArrayEquals(commands[1], decoded.getLast().bytes());
  }

  @Test
  void whatIsEncodedComesBack() throws FormatException {
    for (long seed : Seeds.of("CommandCodecTest", 50)) {
      var random = new Random(seed);
      var commands = new byte[1 + random.nextInt(20)][];
      for (int i = 0; i < commands.length; i++) {
        commands[i] = new byte[random.nextInt(100)];
        random.nextBytes(commands[i]);
      }
      int from = random.nextInt(commands.length);
      int to = from + random.nextInt(commands.length - from) + 1;
      byte[] bytes = CommandCodec.encode(random.nextLong(), random.nextLong(), commands, from, to);
      var decoded = new ArrayList<StateMachine.Command>();
      CommandCodec.decode(1, 1, bytes, decoded);
      assertEquals(to - from, decoded.size());
      assertEquals(to - from, CommandCodec.count(bytes));
      for (int i = from; i < to; i++) {
        assertArrayEquals(commands[i], decoded.get(i - from).bytes());
      }
    }
  }

  @Test
  void bytesThatDoNotAddUpAreRefused() {
    byte[] whole = HexFormat.of().parseHex(EXAMPLE);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(FormatException.class, () -> CommandCodec.decode(1, 1, cut, new ArrayList<>()));
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    assertThrows(FormatException.class, () -> CommandCodec.decode(1, 1, longer, new ArrayList<>()));
    byte[] newer = whole.clone();
    newer[0] = 2;
    assertThrows(FormatException.class, () -> CommandCodec.decode(1, 1, newer, new ArrayList<>()));
  }
}
