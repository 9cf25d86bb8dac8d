package dev.henge.simulation.eventual;

import dev.henge.base.Seams;
import dev.henge.base.Threads;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.metadata.Routes;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.server.eventual.EventualKeyspaces;
import dev.henge.server.eventual.EventualMember;
import dev.henge.server.eventual.ReplicaFile;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.store.LsmEngines;
import dev.henge.simulation.network.SimulatedNetwork;
import dev.henge.simulation.network.SimulatedTransport;
import dev.henge.simulation.world.Incarnation;
import dev.henge.simulation.world.Machine;
import dev.henge.storage.EngineException;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One life of a member that has copies of eventual keyspaces and nothing else. Its engines are so
/// small that they flush and compact in every run.
///
/// - Threads: the simulation's.
final class EventualLife {
  private static final Path HOME = Path.of("/data");

  /// Says which of the member's replicas this life is.
  private static final Path NAME = HOME.resolve("eventual").resolve("REPLICA");

  private static final Duration SYNC_INTERVAL = Duration.ofMillis(500);

  private final Incarnation life;
  private final Threads.Pool callers;
  private final LsmEngines engines;
  private final PeerCalls calls;
  private final EventualMember member;

  /// Opens everything.
  ///
  /// @param number of the member
  /// @param incarnation of this start
  /// @throws IOException where the disk fails, or is damaged
  EventualLife(
      Incarnation life,
      Machine machine,
      SimulatedNetwork network,
      EventualMaking making,
      long number,
      long incarnation,
      Supplier<Routes> routes,
      Liveness liveness,
      SeededRandomness random)
      throws IOException {
    this.life = life;
    callers = life.pool("callers", 4, 10_000);
    var disk = machine.disk();
    disk.createDirectories(HOME);
    disk.syncDirectory(Path.of("/"));
    if (!making.namedAnew() && disk.exists(NAME)) {
      disk.delete(NAME);
    }
    engines =
        new LsmEngines(
            disk,
            machine,
            life,
            LsmOptions.defaults().withLogSegmentBytes(16 << 10).withBlocks(512, 4),
            64 << 10,
            1 << 20,
            16 << 10,
            16 << 10);
    PeerTransport transport =
        making.transports().apply(new SimulatedTransport(network, life, number));
    calls = new PeerCalls(transport, machine, life, life.pool("calls", 2, 1_000), incarnation);
    member =
        new EventualMember(
            new EventualMember.Parts(
                number,
                incarnation,
                ReplicaFile.begin(disk, HOME),
                HOME,
                SYNC_INTERVAL,
                making.engines().apply(engines),
                making.replicas(),
                calls,
                routes,
                liveness,
                new Seams(machine, disk, NoNetwork.INSTANCE, random, life)));
    try {
      member.follow(routes.get().metadata());
    } catch (IOException | EngineException failed) {
      close();
      throw failed;
    }
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

  EventualKeyspaces keyspaces() {
    return member;
  }

  /// Its copies; null where they are not open.
  @Nullable KeyspaceReplica replica(int keyspaceId) {
    return member.replica(keyspaceId);
  }

  /// Whether it keeps nothing for others.
  boolean hasDelivered() {
    return member.hintedMembers().length == 0;
  }

  /// Ends everything in good order; after a crash, gives memory back.
  void close() throws IOException {
    calls.close();
    member.close();
    engines.close();
  }
}
