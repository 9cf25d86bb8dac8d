package dev.henge.replication.causality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.replication.causality.ContextToken.ContextException;
import dev.henge.replication.causality.ContextToken.ContextException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// Contexts as text: pinned, and refused wherever they do not belong.
class ContextTokenTest {
  private static final String CLUSTER = "0123456789abcdef0123456789abcdef";
  private static final byte[] KEY = "cart".getBytes(StandardCharsets.UTF_8);

  private final ContextToken contexts = new ContextToken(CLUSTER);

  /// `FORMAT.md`: what clients hold must be read by every later version.
  @Test
  void textIsPinned() throws ContextException {
    VersionVector vector = VersionVector.of(new long[] {1, 3}, new long[] {5, 300});
    String text = contexts.write(1025, KEY, vector);
    assertEquals("AQIBBQOsAnSUGmPDriTm6cHvhQ", text);
    assertEquals(vector, contexts.read(1025, KEY, text));
  }

  @Test
  void anyVectorComesBack() throws ContextException {
    var random = new Random(7);
    for (int pairs = 0; pairs < 300; pairs++) {
      long[] replicas = random.longs(pairs, 1, 1L << 40).sorted().distinct().toArray();
      long[] counters = random.longs(replicas.length, 1, Long.MAX_VALUE).toArray();
      VersionVector vector = VersionVector.of(replicas, counters);
      String text = contexts.write(pairs, KEY, vector);
      assertTrue(text.length() <= ContextToken.TEXT_CHARACTERS_MAX);
      assertEquals(vector, contexts.read(pairs, KEY, text));
    }
  }

  @Test
  void belongsToOneKeyOfOneKeyspaceOfOneCluster() {
    String text = contexts.write(1025, KEY, VersionVector.EMPTY.with(new Dot(1, 5)));
    byte[] other = "carts".getBytes(StandardCharsets.UTF_8);
    assertEquals(Reason.FOREIGN, refusal(contexts, 1025, other, text));
    assertEquals(Reason.FOREIGN, refusal(contexts, 1026, KEY, text));
    assertEquals(Reason.FOREIGN, refusal(new ContextToken("f".repeat(32)), 1025, KEY, text));
  }

  @Test
  void everyDamageIsFound() {
    String text = contexts.write(1025, KEY, VersionVector.EMPTY.with(new Dot(1, 5)));
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertEquals(Reason.DAMAGED, refusal(contexts, 1025, KEY, text(damaged)), "bit " + bit);
    }
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertEquals(Reason.DAMAGED, refusal(contexts, 1025, KEY, text(cut)), "cut at " + length);
    }
    assertEquals(Reason.DAMAGED, refusal(contexts, 1025, KEY, "no context!"));
    String long1 = "A".repeat(ContextToken.TEXT_CHARACTERS_MAX + 1);
    assertEquals(Reason.DAMAGED, refusal(contexts, 1025, KEY, long1));
  }

  @Test
  void newerOneIsNamed() {
    byte[] bytes = new byte[20];
    bytes[0] = 2;
    var crc = new CRC32C();
    crc.update(bytes, 0, 16);
    for (int i = 0; i < 4; i++) {
      bytes[16 + i] = (byte) (crc.getValue() >>> (8 * i));
    }
    assertEquals(Reason.NEWER, refusal(contexts, 1025, KEY, text(bytes)));
  }

  @Test
  void writerContextLeavesOutWhatItsAuthorNeverRead() {
    Versions one = write(Versions.NONE, 1, 7);
    Versions both = one.write(VersionVector.EMPTY, string(2, 9));
    Versions after = both.write(VersionVector.EMPTY, string(1, 12));
    VersionVector context = after.writerContext(both);
    assertEquals(VersionVector.EMPTY.with(new Dot(1, 6)).with(new Dot(2, 8)), context);
    assertEquals(after.siblings(), after.delete(context).siblings());

    Versions alone = one.write(one.seen(), string(1, 12));
    assertEquals(alone.seen(), alone.writerContext(one));
  }

  private static Versions write(Versions before, long replica, long counter) {
    return before.write(before.seen(), string(replica, counter));
  }

  private static Version string(long replica, long counter) {
    return Version.string(new Dot(replica, counter), 1, 0, 0, new byte[0]);
  }

  private static Reason refusal(ContextToken contexts, int keyspace, byte[] key, String text) {
    return assertThrows(ContextException.class, () -> contexts.read(keyspace, key, text)).reason();
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
