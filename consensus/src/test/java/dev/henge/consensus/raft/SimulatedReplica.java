package dev.henge.consensus.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/// One core of a [SimulatedGroup] with what drives it: its log, its state machine (the values it
/// applied, in order), its clock.
@NullUnmarked // a crashed replica has no core
final class SimulatedReplica {
  private static final int SNAPSHOT_ENTRIES = 20;

  private final SimulatedGroup group;
  final long id;
  final MemoryLog log;

  /// Ten times its tick: clocks run unlike.
  private final int tickTenths;

  @Nullable Raft raft;
  private Lease lease;
  long pausedUntil;
  boolean recovering;
  private int life;
  private long checkedCommit;
  private long applied;
  private List<Long> state = new ArrayList<>();

  /// The durable image at the log's mark.
  private List<Long> image = new ArrayList<>();

  private final Map<Long, Long> readFloors = new HashMap<>();
  private final Map<Long, List<Message>> durableMessages = new HashMap<>();

  SimulatedReplica(SimulatedGroup group, long id, MemoryLog log) {
    this.group = group;
    this.id = id;
    this.log = log;
    tickTenths = SimulatedGroup.TICK * 10 - 4 + group.random.nextInt(9);
  }

  boolean isPaused() {
    return pausedUntil > group.time;
  }

  boolean holds(long value) {
    return state.contains(value);
  }

  void start() {
    life++;
    var randomness = group.random.split();
    raft = group.maker.make(group.options, id, log, recovering, randomness::nextLong);
    lease = group.maker.lease((group.options.electionTicks() - 1) * SimulatedGroup.TICK * 9 / 10);
    checkedCommit = log.mark().index();
    applied = log.mark().index();
    state = new ArrayList<>(image);
    tickLater();
    work();
  }

  void crash() {
    if (raft != null) {
      raft = null;
      life++;
      for (int survive = group.random.nextInt(3); survive > 0 && log.hasWrites(); survive--) {
        log.sync();
      }
      log.crash();
      readFloors.clear();
      durableMessages.clear();
    }
  }

  private void later(int delay, Runnable action) {
    int mine = life;
    group.at(group.time + delay, () -> ifAlive(mine, action));
  }

  private void ifAlive(int mine, Runnable action) {
    if (life != mine || raft == null) {
      return;
    }
    if (isPaused()) {
      group.at(pausedUntil, () -> ifAlive(mine, action));
    } else {
      action.run();
    }
  }

  private void tickLater() {
    later(
        (tickTenths + group.random.nextInt(10)) / 10,
        () -> {
          raft.tick();
          work();
          tickLater();
        });
  }

  // ---- what clients do

  boolean propose(long value) {
    byte[] bytes = new byte[8 + (int) (value % 50)];
    ByteBuffer.wrap(bytes).putLong(value);
    boolean accepted = raft.propose(List.of(bytes)).outcome() == Outcome.ACCEPTED;
    work();
    return accepted;
  }

  void read() {
    long context = ++group.reads;
    if (raft.readIndex(context) == Outcome.ACCEPTED) {
      readFloors.put(context, group.committedIndex());
      work();
    }
  }

  private void readByLease() {
    if (raft.mayReadByLease() && lease.holds(group.time)) {
      group.leaseReads++;
      group.require(raft.commitIndex() >= group.committedIndex(), "a read by lease is fresh");
    }
  }

  // ---- what a driver does

  void work() {
    check();
    while (raft.hasReady()) {
      lease.sent(raft.newestRound(), group.time);
      handle(raft.ready());
      check();
    }
    lease.acknowledged(raft.quorumRound(), group.time);
    recovering = raft.isRecovering();
    readByLease();
  }

  private void handle(Ready ready) {
    if (ready.writes()) {
      log.handOver(ready);
      durableMessages.put(ready.writeNumber(), ready.durableMessages());
      later(
          1 + group.random.nextInt(group.syncMax),
          () -> {
            syncOne();
            work();
          });
    } else {
      ready.durableMessages().forEach(group::send);
    }
    ready.messages().forEach(group::send);
    apply(ready.commitIndex());
    for (Ready.ReadState read : ready.readStates()) {
      long floor = readFloors.remove(read.context());
      if (read.index() >= 0) {
        group.readsServed++;
        group.require(read.index() >= floor, "a linearizable read is fresh");
      }
    }
    for (Ready.Fetch fetch : ready.fetches()) {
      later(1 + group.random.nextInt(10), () -> fetched(fetch));
    }
    if (ready.installSnapshot() != null) {
      pull(ready.installSnapshot());
    }
  }

  private void syncOne() {
    if (log.hasWrites()) {
      long number = log.sync();
      durableMessages.remove(number).forEach(group::send);
      raft.persisted(number);
    }
  }

  private void fetched(Ready.Fetch fetch) {
    boolean here = fetch.from() > log.mark().index() && group.random.nextInt(10) > 0;
    raft.fetched(here ? log.load(fetch.from(), fetch.to(), 200) : List.of());
    work();
  }

  private void apply(long commit) {
    for (; applied < commit; applied++) {
      Entry entry = log.entry(applied + 1);
      if (entry.kind() == Entry.Kind.COMMANDS) {
        state.add(SimulatedGroup.value(entry));
      }
    }
    raft.applied(applied);
    if (applied >= log.mark().index() + SNAPSHOT_ENTRIES) {
      image = new ArrayList<>(state);
      log.compact(new SnapshotMark(applied, log.term(applied), raft.configurationAt(applied)));
    }
  }

  /// The image takes its time and then is what the sender has by then, or nothing at all.
  private void pull(Ready.InstallSnapshot install) {
    later(
        5 + group.random.nextInt(60),
        () -> {
          SimulatedReplica from = group.replica(install.from());
          boolean gone = from.raft == null || from.isPaused() || group.random.nextInt(5) == 0;
          if (gone || from.log.mark().index() < install.mark().index()) {
            raft.snapshotAbandoned();
          } else {
            while (log.hasWrites()) {
              syncOne();
            }
            install(from.log.mark(), from.image);
          }
          work();
        });
  }

  private void install(SnapshotMark mark, List<Long> from) {
    work();
    while (log.hasWrites()) {
      syncOne();
      work();
    }
    if (mark.index() <= applied) {
      raft.snapshotAbandoned();
      return;
    }
    group.installs++;
    image = new ArrayList<>(from);
    state = new ArrayList<>(from);
    applied = mark.index();
    checkedCommit = Math.max(checkedCommit, mark.index());
    log.begin(mark);
    raft.snapshotInstalled(mark);
  }

  private void check() {
    if (raft.role() == Raft.Role.LEADER) {
      group.checkLeader(raft, log);
    }
    for (; checkedCommit < raft.commitIndex(); checkedCommit++) {
      long next = checkedCommit + 1;
      if (next > log.mark().index()) {
        List<Entry> shown = raft.log.entries(next, next, 1);
        group.checkCommitted(shown.isEmpty() ? log.entry(next) : shown.getFirst(), raft.term());
      }
    }
  }
}
