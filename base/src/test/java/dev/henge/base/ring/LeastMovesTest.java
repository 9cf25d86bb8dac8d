package dev.henge.base.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a change moves in small clusters with racks and data centres, beside the least that could
/// be moved. A failure's seed is given back with `-Dseed=N`.
final class LeastMovesTest {
  private static final int SLOTS = 64;

  private static final double MOVED_MAX = 1.1;

  /// Slots more, of 192: what whole numbers do to so few.
  private static final int WHOLE = 4;

  @Test
  void littleMoreMovesThanMust() {
    for (long seed : Seeds.of("LeastMovesTest", Seeds.count("ring.small", 150))) {
      var random = new Random(seed);
      Copies copies = Copies.of(1 + random.nextInt(3));
      List<RingServer> servers = new ArrayList<>();
      int centres = 1 + random.nextInt(2);
      int racks = 1 + random.nextInt(5);
      int count = 3 + random.nextInt(8);
      for (int i = 1; i <= count + 1; i++) {
        servers.add(
            new RingServer(
                i,
                1 + random.nextInt(3),
                "dc" + random.nextInt(centres),
                "r" + random.nextInt(racks)));
      }
      RingServer last = servers.removeLast();
      SlotTable before = RingPlanner.plan(servers, copies, SLOTS, null);
      List<RingServer> after = new ArrayList<>(servers);
      if (random.nextBoolean()) {
        after.add(last);
      } else {
        after.remove(random.nextInt(count));
      }
      SlotTable table = RingPlanner.plan(after, copies, before);
      int moved = table.movedSince(before);
      double[] shares = RingPlanner.shares(after, copies, SLOTS);
      var lows = new int[shares.length];
      var highs = new int[shares.length];
      for (int i = 0; i < shares.length; i++) {
        lows[i] = (int) Math.min(Math.floor(shares[i] + 1e-6), Math.ceil(0.95 * shares[i] - 1e-6));
        highs[i] = (int) Math.max(Math.ceil(shares[i] - 1e-6), Math.floor(1.05 * shares[i] + 1e-6));
      }
      long least = LeastMoves.of(after, copies, before, lows, highs);
      String what = "seed " + seed + ": " + moved + " moved, the least is " + least;
      assertTrue(moved >= least, what);
      assertTrue(moved <= MOVED_MAX * least + WHOLE, what);
    }
  }
}
