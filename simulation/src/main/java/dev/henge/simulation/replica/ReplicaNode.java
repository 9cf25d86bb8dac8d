package dev.henge.simulation.replica;

import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.simulation.network.SimulatedNetwork;
import dev.henge.simulation.network.SimulatedTransport;
import dev.henge.simulation.world.Incarnation;
import dev.henge.simulation.world.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One life of a node that holds replicas and nothing else.
///
/// - Threads: the simulation's.
final class ReplicaNode {
  private static final Path HOME = Path.of("/data");

  private final Incarnation life;
  private final Threads.Pool callers;
  private final Map<Long, ReplicatedState> states = new TreeMap<>();
  private final List<Throwable> failures = new ArrayList<>();
  private @Nullable LogStore store;
  private @Nullable GroupRuntime runtime;

  /// How nodes are made.
  ///
  /// @param disks stands between a machine's disk and what runs on it
  record Making(
      GroupOptions options,
      LogOptions logOptions,
      RaftFactory cores,
      ReplicatedState.Factory states,
      UnaryOperator<Disk> disks,
      int threadCount) {}

  ReplicaNode(Incarnation life) {
    this.life = life;
    this.callers = life.pool("callers", 4, 10_000);
  }

  /// Opens everything.
  ///
  /// @param founding the marks of groups that are founded now; empty when this node joins
  void open(
      Making making,
      Machine machine,
      SimulatedNetwork network,
      Witness witness,
      long member,
      int groups,
      Map<Long, SnapshotMark> founding,
      SeededRandomness random)
      throws IOException {
    Disk disk = making.disks.apply(machine.disk());
    disk.createDirectories(HOME);
    disk.syncDirectory(Path.of("/"));
    LogStore opened = LogStore.open(disk, HOME.resolve("log"), life, making.logOptions);
    store = opened;
    var transport = new SimulatedTransport(network, life, member);
    var running =
        new GroupRuntime(
            new GroupRuntime.Parts(
                member,
                opened,
                transport,
                life,
                making.threadCount,
                machine,
                random,
                making.options,
                making.cores,
                (group, cause) -> failures.add(cause)));
    runtime = running;
    for (long group = 1; group <= groups; group++) {
      Path directory = HOME.resolve("group-" + group);
      var state =
          new WitnessedState(
              making.states.open(group, disk, directory, life, machine), witness, group, member);
      states.put(group, state);
      SnapshotMark mark = founding.get(group);
      if (opened.group(group) != null) {
        running.open(group, state);
      } else if (mark != null) {
        running.create(group, mark, state);
      } else {
        running.createEmpty(group, state);
      }
    }
    transport.onReceive(running::receive);
    transport.onUnreachable(running::unreachable);
  }

  boolean isAlive() {
    return life.isAlive();
  }

  Incarnation life() {
    return life;
  }

  /// Where calls of clients come in.
  Threads.Pool callers() {
    return callers;
  }

  @Nullable ConsensusGroup group(long group) {
    GroupRuntime running = runtime;
    return running == null ? null : running.group(group);
  }

  ReplicatedState state(long group) {
    ReplicatedState state = states.get(group);
    if (state == null) {
      throw new IllegalStateException("no state of group " + group);
    }
    return state;
  }

  /// Why replicas ended by themselves.
  List<Throwable> failures() {
    return failures;
  }

  /// Ends everything in good order; after a crash, gives memory back.
  void close() throws IOException {
    if (runtime != null) {
      runtime.close();
    }
    if (store != null) {
      store.close();
    }
  }
}
