package dev.henge.simulation.fault;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.network.Links;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Partitions, unruly and slow links.
///
/// - Threads: the simulation's.
final class NetworkFaults {
  private final World world;
  private final SeededRandomness random;
  private final Target target;

  // A later fault of a kind takes the place of the one before: only the last one's end counts.
  private long partitions;
  private long unruly;

  NetworkFaults(World world, SeededRandomness random, Target target) {
    this.world = world;
    this.random = random;
    this.target = target;
  }

  boolean inject(FaultClass kind) {
    Links network = target.network();
    switch (kind) {
      case UNRULY_NETWORK -> {
        long mine = ++unruly;
        network.unruly(random.nextInt(25), random.nextInt(25), random.nextInt(40));
        world.after(
            time(),
            () -> {
              if (mine == unruly) {
                network.unruly(0, 0, 0);
              }
            });
      }
      case PARTITION -> {
        long mine = ++partitions;
        network.unblockAll();
        partition(network);
        world.after(
            time(),
            () -> {
              if (mine == partitions) {
                network.unblockAll();
              }
            });
      }
      default -> badLink(network);
    }
    return true;
  }

  private void partition(Links network) {
    List<Long> members = shuffled();
    int count = members.size();
    switch (random.nextInt(4)) {
      case 0 -> {
        // two sides; now and then the leader of something is alone on one
        int cut = 1 + random.nextInt(count - 1);
        apart(network, members.subList(0, cut), members.subList(cut, count));
      }
      case 1 -> {
        // one direction only
        int cut = 1 + random.nextInt(count - 1);
        network.block(members.subList(0, cut), members.subList(cut, count));
      }
      case 2 -> {
        // a bridge: one member reaches both sides
        int cut = Math.max(1, count / 2);
        apart(
            network,
            members.subList(1, cut + 1 > count ? count : cut + 1),
            members.subList(Math.min(count, cut + 1), count));
      }
      default -> {
        int leader = target.leader(random.nextInt(target.keyspaceCount()));
        long alone = leader >= 0 ? target.member(leader) : members.getFirst();
        List<Long> others = members.stream().filter(member -> member != alone).toList();
        apart(network, List.of(alone), others);
      }
    }
  }

  private void badLink(Links network) {
    List<Long> members = shuffled();
    long a = members.get(0);
    long b = members.get(1);
    if (random.chance(50)) {
      network.reset(a, b);
    } else {
      network.slowDown(a, b, 20 + random.nextInt(400));
      world.after(time(), () -> network.slowDown(a, b, 1));
    }
  }

  private static void apart(Links network, List<Long> one, List<Long> other) {
    network.block(one, other);
    network.block(other, one);
  }

  private List<Long> shuffled() {
    var members = new ArrayList<Long>();
    for (int i = 0; i < target.machineCount(); i++) {
      members.add(target.member(i));
    }
    for (int i = members.size() - 1; i > 0; i--) {
      Collections.swap(members, i, random.nextInt(i + 1));
    }
    return members;
  }

  private Duration time() {
    return Duration.ofMillis(
        random.chance(30) ? random.between(50, 800) : random.between(800, 8_000));
  }
}
