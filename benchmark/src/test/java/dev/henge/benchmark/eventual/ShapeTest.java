package dev.henge.benchmark.eventual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Operation;
import dev.henge.benchmark.cluster.Request;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Seeds are fixed, so that the same requests are judged each time.
final class ShapeTest {
  private static final long KEYS = 1_000;
  private static final int REQUESTS = 100_000;

  @Test
  void shapesMixOperationsAsTheyShould() {
    Map<Shape, Double> reads =
        Map.of(Shape.A, 0.5, Shape.B, 0.95, Shape.C, 1.0, Shape.D, 0.95, Shape.F, 0.5);
    reads.forEach((shape, share) -> {
      Map<Operation, Integer> counts = new EnumMap<>(Operation.class);
      Iterator<Request> requests = requests(shape, Popularity.UNIFORM);
      for (int i = 0; i < REQUESTS; i++) {
        counts.merge(requests.next().operation(), 1, Integer::sum);
      }
      assertEquals(
          share, counts.getOrDefault(Operation.READ, 0) / (double) REQUESTS, 0.01, shape.name());
      assertEquals(shape == Shape.F, counts.containsKey(Operation.READ_MODIFY_WRITE), shape.name());
      assertTrue(counts.size() <= 2, shape.name());
    });
  }

  /// Of 1,000 ranks the first has 1 / zeta of the requests, where zeta is the sum of all `i^-0.99`:
  /// 13 %; the second about half as many.
  @Test
  void ranksAreDrawnInProportionToTheirPopularity() {
    var ranks = new Zipfian(KEYS);
    var random = new SplittableRandom(7);
    int[] counts = new int[(int) KEYS];
    for (int i = 0; i < REQUESTS; i++) {
      counts[(int) ranks.next(random)]++;
    }
    double zeta = 0;
    for (int i = 1; i <= KEYS; i++) {
      zeta += Math.pow(i, -0.99);
    }
    assertEquals(1 / zeta, counts[0] / (double) REQUESTS, 0.01);
    assertEquals(Math.pow(2, -0.99) / zeta, counts[1] / (double) REQUESTS, 0.01);
    double firstHundred = 0;
    double expected = 0;
    for (int i = 0; i < 100; i++) {
      firstHundred += counts[i] / (double) REQUESTS;
      expected += Math.pow(i + 1, -0.99) / zeta;
    }
    assertEquals(expected, firstHundred, 0.03);
  }

  @Test
  void keysOfEveryPopularityAreAmongThoseThatAreThere() {
    for (Popularity popularity : Popularity.values()) {
      Map<Long, Integer> counts = new HashMap<>();
      Iterator<Request> requests = requests(Shape.C, popularity);
      for (int i = 0; i < REQUESTS; i++) {
        counts.merge(requests.next().key(), 1, Integer::sum);
      }
      counts.keySet().forEach(key -> assertTrue(key >= 0 && key < KEYS, popularity + " " + key));
      int most = counts.values().stream().max(Integer::compare).orElseThrow();
      assertEquals(popularity == Popularity.ZIPFIAN, most > REQUESTS / 20, popularity.name());
    }
  }

  @Test
  void latestAreReadWhenTheirInsertIsOverAndRunsDoNotShareInserts() {
    Load load = Shape.D.load(Popularity.ZIPFIAN, 8, KEYS, 1);
    Set<Long> inserted = new HashSet<>();
    for (int run = 0; run < 2; run++) {
      Iterator<Request> requests = load.requests().get().apply(run);
      long readOfThisRun = 0;
      Set<Long> ofThisRun = new HashSet<>();
      for (int i = 0; i < REQUESTS; i++) {
        Request request = requests.next();
        if (request.operation() == Operation.WRITE) {
          assertTrue(inserted.add(request.key()), "inserted twice");
          ofThisRun.add(request.key());
        } else {
          boolean wasThere = request.key() >= 0 && request.key() < KEYS;
          assertTrue(wasThere || ofThisRun.contains(request.key()), () -> "read " + request.key());
          readOfThisRun += wasThere ? 0 : 1;
        }
      }
      assertTrue(readOfThisRun > REQUESTS / 2, "read lately inserted: " + readOfThisRun);
    }
  }

  private static Iterator<Request> requests(Shape shape, Popularity popularity) {
    return shape.load(popularity, 8, KEYS, 1).requests().get().apply(5);
  }
}
