package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.storage.EngineException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is on disk, byte for byte (FORMAT.md).
final class StoredFormatTest {
  private static final long NEW_YEAR_2026 = 1_767_225_600_000L;

  @Test
  void theWorkedExampleOfTheFormatPage() {
    byte[] key = StoredKey.object(1, bytes("greeting"));
    assertEquals("00000001" + "31aa" + "01" + "6772656574696e67", hex(key));
    assertEquals("keyspace 1 slot 12714 object \"greeting\"", StoredKey.describe(key));

    byte[] value = StoredObject.string(StoredObject.PLAIN, NEW_YEAR_2026, 300, bytes("hello"));
    assertEquals("01" + "01" + "01" + "00a8da769b010000" + "ac02" + "68656c6c6f", hex(value));
    assertEquals(
        "layout 1 string (embstr) revision 300 expires 1767225600000 (2026-01-01T00:00:00Z),"
            + " 5 bytes \"hello\"",
        StoredObject.describe(value));
  }

  @Test
  void anObjectWithoutExpiry() {
    byte[] value = StoredObject.string(StoredObject.RAW, 0, 1, bytes("\0\377"));
    assertEquals("01" + "01" + "02" + "01" + "00ff", hex(value));
    assertEquals(0, StoredObject.expiryMillis(value));
    assertEquals(
        "layout 1 string (raw) revision 1, 2 bytes \"\\x00\\xff\"", StoredObject.describe(value));
    assertEquals(
        "01" + "01" + "05" + "0100000000000000" + "7f",
        hex(StoredObject.string(StoredObject.TEXT, 1, 127, new byte[0])));
  }

  @Test
  void theRecordOfDatabaseIds() {
    int[] ids = IntStream.rangeClosed(1, 16).toArray();
    ids[0] = 16;
    ids[15] = 0x01020304;
    assertEquals("00000000" + "0000" + "02", hex(DatabaseIds.storedKey()));
    assertEquals(
        "01"
            + "00000010"
            + "00000002"
            + "00000003"
            + "00000004"
            + "00000005"
            + "00000006"
            + "00000007"
            + "00000008"
            + "00000009"
            + "0000000a"
            + "0000000b"
            + "0000000c"
            + "0000000d"
            + "0000000e"
            + "0000000f"
            + "01020304",
        hex(DatabaseIds.record(ids)));
  }

  @Test
  void inspectorsPrintEveryRecord() {
    byte[] key = StoredKey.object(1, bytes("greeting"));
    byte[] value = StoredObject.string(StoredObject.PLAIN, 0, 1, bytes("42"));
    assertEquals(
        "keyspace 1 slot 12714 object \"greeting\"\n"
            + "layout 1 string (int) revision 1, 2 bytes \"42\"",
        StoredRecords.describe(key, value));
    assertEquals(
        "keyspace 0 slot 0 database ids \"\"\n"
            + "databases 0-15 are keyspaces [16, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,"
            + " 1]",
        StoredRecords.describe(
            DatabaseIds.storedKey(),
            DatabaseIds.record(new int[] {16, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1})));
    assertEquals("not a stored key: \"k\"\n\"v\"", StoredRecords.describe(bytes("k"), bytes("v")));
    assertEquals(
        "keyspace 1 slot 5 kind 9 \"k\"\n\"\\xff\"",
        StoredRecords.describe(StoredKey.of(1, 5, (byte) 9, bytes("k")), bytes("\377")));
    String damaged = StoredRecords.describe(key, new byte[] {1});
    assertTrue(damaged.contains("damaged") && damaged.endsWith("\"\\x01\""), damaged);
  }

  @Test
  void whatIsWrittenIsReadBack() {
    RandomTest.run(
        "stored objects",
        500,
        random -> {
          byte[] payload = new byte[random.nextInt(100)];
          random.nextBytes(payload);
          long expiry = random.nextBoolean() ? 0 : random.nextLong();
          long revision = random.nextLong() >>> random.nextInt(1, 64);
          byte encoding = (byte) (random.nextInt(3) * 2);
          byte[] stored = StoredObject.string(encoding, expiry, revision, payload);
          assertEquals(expiry, StoredObject.expiryMillis(stored));
          assertEquals(revision, StoredObject.revision(stored));
          assertEquals(encoding, StoredObject.encodingFlags(stored));
          assertArrayEquals(payload, StoredObject.payload(stored));

          byte[] key = new byte[random.nextInt(20)];
          random.nextBytes(key);
          int keyspaceId = random.nextInt(Integer.MAX_VALUE);
          byte[] storedKey = StoredKey.object(keyspaceId, key);
          assertEquals(keyspaceId, StoredKey.keyspaceId(storedKey));
          assertEquals(Slots.of(key), StoredKey.slot(storedKey));
          assertArrayEquals(key, StoredKey.userKey(storedKey));
          assertTrue(
              between(
                  StoredKey.slotStart(keyspaceId, Slots.of(key)),
                  storedKey,
                  StoredKey.slotEnd(keyspaceId, Slots.of(key))));
          assertTrue(
              between(
                  StoredKey.keyspaceStart(keyspaceId),
                  storedKey,
                  StoredKey.keyspaceEnd(keyspaceId)));
        });
  }

  @Test
  void whatANewerVersionWroteIsRefusedByName() {
    assertRefused("layout 2", "02010001");
    assertRefused("type 2", "01020001");
    assertRefused("flags 8", "01010801");
    assertRefused("flags 128", "01018001");
    byte[] stored = HexFormat.of().parseHex("01010001");
    assertEquals(0, StoredObject.payload(stored).length);
  }

  @Test
  void whatEndsTooEarlyIsDamaged() {
    for (String damaged :
        new String[] {"", "0101", "010101", "0101010000000000000000", "010100ff"}) {
      byte[] stored = HexFormat.of().parseHex(damaged);
      var failure = assertThrows(EngineException.class, () -> StoredObject.payload(stored));
      assertTrue(failure.getCause() instanceof CorruptionException, damaged);
    }
  }

  @Test
  void compactionDropsExpiredObjectsAndNothingElse() {
    byte[] key = StoredKey.object(1, bytes("k"));
    byte[] other = StoredKey.of(1, 5, (byte) 7, bytes("k"));
    byte[] ended = StoredObject.string(StoredObject.PLAIN, 1000, 1, bytes("v"));
    byte[] later = StoredObject.string(StoredObject.PLAIN, 1001, 1, bytes("v"));
    byte[] never = StoredObject.string(StoredObject.PLAIN, 0, 1, bytes("v"));
    assertTrue(isGarbage(key, ended));
    assertFalse(isGarbage(key, later));
    assertFalse(isGarbage(key, never));
    assertFalse(isGarbage(other, ended));
    assertFalse(isGarbage(DatabaseIds.storedKey(), DatabaseIds.record(new int[16])));
    assertFalse(isGarbage(new byte[] {1}, ended));
  }

  private static boolean isGarbage(byte[] key, byte[] value) {
    byte[] both = Arrays.copyOf(key, key.length + value.length + 1); // as within a block
    System.arraycopy(value, 0, both, key.length + 1, value.length);
    return new ExpiredObjects(() -> 1000)
        .isGarbage(both, 0, key.length, both, key.length + 1, value.length);
  }

  private static void assertRefused(String what, String stored) {
    var refusal =
        assertThrows(
            EngineException.class, () -> StoredObject.payload(HexFormat.of().parseHex(stored)));
    assertTrue(refusal.getCause() instanceof FormatException);
    assertTrue(String.valueOf(refusal.getMessage()).contains(what), refusal.getMessage());
  }

  private static boolean between(byte[] start, byte[] key, byte[] end) {
    return Arrays.compareUnsigned(start, key) <= 0 && Arrays.compareUnsigned(key, end) < 0;
  }
}
