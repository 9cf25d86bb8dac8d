package dev.henge.server.eventual;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.server.eventual.EventualSession.Footprint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The order of one connection's requests.
class EventualSessionTest {
  private final EventualSession session = new EventualSession();
  private final Map<String, Runnable> underWay = new LinkedHashMap<>();

  @Test
  void requestsForDifferentKeysAreUnderWayTogether() {
    submit("1", true, "a");
    submit("2", true, "b");
    submit("3", false, "c");
    submit("4", false, "c");
    assertEquals(List.of("1", "2", "3", "4"), List.copyOf(underWay.keySet()));
  }

  @Test
  void aRequestWaitsForTheWriteOfItsKeyAndOthersWaitBehindIt() {
    submit("write", true, "a");
    submit("read", false, "b", "a");
    submit("other", false, "c");
    assertEquals(List.of("write"), List.copyOf(underWay.keySet()));
    answer("write");
    assertEquals(List.of("read", "other"), List.copyOf(underWay.keySet()));
    submit("rewrite", true, "a");
    assertEquals(2, underWay.size());
    answer("read");
    assertEquals(List.of("other", "rewrite"), List.copyOf(underWay.keySet()));
  }

  @Test
  void walksAndWritesWaitForEachOther() {
    submit("write", true, "a");
    submit("walk", false);
    submit("read", false, "b");
    submit("late", true, "b");
    assertEquals(List.of("write"), List.copyOf(underWay.keySet()));
    answer("write");
    assertEquals(List.of("walk", "read"), List.copyOf(underWay.keySet()));
    answer("read");
    assertEquals(List.of("walk"), List.copyOf(underWay.keySet()));
    answer("walk");
    assertEquals(List.of("late"), List.copyOf(underWay.keySet()));
  }

  /// Answers that come at once do not nest: ten thousand of them fit on a stack.
  @Test
  void answersThatComeAtOnceTakeNoStack() {
    session.submit(
        new Footprint(List.of("a".getBytes(UTF_8)), true), done -> underWay.put("held", done));
    var order = new ArrayList<Integer>();
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      session.submit(
          new Footprint(List.of("a".getBytes(UTF_8)), true),
          done -> {
            order.add(number);
            done.run();
          });
    }
    answer("held");
    assertEquals(10_000, order.size());
    assertTrue(order.equals(order.stream().sorted().toList()));
  }

  /// By chance: whatever order answers come in, requests that touch each other keep theirs.
  @Test
  void requestsThatTouchEachOtherKeepTheirOrder() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var model = new EventualSession();
      List<Footprint> all = new ArrayList<>();
      List<Integer> begun = new ArrayList<>();
      Map<Integer, Runnable> open = new LinkedHashMap<>();
      int next = 0;
      while (next < 40 || !open.isEmpty()) {
        if (next < 40 && (open.isEmpty() || random.nextBoolean())) {
          int number = next++;
          byte[] key = {(byte) random.nextInt(3)};
          boolean walk = random.nextInt(8) == 0;
          var footprint =
              new Footprint(walk ? List.of() : List.of(key), !walk && random.nextBoolean());
          all.add(footprint);
          model.submit(
              footprint,
              done -> {
                for (int other : open.keySet()) {
                  assertTrue(!touch(all.get(other), all.get(number)), "seed of the run");
                }
                begun.add(number);
                open.put(number, done);
              });
        } else {
          List<Integer> numbers = List.copyOf(open.keySet());
          Objects.requireNonNull(open.remove(numbers.get(random.nextInt(numbers.size())))).run();
        }
      }
      assertEquals(40, begun.size(), "seed " + seed);
      assertEquals(begun.stream().sorted().toList(), begun, "seed " + seed);
    }
  }

  private static boolean touch(Footprint one, Footprint other) {
    if (!one.writes() && !other.writes()) {
      return false;
    }
    return one.walks() || other.walks() || one.keys().getFirst()[0] == other.keys().getFirst()[0];
  }

  private void submit(String name, boolean writes, String... keys) {
    List<byte[]> bytes = List.of(keys).stream().map(key -> key.getBytes(UTF_8)).toList();
    session.submit(new Footprint(bytes, writes), done -> underWay.put(name, done));
  }

  private void answer(String name) {
    Objects.requireNonNull(underWay.remove(name), name).run();
  }
}
