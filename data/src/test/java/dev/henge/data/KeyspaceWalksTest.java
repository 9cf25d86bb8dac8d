package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.string;
import static dev.henge.data.ScratchGroup.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Slots;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// SCAN, KEYS, DBSIZE, RANDOMKEY.
final class KeyspaceWalksTest {
  private static final Comparator<String> IN_ORDER =
      Comparator.<String, Integer>comparing(key -> Slots.of(bytes(key)))
          .thenComparing(Comparator.naturalOrder());

  private final ScratchGroup group = new ScratchGroup();

  /// Whatever the pages' size, pattern and prefix: every key that is there once, in order.
  @Test
  void aScanVisitsEveryMatchingKeyOnce() {
    RandomTest.run("scans", 60, KeyspaceWalksTest::scanEverything);
  }

  private static void scanEverything(Random random) {
    var group = new ScratchGroup();
    Set<String> alive = fill(group, random);
    for (int scan = 0; scan < 8; scan++) {
      String prefix = List.of("", "", "k", "{a}", "{a}1", "{", "\377", "{}").get(random.nextInt(8));
      String pattern =
          List.of("", "*", "k*", "{a}*", "{a}?", "*1*", "[k{]*", "{a}1").get(random.nextInt(8));
      var expected = new TreeSet<>(IN_ORDER);
      alive.stream()
          .filter(key -> key.startsWith(prefix) && (pattern.isEmpty() || glob(pattern, key)))
          .forEach(expected::add);
      int count = random.nextInt(10) + (random.nextInt(3) == 0 ? 200 : 0);
      assertEquals(List.copyOf(expected), scan(group, pattern, prefix, count));
      if (!pattern.isEmpty() && prefix.isEmpty()) {
        var keys = (Reply.Many) group.apply(new Operation.Keys(bytes(pattern)));
        List<String> found =
            keys.items().stream().map(key -> string(((Reply.Bytes) key).bytes())).toList();
        assertEquals(List.copyOf(expected), found);
      }
    }
    assertEquals("" + alive.size(), text(group.apply(new Operation.CountKeys())));
    int slot = Slots.of(bytes("a"));
    long inSlot = alive.stream().filter(key -> Slots.of(bytes(key)) == slot).count();
    assertEquals("" + inSlot, text(group.apply(new Operation.CountKeysInSlot(slot))));
  }

  private static Set<String> fill(ScratchGroup group, Random random) {
    Set<String> alive = new HashSet<>();
    for (int i = random.nextInt(120); i >= 0; i--) {
      String key =
          List.of("", "k", "{a}", "{}", "\377").get(random.nextInt(5))
              + (random.nextInt(5) == 0 ? "" : "" + random.nextInt(300));
      boolean ends = random.nextInt(4) == 0;
      Expiry expiry = ends ? new Expiry.In(10) : Expiry.NONE;
      set(group, key, expiry);
      alive.add(key);
      if (ends) {
        alive.remove(key);
      }
    }
    // neighbours that no scan may show: other keyspaces, other kinds of record
    group.apply(
        1, new Operation.Set(bytes("{a}other"), bytes(""), Expiry.NONE, Condition.ALWAYS, false));
    for (String key : List.of("", "{a}", "k")) {
      byte[] record =
          StoredKey.of(group.databaseIds[0], Slots.of(bytes(key)), (byte) 9, bytes(key));
      group.engine.append(new WriteBatch().put(record, bytes("?")), LogMode.SYNCED);
    }
    group.now += 10;
    return alive;
  }

  @Test
  void aScanIsBoundedByItsCount() {
    for (int i = 0; i < 50; i++) {
      set(group, "key" + i, Expiry.NONE);
    }
    var none = new Operation.Scan(ScanPosition.START, bytes("nothing"), bytes(""), 20, null);
    var page = (Reply.ScanPage) group.apply(none);
    assertTrue(page.keys().isEmpty());
    assertTrue(page.next() != null, "20 of 50 keys were looked at");
    var all = new Operation.Scan(ScanPosition.START, null, bytes(""), 50, null);
    assertEquals(null, ((Reply.ScanPage) group.apply(all)).next());
    var lists = new Operation.Scan(ScanPosition.START, null, bytes(""), 50, "list");
    assertEquals("<>end", text(group.apply(lists)));
    var strings = new Operation.Scan(ScanPosition.START, null, bytes(""), 50, "string");
    assertEquals(50, ((Reply.ScanPage) group.apply(strings)).keys().size());
  }

  @Test
  void anyPositionIsAPlaceInTheOrder() {
    for (String key : List.of("a", "b", "c")) {
      set(group, key, Expiry.NONE);
    }
    for (int slot : new int[] {16383, 16384, 65535}) {
      var beyond = new Operation.Scan(new ScanPosition(slot, bytes("z")), null, bytes(""), 5, null);
      assertEquals("<>end", text(group.apply(beyond)));
    }
    var within = new ScanPosition(Slots.of(bytes("b")), bytes("a"));
    var page = (Reply.ScanPage) group.apply(new Operation.Scan(within, null, bytes(""), 1, null));
    assertEquals("b", string(page.keys().get(0).bytes()));
  }

  @Test
  void everyLiveKeyIsDrawnSometimesAndNoOther() {
    RandomTest.run(
        "random keys",
        15,
        random -> {
          var group = new ScratchGroup();
          assertEquals("nil", text(group.apply(new Operation.RandomKey())));
          // All in one slot, or each far behind the slot before it: a slot is drawn as often as it
          // has
          // free ones in front of it, and 20,000 draws must be enough.
          boolean oneSlot = random.nextBoolean();
          Set<String> alive = new HashSet<>();
          Set<Integer> near = new HashSet<>();
          for (int i = 0; i < 20; i++) {
            String key = (oneSlot ? "{a}" : "") + "k" + random.nextInt(1000);
            int slot = Slots.of(bytes(key));
            if (!oneSlot && near.contains(slot)) {
              continue;
            }
            for (int distance = -100; distance <= 100; distance++) {
              near.add(Math.floorMod(slot + distance, Slots.COUNT));
            }
            boolean ends = random.nextInt(5) == 0;
            set(group, key, ends ? new Expiry.In(5) : Expiry.NONE);
            alive.add(key);
            if (ends) {
              alive.remove(key);
            }
          }
          group.now += 5;
          Set<String> drawn = new HashSet<>();
          for (int i = 0; i < 20_000 && !(drawn.equals(alive) && i > 200); i++) {
            group.seed = random.nextLong();
            Reply reply = group.apply(new Operation.RandomKey());
            if (reply instanceof Reply.Bytes key) {
              drawn.add(string(key.bytes()));
            } else {
              assertTrue(alive.isEmpty());
            }
          }
          assertEquals(alive, drawn);
        });
  }

  private static List<String> scan(ScratchGroup group, String pattern, String prefix, int count) {
    List<String> keys = new ArrayList<>();
    @Nullable ScanPosition from = ScanPosition.START;
    while (from != null) {
      byte[] glob = pattern.isEmpty() ? null : bytes(pattern);
      var page =
          (Reply.ScanPage) group.apply(new Operation.Scan(from, glob, bytes(prefix), count, null));
      page.keys().forEach(key -> keys.add(string(key.bytes())));
      from = page.next();
    }
    return keys;
  }

  private static boolean glob(String pattern, String key) {
    return pattern.equals("*") || new Glob(bytes(pattern)).matches(bytes(key));
  }

  private static void set(ScratchGroup group, String key, Expiry expiry) {
    group.apply(new Operation.Set(bytes(key), bytes("v"), expiry, Condition.ALWAYS, false));
  }
}
