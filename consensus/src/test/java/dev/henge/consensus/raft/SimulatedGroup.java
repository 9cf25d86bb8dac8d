package dev.henge.consensus.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullUnmarked;

/// Five cores on one thread with a network that drops, duplicates, reorders and parts, disks that
/// are slow and forget, pauses, crashes, images every 20 entries, changes of members and transfers;
/// all from one seed. Every promise of Raft is checked after every event.
///
/// - Units: time in steps; a tick is about 10 of them, by each replica's own clock.
@NullUnmarked // a crashed replica has no core
final class SimulatedGroup {
  /// A promise was broken.
  static final class Broken extends RuntimeException {
    Broken(String message) {
      super(message);
    }
  }

  /// Makes the core under test.
  interface Maker {
    Raft make(
        RaftOptions options,
        long self,
        MemoryLog log,
        boolean recovering,
        dev.henge.base.Randomness randomness);

    default Lease lease(long duration) {
      return new Lease(duration);
    }
  }

  static final Maker SOUND =
      (options, self, log, recovering, randomness) ->
          new Raft(
              options, self, log.hardState(), log, log.configurations(), recovering, randomness);

  static final int TICK = 10;

  private record Event(long time, long order, Runnable action) {}

  private record Committed(long term, long value) {}

  final Maker maker;
  final SplittableRandom random;
  private final boolean changesMembers;
  private final boolean damages;

  /// Short elections, and leaders that crash and come back all the time.
  private final boolean isHectic;

  final RaftOptions options;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::order));
  private final Map<Long, SimulatedReplica> replicas = new TreeMap<>();

  long time;
  private long order;
  private long values;
  long reads;
  private boolean chaos = true;
  private int dropPercent;
  private int delayMax = 5;
  int syncMax = 5;
  private int[] side = new int[6];

  // what was seen, for the checks
  private final Map<Long, Long> leaders = new HashMap<>();
  private final List<Committed> committed = new ArrayList<>(List.of(new Committed(0, 0)));

  /// The term in which each committed entry was seen to be so first: leaders of later terms hold
  /// it.
  private final List<Long> committedIn = new ArrayList<>(List.of(0L));

  int readsServed;
  int leaseReads;
  int installs;
  int leadersSeen;

  SimulatedGroup(long seed, Maker maker) {
    this.maker = maker;
    random = new SplittableRandom(seed);
    damages = random.nextInt(4) == 0;
    changesMembers = !damages && random.nextInt(2) == 0;
    isHectic = random.nextInt(2) == 0;
    options =
        new RaftOptions(
            isHectic ? 3 : 8,
            1,
            300,
            900,
            3,
            4_000,
            50,
            random.nextBoolean() ? 6 : 0,
            random.nextBoolean());
    int voters = damages ? 3 + 2 * random.nextInt(2) : 3 + random.nextInt(3);
    var configuration = new TreeSet<Long>();
    for (long id = 1; id <= voters; id++) {
      configuration.add(id);
    }
    int members = changesMembers ? 5 : voters;
    for (long id = 1; id <= members; id++) {
      var known = id <= voters ? Configuration.ofVoters(configuration) : Configuration.NONE;
      var log = new MemoryLog(known, 4 + random.nextInt(8));
      replicas.put(id, new SimulatedReplica(this, id, log));
    }
  }

  /// Runs a life of trouble, then heals and demands progress.
  void run(long trouble) {
    at(1, this::disturb);
    for (SimulatedReplica replica : replicas.values()) {
      replica.start();
    }
    runUntil(trouble);
    heal();
    long end = time + 4_000;
    long marker = -1;
    while (time < end) {
      runUntil(time + 20);
      SimulatedReplica leader = leader();
      if (leader == null) {
        continue;
      }
      if (marker < 0 || !committedHas(marker)) {
        long value = ++values;
        if (leader.propose(value)) {
          marker = value;
        }
      } else if (!leader.raft.configuration().isJoint() && allHave(leader, marker)) {
        return;
      }
    }
    throw new Broken("no progress after healing:\n" + describe());
  }

  private boolean committedHas(long value) {
    return committed.stream().anyMatch(entry -> entry.value() == value);
  }

  private boolean allHave(SimulatedReplica leader, long value) {
    for (long member : leader.raft.configuration().members()) {
      SimulatedReplica replica = replicas.get(member);
      if (!replica.holds(value)) {
        return false;
      }
      if (replica.raft.isRecovering()) {
        return false;
      }
    }
    return true;
  }

  private SimulatedReplica leader() {
    SimulatedReplica best = null;
    for (SimulatedReplica replica : replicas.values()) {
      if (replica.raft != null
          && replica.raft.role() == Raft.Role.LEADER
          && (best == null || best.raft.term() < replica.raft.term())) {
        best = replica;
      }
    }
    return best;
  }

  private void heal() {
    chaos = false;
    dropPercent = 0;
    delayMax = 5;
    syncMax = 5;
    side = new int[6];
    for (SimulatedReplica replica : replicas.values()) {
      replica.pausedUntil = Math.min(replica.pausedUntil, time);
      if (replica.raft == null) {
        replica.start();
      }
    }
  }

  private void runUntil(long end) {
    while (!events.isEmpty() && events.peek().time() <= end) {
      Event event = events.poll();
      time = event.time();
      event.action().run();
    }
    time = end;
  }

  void at(long when, Runnable action) {
    events.add(new Event(when, order++, action));
  }

  private void disturb() {
    if (!chaos) {
      return;
    }
    at(time + 1 + random.nextInt(8), this::disturb);
    checkLogs();
    SimulatedReplica any = pick();
    SimulatedReplica leader = leader();
    switch (random.nextInt(60)) {
      case 0, 1 -> {
        for (int i = 1; i < side.length; i++) {
          side[i] = random.nextInt(2);
        }
      }
      case 2, 3, 4, 5 -> side = new int[6];
      case 6 -> {
        dropPercent = random.nextInt(3) == 0 ? 20 : 0;
        delayMax = 1 + random.nextInt(40);
        syncMax = 1 + random.nextInt(60);
      }
      case 7, 8 -> crash(leader != null && random.nextBoolean() ? leader : any, 300);
      case 13 -> {
        SimulatedReplica paused = leader != null && random.nextBoolean() ? leader : any;
        paused.pausedUntil = time + random.nextInt(400);
      }
      case 14 -> {
        if (leader != null) {
          leader.raft.transfer(1 + random.nextInt(replicas.size()));
          leader.work();
        }
      }
      case 15, 16 -> {
        if (leader != null && changesMembers) {
          changeMembers(leader);
        }
      }
      case 17 -> {
        if (damages) {
          damage(any);
        }
      }
      case 9, 10, 18, 19 -> {
        if (isHectic) {
          crash(leader != null && random.nextInt(3) > 0 ? leader : any, 60);
        }
      }
      case 11, 12 -> {
        if (isHectic) {
          side = new int[6];
          side[1 + random.nextInt(5)] = 1;
          side[1 + random.nextInt(5)] = 1;
        }
      }
      default -> {
        for (SimulatedReplica replica : replicas.values()) {
          if (replica.raft != null && !replica.isPaused()) {
            if (random.nextInt(3) > 0) {
              replica.propose(++values);
            }
            if (random.nextInt(2) > 0) {
              replica.read();
            }
          }
        }
      }
    }
  }

  SimulatedReplica replica(long id) {
    return replicas.get(id);
  }

  private SimulatedReplica pick() {
    return replicas.get(1L + random.nextInt(replicas.size()));
  }

  /// It comes back by itself.
  private void crash(SimulatedReplica victim, int away) {
    victim.crash();
    at(
        time + random.nextInt(away),
        () -> {
          if (victim.raft == null) {
            victim.start();
          }
        });
  }

  private void changeMembers(SimulatedReplica leader) {
    var voters = new TreeSet<Long>();
    var learners = new TreeSet<Long>();
    for (long id : replicas.keySet()) {
      switch (random.nextInt(4)) {
        case 0, 1 -> voters.add(id);
        case 2 -> learners.add(id);
        default -> {}
      }
    }
    leader.raft.changeMembers(voters, learners);
    leader.work();
  }

  /// At most one replica at a time has lost what it acknowledged: more cannot be survived.
  private void damage(SimulatedReplica victim) {
    if (replicas.values().stream().noneMatch(replica -> replica.recovering)) {
      victim.crash();
      victim.recovering = true;
      victim.log.damage(1 + random.nextInt(10));
      victim.start();
    }
  }

  void send(Message message) {
    if (side[(int) message.from()] != side[(int) message.to()]) {
      return;
    }
    if (random.nextInt(100) < dropPercent) {
      return;
    }
    int copies = chaos && random.nextInt(20) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      at(time + 1 + random.nextInt(delayMax), () -> deliver(message));
    }
  }

  private void deliver(Message message) {
    SimulatedReplica to = replicas.get(message.to());
    if (to.raft == null) {
      SimulatedReplica from = replicas.get(message.from());
      if (from.raft != null && !from.isPaused()) {
        from.raft.unreachable(message.to());
        from.work();
      }
    } else if (to.isPaused()) {
      at(to.pausedUntil, () -> deliver(message));
    } else {
      to.raft.step(message);
      to.work();
    }
  }

  String describe() {
    var text = new StringBuilder("time " + time + "\n");
    for (SimulatedReplica replica : replicas.values()) {
      text.append(replica.raft == null ? replica.id + " crashed" : replica.raft.describe());
      text.append('\n');
    }
    return text.toString();
  }

  // ---- the promises

  void require(boolean holds, String promise) {
    if (!holds) {
      throw new Broken(promise + "\n" + describe());
    }
  }

  long committedIndex() {
    return committed.size() - 1;
  }

  /// Election safety and leader completeness, when a leader is first seen.
  void checkLeader(Raft raft, MemoryLog log) {
    Long known = leaders.putIfAbsent(raft.term(), raft.self());
    require(known == null || known == raft.self(), "one leader a term");
    if (known != null) {
      return;
    }
    leadersSeen++;
    for (long index = log.mark().index() + 1; index < committed.size(); index++) {
      Committed entry = committed.get((int) index);
      if (committedIn.get((int) index) < raft.term()) {
        require(raft.log.holds(index, entry.term()), "a leader holds what was committed: " + index);
      }
    }
  }

  /// State machine safety: one entry at each committed index.
  void checkCommitted(Entry entry, long term) {
    var seen = new Committed(entry.term(), value(entry));
    if (entry.index() == committed.size()) {
      committed.add(seen);
      committedIn.add(term);
    }
    require(
        committed.get((int) entry.index()).equals(seen),
        "one committed entry at an index: " + entry);
  }

  /// Log matching: same index and term, same entries up to there.
  private void checkLogs() {
    for (SimulatedReplica a : replicas.values()) {
      for (SimulatedReplica b : replicas.values()) {
        long from = Math.max(a.log.mark().index(), b.log.mark().index()) + 1;
        boolean matched = false;
        for (long i = Math.min(a.log.lastIndex(), b.log.lastIndex()); i >= from; i--) {
          matched |= a.log.term(i) == b.log.term(i);
          require(
              !matched || value(a.log.entry(i)) == value(b.log.entry(i)), "logs match up to " + i);
        }
      }
    }
  }

  static long value(Entry entry) {
    return entry.kind() == Entry.Kind.COMMANDS ? ByteBuffer.wrap(entry.bytes()).getLong() : 0;
  }
}
