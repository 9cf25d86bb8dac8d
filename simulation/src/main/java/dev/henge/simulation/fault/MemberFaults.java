package dev.henge.simulation.fault;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// Changes of members and leaders, by an operator who asks at bad moments.
///
/// - Threads: the simulation's.
final class MemberFaults {
  private final World world;
  private final SeededRandomness random;
  private final Target target;
  private final int votersMin;
  private final IntConsumer crash;

  /// @param votersMin of any group
  /// @param crash ends a machine's process, which comes back
  MemberFaults(
      World world, SeededRandomness random, Target target, int votersMin, IntConsumer crash) {
    this.world = world;
    this.random = random;
    this.target = target;
    this.votersMin = votersMin;
    this.crash = crash;
  }

  boolean inject(FaultClass kind) {
    int keyspace = random.nextInt(target.keyspaceCount());
    int leader = target.leader(keyspace);
    if (leader < 0) {
      return false;
    }
    if (kind == FaultClass.TRANSFER) {
      List<Integer> voters = target.voters(keyspace);
      if (voters.size() < 2) {
        return false;
      }
      target.transfer(keyspace, random.oneOf(voters));
      return true;
    }
    change(keyspace);
    if (kind == FaultClass.MEMBERS_AND_FAILOVER) {
      world.after(
          Duration.ofMillis(random.between(0, 400)),
          () -> {
            int now = target.leader(keyspace);
            crash.accept(now >= 0 ? now : leader);
          });
    }
    return true;
  }

  /// Any three (of five machines also five) vote; of the others, some learn.
  private void change(int keyspace) {
    List<Integer> machines =
        new ArrayList<>(IntStream.range(0, target.machineCount()).boxed().toList());
    for (int i = machines.size() - 1; i > 0; i--) {
      Collections.swap(machines, i, random.nextInt(i + 1));
    }
    int voters = machines.size() >= 5 && random.chance(30) ? 5 : Math.min(3, machines.size());
    if (machines.size() == 3 && random.chance(50)) {
      voters = votersMin;
    }
    List<Integer> learners =
        machines.subList(voters, machines.size()).stream()
            .filter(any -> random.chance(50))
            .toList();
    target.changeMembers(keyspace, machines.subList(0, voters), learners);
  }
}
