package dev.henge.replication.antientropy;

import dev.henge.base.Randomness;
import dev.henge.base.Slots;
import dev.henge.base.Threads;
import dev.henge.replication.handoff.HintStore;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.storage.WriteRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Has this node's copies compared with others', a random keyspace and member at a time, for ever;
/// and all of a keyspace at once when somebody asks.
///
/// - Bounds: one exchange under way that this node began. After one that failed, and while the node
///   is overloaded, it waits longer, up to [#PAUSE_FACTOR_MAX] times.
/// - Threads: its pool; exchanges may end on any thread.
public final class AntiEntropy implements AutoCloseable {
  private static final int PAUSE_FACTOR_MAX = 16;

  /// What it works with.
  ///
  /// @param replicas this node's own copies by keyspace id
  /// @param hints notes what needs repair
  /// @param overloaded whether the node has better things to do
  public record Parts(
      long self,
      Placement placement,
      Liveness liveness,
      Supplier<Map<Integer, KeyspaceReplica>> replicas,
      HintStore hints,
      BooleanSupplier overloaded,
      Randomness randomness,
      Exchange.Parts exchange) {}

  /// @param interval between two exchanges, about
  public record Options(Duration interval, Exchange.Options exchange) {
    public static Options defaults() {
      return new Options(Duration.ofSeconds(20), Exchange.Options.defaults());
    }
  }

  private record Pair(int keyspaceId, long member) {}

  private final Parts parts;
  private final Options options;

  // guarded by this
  private int pauseFactor = 1;
  private boolean closed;
  private Threads.@Nullable Timer timer;

  public AntiEntropy(Parts parts, Options options) {
    this.parts = parts;
    this.options = options;
    schedule();
  }

  /// What is under way ends by itself.
  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
  }

  /// Compares this node's copies of a keyspace with those of every live member that shares slots.
  ///
  /// @param listener hears of all exchanges together; of the first failure, if any
  public void repairNow(int keyspaceId, Exchange.Listener listener) {
    try {
      parts
          .exchange
          .blocking()
          .execute(() -> {
            List<Pair> pairs =
                pairs().stream().filter(pair -> pair.keyspaceId == keyspaceId).toList();
            repair(pairs, 0, ExchangeReport.NOTHING, null, listener);
          });
    } catch (RejectedExecutionException full) {
      listener.ended(ExchangeReport.NOTHING, "too much waits for the disk");
    }
  }

  private void repair(
      List<Pair> pairs,
      int at,
      ExchangeReport report,
      @Nullable String failure,
      Exchange.Listener listener) {
    if (at == pairs.size()) {
      listener.ended(report, failure);
      return;
    }
    exchange(
        pairs.get(at),
        (more, failed) ->
            repair(pairs, at + 1, report.plus(more), failure == null ? failed : failure, listener));
  }

  private synchronized void schedule() {
    if (!closed) {
      long millis = options.interval.toMillis() * pauseFactor;
      long jittered = millis / 2 + parts.randomness.nextInt((int) Math.max(1, millis));
      timer =
          parts
              .exchange
              .threads()
              .after(Duration.ofMillis(jittered), parts.exchange.blocking(), this::tick);
    }
  }

  private void tick() {
    boolean overloaded = parts.overloaded.getAsBoolean();
    List<Pair> pairs = overloaded ? List.of() : pairs();
    if (pairs.isEmpty()) {
      ended(!overloaded);
      return;
    }
    List<Pair> urgent =
        pairs.stream()
            .filter(pair -> parts.hints.needingRepair(pair.member, pair.keyspaceId).length > 0)
            .toList();
    List<Pair> choice = urgent.isEmpty() ? pairs : urgent;
    exchange(
        choice.get(parts.randomness.nextInt(choice.size())),
        (report, failure) -> ended(failure == null));
  }

  private void ended(boolean well) {
    synchronized (this) {
      pauseFactor = well ? 1 : Math.min(PAUSE_FACTOR_MAX, 2 * pauseFactor);
    }
    schedule();
  }

  private void exchange(Pair pair, Exchange.Listener listener) {
    KeyspaceReplica replica = parts.replicas.get().get(pair.keyspaceId);
    if (replica == null) {
      listener.ended(ExchangeReport.NOTHING, "no copies of the keyspace here");
      return;
    }
    int[] noted = parts.hints.needingRepair(pair.member, pair.keyspaceId);
    int[] slots = shared(pair);
    new Exchange(
            parts.exchange,
            options.exchange,
            replica,
            pair.member,
            slots,
            (report, failure) -> {
              String later = failure;
              if (failure == null) {
                try {
                  // Slots that this node does not own it has nothing of: their owners compare them.
                  parts.hints.repaired(pair.member, pair.keyspaceId, noted);
                } catch (WriteRefusedException kept) {
                  later = kept.getMessage();
                }
              }
              listener.ended(report, later);
            })
        .begin();
  }

  /// Keyspaces and live members that have slots in common with this node.
  private List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int keyspaceId : new TreeMap<>(parts.replicas.get()).keySet()) {
      for (long member : parts.placement.everybody()) {
        if (member != parts.self && parts.liveness.isUp(member)) {
          var pair = new Pair(keyspaceId, member);
          if (shared(pair).length > 0) {
            pairs.add(pair);
          }
        }
      }
    }
    return pairs;
  }

  private int[] shared(Pair pair) {
    int[] slots = new int[Slots.COUNT];
    int count = 0;
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      if (TreeService.shares(parts.placement, pair.keyspaceId, slot, parts.self)
          && TreeService.shares(parts.placement, pair.keyspaceId, slot, pair.member)) {
        slots[count++] = slot;
      }
    }
    return Arrays.copyOf(slots, count);
  }
}
