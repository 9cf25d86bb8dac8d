package dev.henge.simulation.workload;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.simulation.check.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/// What clients want, drawn from the seed: registers, comparisons, lists, counters, sets of unique
/// members, transfers between accounts.
///
/// - Bound: a list is begun anew with every [#LIST_COUNT]th append, so that values stay small and
///   histories of one key short.
public final class Wishes {
  private static final int REGISTERS = 6;
  private static final int ACCOUNTS = 4;
  private static final int LIST_COUNT = 60;

  private final SeededRandomness random;
  private final IntSupplier keyspaceCount;
  private long drawn;

  /// @param keyspaceCount of now: there may be more later
  public Wishes(SeededRandomness random, IntSupplier keyspaceCount) {
    this.random = random;
    this.keyspaceCount = keyspaceCount;
  }

  public Task next() {
    long number = drawn++;
    int keyspace = random.nextInt(keyspaceCount.getAsInt());
    // Histories are judged key by key, and take more than their length to judge: new keys from time
    // to time keep them short.
    long epoch = number / 600;
    int kind = random.nextInt(100);
    if (kind < 45) {
      return Task.of(
          keyspace,
          level(),
          "register-" + epoch + "-" + random.nextInt(REGISTERS),
          onRegister(number));
    } else if (kind < 58) {
      return Task.of(
          keyspace,
          level(),
          "counter-" + epoch,
          random.chance(70) ? new Action.Increment(1 + random.nextInt(5)) : new Action.Get());
    } else if (kind < 70) {
      return Task.of(
          keyspace,
          level(),
          "list-" + number / LIST_COUNT,
          random.chance(70) ? new Action.Append(number + ",") : new Action.Get());
    } else if (kind < 80) {
      return Task.of(
          keyspace,
          ReadLevel.LINEARIZABLE,
          "member-" + number,
          new Action.PutIfAbsent("here-" + number));
    }
    if (kind < 84) {
      return Task.ending(
          keyspace,
          "ending-" + random.nextInt(40),
          new Action.Put("e" + number),
          random.between(1_000, 3_600_000));
    }
    return random.chance(60) ? transfer(keyspace, epoch) : balance(keyspace, epoch);
  }

  /// Of what may be a read.
  private ReadLevel level() {
    int drawn = random.nextInt(100);
    return drawn < 20 ? ReadLevel.LEADER : drawn < 45 ? ReadLevel.STALE : ReadLevel.LINEARIZABLE;
  }

  private Action onRegister(long number) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> new Action.Put("v" + number);
      case 3 -> new Action.Delete();
      case 4 -> new Action.PutIfAbsent("v" + number);
      // values drawn so recently that one of them may be there
      case 5 -> new Action.CompareAndSet("v" + (number - 1 - random.nextInt(12)), "v" + number);
      default -> new Action.Get();
    };
  }

  private Task transfer(int keyspace, long epoch) {
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    long amount = 1L + random.nextInt(9);
    return Task.together(
        keyspace,
        List.of(
            new Task.Step(account(epoch, from), new Action.Increment(-amount)),
            new Task.Step(account(epoch, to), new Action.Increment(amount))),
        false);
  }

  private static Task balance(int keyspace, long epoch) {
    List<Task.Step> reads = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      reads.add(new Task.Step(account(epoch, i), new Action.Get()));
    }
    return Task.together(keyspace, reads, true);
  }

  private static String account(long epoch, int number) {
    return "{ledger" + epoch + "}-" + number;
  }
}
