package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.hex;
import static dev.henge.data.ScratchGroup.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// DUMP and RESTORE. The payloads are what Redis 7.0.15 answered to DUMP.
final class RdbPayloadTest {
  private static final String ALL_BYTES =
      IntStream.range(0, 256).mapToObj(one -> "" + (char) one).collect(Collectors.joining());

  private final ScratchGroup group = new ScratchGroup();

  @Test
  void payloadsOfRedisAreRestored() {
    assertRestored("", "00000a005d9b5c400f7fa2da");
    assertRestored("-5", "00c0fb0a0049c4c6f4d7263f68");
    assertRestored("1000", "00c1e8030a0089d1478ebac4b764");
    assertRestored("-100000", "00c26079feff0a00a1ca8470cc216d9d");
    assertRestored("2147483647", "00c2ffffff7f0a002c74e59ee02eada1");
    assertRestored("12345678901", "000b31323334353637383930310a00304e52d727176510");
    assertRestored("hello", "000568656c6c6f0a006372df766534200a");
    assertRestored("007", "00033030370a007258e27b4c69bad9");
    assertRestored(
        "x".repeat(14) + "abc".repeat(17),
        "00c3104041017878e0030002616263e025020162630a007d34d3146fd4b9dc");
    assertRestored(
        "abcdefgh".repeat(20), "00c31040a008616263646566676861e08c070167680a00a2b2ee8cb477f14a");
    assertRestored("a".repeat(300), "00c30c412c016161e0ff00e017000161610a004b1bc2625246e713");
    assertRestored(
        "y".repeat(20_000),
        "00c340ea8000004e20017979" + "e0ff00".repeat(75) + "e0bb00" + "0179790a000bdddff8bd85b5a6");
    assertRestored(ALL_BYTES, "004100" + hex(bytes(ALL_BYTES)) + "0a00a2fe30a40f146abf");
  }

  /// The same bytes as Redis but for the version, which is the lowest that knows strings.
  @Test
  void whatIsDumpedIsWhatRedisWrites() {
    assertDumped("", "0000");
    assertDumped("-5", "00c0fb");
    assertDumped("1000", "00c1e803");
    assertDumped("-100000", "00c26079feff");
    assertDumped("2147483647", "00c2ffffff7f");
    assertDumped("12345678901", "000b3132333435363738393031");
    assertDumped("007", "0003303037");
    assertDumped(ALL_BYTES, "004100" + hex(bytes(ALL_BYTES)));
    assertDumped("y".repeat(20_000), "008000004e20" + "79".repeat(20_000));
    assertEquals("0005" + "68656c6c6f" + "0600" + "f59fb7f690611c99", hex(dump("hello")));
  }

  @Test
  void whatWasDumpedIsRestored() {
    RandomTest.run(
        "payloads",
        200,
        random -> {
          byte[] value = new byte[random.nextInt(random.nextBoolean() ? 200 : 40_000)];
          random.nextBytes(value);
          String text =
              random.nextBoolean()
                  ? ScratchGroup.string(value)
                  : Long.toString(random.nextLong() >> random.nextInt(64));
          assertRestored(text, hex(dump(text)));
        });
  }

  @Test
  void anyDamageIsFoundByTheChecksum() {
    byte[] payload = dump("some text");
    for (int bit = 0; bit < payload.length * 8; bit++) {
      byte[] damaged = payload.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertEquals("ERR DUMP payload version or checksum are wrong", restore(damaged, 0, false));
    }
    for (int length = 0; length < payload.length; length++) {
      assertEquals(
          "ERR DUMP payload version or checksum are wrong",
          restore(Arrays.copyOf(payload, length), 0, false));
    }
  }

  @Test
  void aNewerVersionIsRefused() {
    assertEquals(
        "ERR DUMP payload version or checksum are wrong", restore(sealed("0000", 12), 0, false));
    assertEquals("OK", restore(sealed("0000", 11), 0, false));
  }

  @Test
  void nonsenseBelowARightChecksumIsBadData() {
    for (String body :
        new String[] {
          "",
          "00",
          "0400",
          "0005",
          "000561",
          "0040",
          "0080ffffff",
          "0080ffffffff",
          "0081",
          "0082",
          "0081ffffffffffffffff",
          "00c0",
          "00c101",
          "00c2010203",
          "00c3",
          "00c305",
          "00c4",
          "00c3024002" + "0041",
          "00c3020a" + "0041",
          "00c303" + "05" + "004140",
          "00c30302" + "200041",
        }) {
      assertEquals("ERR Bad data format", restore(sealed(body, 6), 0, true), body);
    }
    RandomTest.run(
        "nonsense payloads",
        2000,
        random -> {
          byte[] body = new byte[random.nextInt(30)];
          random.nextBytes(body);
          String head = random.nextBoolean() ? "00c3" : random.nextBoolean() ? "00" : "";
          String answer = restore(sealed(head + hex(body), 6), 0, true);
          assertTrue(answer.equals("OK") || answer.startsWith("ERR "), answer);
        });
  }

  @Test
  void aPayloadMayNotExpandBeyondTheLimit() {
    group.limits = new Scope.Limits(100, 1000, 0);
    assertEquals(
        "ERR value of 2000000000 bytes is longer than the limit of 1000",
        restore(sealed("00c301" + "8077359400" + "00", 6), 0, false));
    assertEquals(
        "ERR value of 1001 bytes is longer than the limit of 1000",
        restore(sealed("0043e9" + "61".repeat(1001), 6), 0, false));
  }

  @Test
  void anExistingKeyAndItsExpiry() {
    byte[] payload = dump("v");
    assertEquals("OK", restore(payload, 0, false));
    assertEquals("BUSYKEY Target key name already exists.", restore(payload, 0, false));
    assertEquals("OK", restore(payload, 500, true));
    assertEquals("500", text(group.apply(new Operation.RemainingOf(bytes("k")))));
    var past = new Operation.Restore(bytes("k"), payload, group.now, true, true);
    assertEquals("OK", text(group.apply(past)));
    assertEquals("none", text(group.apply(new Operation.TypeOf(bytes("k")))));
    var future = new Operation.Restore(bytes("k"), payload, group.now + 7, true, false);
    assertEquals("OK", text(group.apply(future)));
    assertEquals("7", text(group.apply(new Operation.RemainingOf(bytes("k")))));
  }

  private void assertRestored(String value, String payload) {
    assertEquals("OK", restore(HexFormat.of().parseHex(payload), 0, true));
    assertEquals("'" + value + "'", text(group.apply(new Operation.Get(bytes("k")))));
  }

  private void assertDumped(String value, String body) {
    assertEquals(body, hex(dump(value)).substring(0, body.length()));
    assertEquals(body.length() + 20, 2 * dump(value).length);
  }

  private byte[] dump(String value) {
    var set = new Operation.Set(bytes("d"), bytes(value), Expiry.NONE, Condition.ALWAYS, false);
    group.apply(set);
    return ((Reply.Bytes) group.apply(new Operation.Dump(bytes("d")))).bytes();
  }

  private String restore(byte[] payload, long ttlMillis, boolean replace) {
    return text(group.apply(new Operation.Restore(bytes("k"), payload, ttlMillis, false, replace)));
  }

  /// A body with a footer of the given version that is right.
  private static byte[] sealed(String body, int version) {
    byte[] head = HexFormat.of().parseHex(body + "%02x00".formatted(version));
    byte[] payload = Arrays.copyOf(head, head.length + 8);
    long checksum = Crc64.of(head, 0, head.length);
    for (int i = 0; i < 8; i++) {
      payload[head.length + i] = (byte) (checksum >>> (8 * i));
    }
    return payload;
  }
}
