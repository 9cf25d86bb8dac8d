package dev.henge.replication.hashtree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.data.StoredKey;
import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HashedKeyTest {
  @Test
  void valuesAreNotHashedButWhoWroteThemIs() {
    HashedKey key = key("key");
    assertEquals(key.hash(written(1, 7, "one")), key.hash(written(1, 7, "two")));
    assertNotEquals(key.hash(written(1, 7, "one")), key.hash(written(1, 8, "one")));
    assertNotEquals(key.hash(written(1, 7, "one")), key.hash(written(2, 7, "one")));
    assertNotEquals(key.hash(written(1, 7, "")), key("kez").hash(written(1, 7, "")));
  }

  @Test
  void whatIsLeftOfTheSameWritesIsHashed() {
    HashedKey key = key("key");
    Versions one = written(1, 7, "one");
    Versions both = one.write(VersionVector.EMPTY, version(2, 8));
    Versions replaced = one.write(one.seen(), version(2, 8));
    Versions deleted = both.delete(both.seen());
    Set<Sum> sums = new HashSet<>();
    for (Versions each : List.of(one, both, replaced, deleted)) {
      assertTrue(sums.add(key.hash(each)), each.toString());
    }
  }

  @Test
  void nearbyObjectsHaveDistantHashes() {
    Set<Long> halves = new HashSet<>();
    var random = new SeededRandomness(1);
    for (int i = 0; i < 200_000; i++) {
      Sum sum = key("key" + i / 10).hash(written(1 + i % 10, 1 + random.nextInt(3), ""));
      assertTrue(halves.add(sum.half()), () -> "two objects have the hash " + sum);
    }
  }

  @Test
  void leavesAreFilledEvenlyWhateverTheSlot() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 64_000; i++) {
      names.add("{one slot}" + i);
    }
    int[] counts = new int[HashTree.LEAVES];
    for (String name : names) {
      counts[key(name).leaf()]++;
    }
    for (int count : counts) {
      // Expected 4,000, standard deviation 61: further than six of them away is no accident.
      assertTrue(count > 3600 && count < 4400, () -> "a leaf has " + count);
    }
  }

  private static Versions written(long replica, long counter, String value) {
    return Versions.NONE.write(
        VersionVector.EMPTY, Version.string(new Dot(replica, counter), 1, 0, 0, bytes(value)));
  }

  private static Version version(long replica, long counter) {
    return Version.string(new Dot(replica, counter), 1, 0, 0, bytes(""));
  }

  private static HashedKey key(String key) {
    return new HashedKey(StoredKey.object(1024, bytes(key)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
