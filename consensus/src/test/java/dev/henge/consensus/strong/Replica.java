package dev.henge.consensus.strong;

import dev.henge.base.Disk;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.group.StateMachine;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.Reply;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A state machine on a simulated disk, fed as a runtime would feed it, on one thread. Its engine
/// is so small that it flushes and compacts all the time.
final class Replica {
  static final Path PARENT = Path.of("/data");
  static final Path DIRECTORY = PARENT.resolve("group");
  static final RequestTable.Bounds BOUNDS = new RequestTable.Bounds(8, 200);

  final SimulatedDisk disk;
  final SimulatedClock clock = new SimulatedClock();
  final SimulatedThreads threads = new SimulatedThreads(clock);
  private final Disk engineDisk;
  StrongStateMachine machine;

  Replica(SimulatedDisk disk) throws IOException {
    this(disk, disk);
  }

  Replica(SimulatedDisk disk, Disk engineDisk) throws IOException {
    this.disk = disk;
    this.engineDisk = engineDisk;
    engineDisk.createDirectories(PARENT);
    engineDisk.syncDirectory(Path.of("/"));
    this.machine = open();
  }

  StrongOptions options() {
    return new StrongOptions(
        engineDisk,
        DIRECTORY,
        (directory, filter) ->
            LsmEngine.open(
                directory, small().withCompactionFilter(filter), engineDisk, clock, threads),
        threads.pool("background", 1, 64),
        Room.INLINE);
  }

  static LsmOptions small() {
    return LsmOptions.defaults()
        .withMemtableBytes(2 << 10)
        .withLogSegmentBytes(4 << 10)
        .withBlocks(512, 4)
        .withBlockCacheBytes(64 << 10)
        .withLevels(4 << 10, 16 << 10, 4)
        .withLevel0(2, 6, 10);
  }

  StrongStateMachine open() throws IOException {
    return threads.promptly(() -> StrongStateMachine.open(options(), BOUNDS));
  }

  /// Ends without a flush and comes back: the log must replay what is missing.
  void restart() throws IOException {
    threads.promptly(machine::close);
    machine = open();
  }

  /// Applies what the log has from where the machine stands up to `to`, whole.
  List<Reply> catchUp(RandomLog log, long to) throws IOException {
    return apply(log, machine.appliedIndex() + 1, to);
  }

  List<Reply> apply(RandomLog log, long from, long to) throws IOException {
    List<Reply> replies = new ArrayList<>();
    for (long index = from; index <= to; index++) {
      List<StateMachine.Command> commands = log.commands(index);
      if (!commands.isEmpty()) {
        replies.addAll(machine.apply(commands));
      }
      machine.advance(index, 1);
    }
    return replies;
  }

  /// As [#catchUp], in batches that begin and end anywhere, with flushes, background work and
  /// restarts in between.
  void wander(RandomLog log, long to, Random random) throws IOException {
    while (machine.appliedIndex() < to) {
      long from = machine.appliedIndex() + 1;
      long until = Math.min(to, from + random.nextInt(6));
      List<StateMachine.Command> batch = new ArrayList<>();
      for (long index = from; index <= until; index++) {
        batch.addAll(log.commands(index));
      }
      int cut = random.nextInt(4) == 0 ? random.nextInt(batch.size() + 1) : batch.size();
      machine.apply(batch.subList(0, cut));
      if (random.nextInt(8) == 0) {
        restart();
        continue;
      }
      machine.apply(batch.subList(cut, batch.size()));
      for (long index = from; index <= until; index++) {
        machine.advance(index, 1);
      }
      if (random.nextInt(6) == 0) {
        machine.flush();
      }
      threads.run(random.nextInt(4));
    }
  }

  /// Sends this replica's image to `other`, in small chunks, some of them asked for twice.
  void sendImage(Replica other, Random random) throws IOException {
    try (StateMachine.Image image = machine.image()) {
      try (var given = other.machine.install(mark(image.index()))) {
        given.add(image.chunk(new byte[0], 100).bytes()); // given up
      }
      try (var installation = other.machine.install(mark(image.index()))) {
        byte[] position = new byte[0];
        boolean last = false;
        while (!last) {
          StateMachine.Chunk chunk = image.chunk(position, 50 + random.nextInt(400));
          StateMachine.Chunk again = image.chunk(position, chunk.bytes().length);
          installation.add(again.bytes());
          position = again.next();
          last = again.last();
        }
        installation.commit();
      }
    }
  }

  static SnapshotMark mark(long index) {
    return new SnapshotMark(index, 1, Configuration.ofVoters(List.of(1L, 2L, 3L)));
  }

  /// Far ahead of every time in the log.
  void clockForward() {
    clock.advance(Duration.ofDays(1000));
  }

  void close() throws IOException {
    threads.promptly(machine::close);
    threads.runAll();
  }
}
