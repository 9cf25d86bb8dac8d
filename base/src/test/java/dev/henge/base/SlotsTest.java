package dev.henge.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Slots as `CLUSTER KEYSLOT` of Redis gives them.
final class SlotsTest {
  @ParameterizedTest
  @CsvSource({
    "123456789, 12739", // the check value of CRC16/XMODEM, 0x31c3
    "foo, 12182",
    "bar, 5061",
    "hello, 866",
    "somekey, 11058",
    "foo{hash_tag}, 2515",
    "bar{hash_tag}, 2515",
    "hash_tag, 2515",
    "{user1000}.following, 3443",
    "{user1000}.followers, 3443",
    "user1000, 3443",
  })
  void knownKeysHaveTheirSlots(String key, int slot) {
    assertEquals(slot, Slots.of(bytes(key)));
  }

  @Test
  void anEmptyOrUnclosedTagIsNoTag() {
    assertEquals(plain("foo{}{bar}"), Slots.of(bytes("foo{}{bar}")));
    assertEquals(plain("foo{bar"), Slots.of(bytes("foo{bar")));
    assertEquals(plain("foo}bar"), Slots.of(bytes("foo}bar")));
    assertEquals(0, Slots.of(new byte[0]));
  }

  @Test
  void theFirstTagCountsAndEndsAtTheFirstBrace() {
    assertEquals(plain("{bar"), Slots.of(bytes("foo{{bar}}zap")));
    assertEquals(plain("bar"), Slots.of(bytes("foo{bar}{zap}")));
  }

  @Test
  void aPartOfAnArrayIsLikeAnArrayOfItsOwn() {
    byte[] whole = bytes("xx{tag}keyyy");
    assertEquals(Slots.of(bytes("{tag}key")), Slots.of(whole, 2, 8));
    assertEquals(plain("{tag"), Slots.of(whole, 2, 4));
  }

  @Test
  void slotsAreInRangeAndWellSpread() {
    var random = new Random(1);
    var counts = new int[16];
    for (int i = 0; i < 16_000; i++) {
      var key = new byte[1 + random.nextInt(40)];
      random.nextBytes(key);
      int slot = Slots.of(key);
      assertTrue(slot >= 0 && slot < Slots.COUNT);
      counts[slot * 16 / Slots.COUNT]++;
    }
    for (int count : counts) {
      assertTrue(count > 800 && count < 1_200, "uneven: " + count);
    }
  }

  /// CRC16/XMODEM bit by bit, modulo 16384, of the whole key.
  private static int plain(String key) {
    int crc = 0;
    for (byte next : bytes(key)) {
      crc ^= (next & 0xff) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1 & 0xffff;
      }
    }
    return crc % 16384;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
