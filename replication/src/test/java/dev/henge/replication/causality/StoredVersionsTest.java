package dev.henge.replication.causality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// What is on disk and wire, byte for byte (FORMAT.md).
final class StoredVersionsTest {
  private static final String EXAMPLE =
      "010208"
          + "02"
          + "0105"
          + "03ac02"
          + "02"
          + "00000100"
          + "0000010000000000"
          + "0161"
          + "01000100"
          + "0100010000000000"
          + "026263";

  @Test
  void theWorkedExampleOfTheFormatPage() throws Exception {
    Versions versions =
        Versions.NONE
            .write(VersionVector.EMPTY, Version.string(new Dot(1, 5), 1 << 16, 0, 0, bytes("a")))
            .write(
                VersionVector.EMPTY,
                Version.string(new Dot(3, 300), (1 << 16) + 1, 0, 0, bytes("bc")));
    assertEquals(EXAMPLE, HexFormat.of().formatHex(StoredVersions.encode(versions)));
    assertEquals(versions, StoredVersions.decode(HexFormat.of().parseHex(EXAMPLE)));
  }

  @Test
  void everyFieldComesBack() throws Exception {
    Version part = Version.counter(new Dot(1, 5), 77, 1234, -42);
    Version blind = Version.string(new Dot(2, 6), 78, Version.BLIND | Version.RAW, 0, bytes("x"));
    Version tombstone = Version.tombstone(new Dot(9, 1), 79);
    Versions versions =
        Versions.NONE
            .write(VersionVector.EMPTY, part)
            .write(VersionVector.EMPTY, blind)
            .write(VersionVector.EMPTY, tombstone);
    Versions back = StoredVersions.decode(StoredVersions.encode(versions));
    assertEquals(versions, back);
    for (int i = 0; i < 3; i++) {
      Version wanted = versions.siblings().get(i);
      Version found = back.siblings().get(i);
      assertEquals(wanted.time(), found.time());
      assertEquals(wanted.kind(), found.kind());
      assertEquals(wanted.flags(), found.flags());
      assertEquals(wanted.expiryMillis(), found.expiryMillis());
      assertArrayEquals(wanted.payload(), found.payload());
    }
    assertEquals(-42, back.siblings().getFirst().sum());
  }

  @Test
  void whatANewerProgramWroteIsRefusedAsThat() {
    for (int[] change : new int[][] {{0, 2}, {1, 9}, {2, 0}, {12, 4}, {13, 64}}) {
      byte[] stored = HexFormat.of().parseHex(EXAMPLE);
      stored[change[0]] = (byte) change[1];
      assertThrows(FormatException.class, () -> StoredVersions.decode(stored), "at " + change[0]);
    }
  }

  @Test
  void everyCutIsNamedAsDamage() {
    byte[] stored = HexFormat.of().parseHex(EXAMPLE);
    for (int bytes = 0; bytes < stored.length; bytes++) {
      byte[] cut = Arrays.copyOf(stored, bytes);
      assertThrows(CorruptionException.class, () -> StoredVersions.decode(cut), bytes + " bytes");
    }
  }

  @Test
  void noDamagedByteIsTakenForAnythingButAnError() {
    byte[] stored = HexFormat.of().parseHex(EXAMPLE);
    for (int bit = 0; bit < 8 * stored.length; bit++) {
      byte[] damaged = stored.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        Versions versions = StoredVersions.decode(damaged);
        assertEquals(versions, StoredVersions.decode(StoredVersions.encode(versions)));
      } catch (IOException named) {
        assertEquals(false, String.valueOf(named.getMessage()).isEmpty());
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
