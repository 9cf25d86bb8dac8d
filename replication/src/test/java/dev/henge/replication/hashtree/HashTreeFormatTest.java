package dev.henge.replication.hashtree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.henge.data.StoredKey;
import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.EngineException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// What is on disk, byte for byte (FORMAT.md).
final class HashTreeFormatTest {
  private static final HashedKey KEY = key("a");
  private static final Versions ALIVE =
      Versions.NONE.write(
          VersionVector.EMPTY, Version.string(new Dot(1, 5), 1 << 16, 0, 0, bytes("value")));
  private static final Versions DELETED = ALIVE.delete(ALIVE.seen());

  @Test
  void theWorkedExampleOfTheFormatPage() {
    Leaf leaf = Leaf.EMPTY.replace(KEY, Versions.NONE, DELETED);
    assertEquals(13, KEY.leaf());
    assertEquals("000004003c87050d", hex(StoredKey.hashLeaf(1024, KEY.slot(), KEY.leaf())));
    assertEquals("01fe9fbec6754387a82133073245b3842f000100", hex(leaf.encode()));
    assertEquals(leaf, Leaf.decode(leaf.encode()));
  }

  @Test
  void theGraveOfTheFormatPage() {
    byte[] grave = new Grave(300, StoredVersions.encode(DELETED)).encode();
    assertEquals("012c0100000000000001020801010500", hex(grave));
    assertEquals(300, Grave.decode(grave).dugSeconds());
    assertEquals(DELETED, Grave.decode(grave).versions());
  }

  @Test
  void hashesStayAsTheyAre() {
    assertEquals("5872300d64ca3fda6bebc96b1bd4cbbd", hash(KEY, ALIVE));
    assertEquals(
        "860b9edadd188dcdc9c14d1842f85121", hash(key("a key of more than one word"), ALIVE));
    assertEquals("d06925e5863f209ab7e7f9a3232ca6ab", hash(key(""), DELETED));
  }

  @Test
  void whatANewerProgramWroteIsRefused() {
    byte[] leaf = Leaf.EMPTY.replace(KEY, Versions.NONE, ALIVE).encode();
    byte[] grave = new Grave(1, StoredVersions.encode(DELETED)).encode();
    leaf[0] = 2;
    grave[0] = 2;
    assertThrows(EngineException.class, () -> Leaf.decode(leaf));
    assertThrows(EngineException.class, () -> Grave.decode(grave));
  }

  @Test
  void everyCutOfALeafIsNamedAsDamage() {
    byte[] leaf = Leaf.EMPTY.replace(KEY, Versions.NONE, ALIVE).encode();
    for (int bytes = 0; bytes < leaf.length; bytes++) {
      byte[] cut = Arrays.copyOf(leaf, bytes);
      assertThrows(EngineException.class, () -> Leaf.decode(cut), bytes + " bytes");
    }
  }

  private static String hash(HashedKey key, Versions versions) {
    Sum sum = key.hash(versions);
    return "%016x%016x".formatted(sum.high(), sum.low());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static HashedKey key(String key) {
    return new HashedKey(StoredKey.object(1024, bytes(key)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
