package dev.henge.server.eventual;

import dev.henge.base.Seams;
import dev.henge.base.Slots;
import dev.henge.base.Threads;
import dev.henge.replication.antientropy.AntiEntropy;
import dev.henge.replication.antientropy.Exchange;
import dev.henge.replication.antientropy.ExchangeReport;
import dev.henge.replication.antientropy.TreeService;
import dev.henge.replication.handoff.HintStore;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.peer.PeerCalls;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Has this node's copies compared with those of other nodes by their hash trees: always in the
/// background from [#begin] on, and when somebody asks.
///
/// - Threads: any; nothing blocks. Comparisons and answers to them run on the pool.
/// - Lifetime: [#stop] before the pool ends.
final class Repairs {
  /// The first comparison with everybody collects here what others have; the next one gives it to
  /// all; the third finds nothing where nobody writes.
  private static final int PASSES_MAX = 4;

  private final long self;
  private final Placement placement;
  private final Liveness liveness;
  private final Supplier<Map<Integer, KeyspaceReplica>> replicas;
  private final PeerCalls calls;
  private final Seams seams;
  private final Threads.Pool blocking;

  private volatile @Nullable AntiEntropy running;

  /// Answers other nodes from now on.
  ///
  /// @param replica this node's copies by keyspace id; null where it has none
  /// @param replicas all of them
  Repairs(
      long self,
      Placement placement,
      Liveness liveness,
      IntFunction<@Nullable KeyspaceReplica> replica,
      Supplier<Map<Integer, KeyspaceReplica>> replicas,
      PeerCalls calls,
      Seams seams,
      Threads.Pool blocking) {
    this.self = self;
    this.placement = placement;
    this.liveness = liveness;
    this.replicas = replicas;
    this.calls = calls;
    this.seams = seams;
    this.blocking = blocking;
    PeerTrees.serve(calls, new TreeService(self, placement, replica), blocking);
  }

  /// No effect where it has begun already. One thread at a time.
  void begin(HintStore hints) {
    if (running == null) {
      running =
          new AntiEntropy(
              new AntiEntropy.Parts(
                  self,
                  placement,
                  liveness,
                  replicas,
                  hints,
                  new Stalls(replicas),
                  seams.randomness(),
                  new Exchange.Parts(
                      new PeerTrees(calls), seams.clock(), seams.threads(), blocking)),
              AntiEntropy.Options.defaults());
    }
  }

  /// Compares until all have the same, a few times at most.
  ///
  /// @param done called once, on any thread
  void repairNow(int keyspaceId, Consumer<Repair> done) {
    AntiEntropy comparing = running;
    if (comparing == null) {
      done.accept(new Repair(ExchangeReport.NOTHING, "the keyspace is not open here yet"));
    } else {
      pass(comparing, keyspaceId, 1, ExchangeReport.NOTHING, done);
    }
  }

  /// Begins nothing more.
  void stop() {
    AntiEntropy comparing = running;
    if (comparing != null) {
      comparing.close();
    }
  }

  private void pass(
      AntiEntropy comparing,
      int keyspaceId,
      int number,
      ExchangeReport before,
      Consumer<Repair> done) {
    comparing.repairNow(
        keyspaceId,
        (report, failure) -> {
          ExchangeReport all = before.plus(report);
          if (failure != null) {
            done.accept(new Repair(all, failure));
          } else if (report.slotsDiffering() == 0) {
            done.accept(new Repair(all, notCompared(keyspaceId, report.slots())));
          } else if (number == PASSES_MAX) {
            done.accept(
                new Repair(
                    all, "copies differ still after " + PASSES_MAX + " comparisons: some write"));
          } else {
            pass(comparing, keyspaceId, number + 1, all, done);
          }
        });
  }

  /// Why fewer slots were compared than others share with this node; empty where all were.
  private String notCompared(int keyspaceId, long compared) {
    long shared = 0;
    var down = new TreeSet<Long>();
    for (int slot = 0; slot < Slots.COUNT; slot++) {
      long[] sharing =
          LongStream.concat(
                  Arrays.stream(placement.owners(keyspaceId, slot)),
                  Arrays.stream(placement.joining(keyspaceId, slot)))
              .toArray();
      if (Arrays.stream(sharing).anyMatch(one -> one == self)) {
        for (long member : sharing) {
          shared += member == self ? 0 : 1;
          if (member != self && !liveness.isUp(member)) {
            down.add(member);
          }
        }
      }
    }
    if (compared >= shared) {
      return "";
    }
    return down.isEmpty()
        ? "a member was away meanwhile, or slots got other owners"
        : "not compared, because they cannot be reached: members " + down;
  }
}
