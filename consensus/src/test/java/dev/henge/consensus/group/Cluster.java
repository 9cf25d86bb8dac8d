package dev.henge.consensus.group;

import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.RaftOptions;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Nodes with replicas of the same groups, on one thread, in virtual time: their disks lose what is
/// not synced, their messages are late, lost or cut off.
///
/// - Threads: one.
final class Cluster {
  static final Duration TICK = Duration.ofMillis(20);

  final SimulatedClock clock = new SimulatedClock();
  final SimulatedThreads threads = new SimulatedThreads(clock);
  final TreeMap<Long, Node> nodes = new TreeMap<>();
  final Random random;
  final TreeSet<Long> cutOff = new TreeSet<>();
  GroupOptions options =
      GroupOptions.defaults()
          .with(
              new GroupOptions.Timing(
                  TICK,
                  new RaftOptions(10, 1, 4096, 1 << 16, 64, 1 << 26, 1000, 50, false),
                  30,
                  50))
          .with(new GroupOptions.Bounds(4096, 2048, 1 << 20, 1000, 1 << 20, 4096, 1 << 26, 1 << 30))
          .with(new GroupOptions.Images(64, 1 << 20, 2, Duration.ofSeconds(5)));
  LogOptions logOptions = new LogOptions(64 << 10, 1 << 20, 1 << 20, 16 << 10);
  int lossPercent;
  long delayMillisMax = 1;
  int sentCount;

  Cluster(long seed) {
    random = new Random(seed);
  }

  /// Nodes 1 to `count`, each with a replica of `groups` groups from 1 on, of which all are voters.
  static Cluster of(long seed, int count, int groups) throws IOException {
    var cluster = new Cluster(seed);
    cluster.found(count, groups);
    return cluster;
  }

  void found(int count, int groups) throws IOException {
    var members = new TreeSet<Long>();
    for (long member = 1; member <= count; member++) {
      members.add(member);
    }
    for (long member : members) {
      Node node = add(member);
      for (long group = 1; group <= groups; group++) {
        node.create(group, Configuration.ofVoters(members));
      }
    }
  }

  /// A node without groups, started.
  Node add(long member) throws IOException {
    var node = new Node(member);
    nodes.put(member, node);
    node.start();
    return node;
  }

  Node node(long member) {
    return java.util.Objects.requireNonNull(nodes.get(member));
  }

  void run(Duration time) {
    threads.runAll();
    threads.advance(time);
    threads.runAll();
  }

  /// Lets time pass until `condition` holds.
  void until(String what, BooleanSupplier condition) {
    for (int i = 0; i < 3000; i++) {
      threads.runAll();
      if (condition.getAsBoolean()) {
        return;
      }
      threads.advance(Duration.ofMillis(10));
    }
    throw new AssertionError("after 30 s of virtual time not yet: " + what + "\n" + describe());
  }

  String describe() {
    var text = new StringBuilder();
    for (Node node : nodes.values()) {
      text.append(node.member).append(node.isUp() ? " up " : " down ");
      node.machines.forEach((group, machine) ->
          text.append(" group ")
              .append(group)
              .append(": ")
              .append(node.isUp() ? node.group(group).status() : "")
              .append(machine.content().size())
              .append(" commands"));
      text.append(node.failures).append('\n');
    }
    return text.toString();
  }

  @Nullable Node leader(long group) {
    Node found = null;
    for (Node node : nodes.values()) {
      if (node.isUp() && !cutOff.contains(node.member) && node.machines.containsKey(group)) {
        var status = node.group(group).status();
        if (status.role() == Role.LEADER
            && (found == null || found.group(group).status().term() < status.term())) {
          found = node;
        }
      }
    }
    return found;
  }

  Node awaitLeader(long group) {
    until("a leader of group " + group, () -> leader(group) != null);
    return java.util.Objects.requireNonNull(leader(group));
  }

  /// Proposes on whoever leads, again and again, until it is applied.
  void put(long group, String command) {
    var fates = new ArrayList<Fate>();
    until(
        "applied: " + command,
        () -> {
          if (!fates.isEmpty() && fates.getLast().isApplied()) {
            return true;
          }
          // Where its fate is not known it may be there twice: callers who mind do not fail nodes.
          if (fates.isEmpty() || fates.getLast().isOver()) {
            Node leader = leader(group);
            if (leader != null) {
              fates.add(leader.propose(group, command));
            }
          }
          return false;
        });
  }

  private void deliver(long from, long to, PeerMessage message, Node sender, long life) {
    sentCount++;
    if (cutOff.contains(from) || cutOff.contains(to) || random.nextInt(100) < lossPercent) {
      return;
    }
    Node receiver = nodes.get(to);
    if (receiver == null || !receiver.isUp()) {
      threads.after(
          Duration.ofMillis(1),
          sender.pool,
          () -> {
            if (sender.life == life && sender.isUp()) {
              sender.unreachable.accept(to);
            }
          });
      return;
    }
    long receiverLife = receiver.life;
    long delay = 1 + (delayMillisMax > 1 ? random.nextLong(delayMillisMax) : 0);
    threads.after(
        Duration.ofMillis(delay),
        receiver.pool,
        () -> {
          if (receiver.life == receiverLife && receiver.isUp() && !cutOff.contains(to)) {
            receiver.receiver.accept(from, message);
          }
        });
  }

  /// What became of a command.
  static final class Fate implements ConsensusGroup.ProposalListener {
    final String command;
    long index;
    @Nullable Object reply;
    ConsensusGroup.@Nullable Refusal refusal;
    boolean unknown;
    private final BooleanSupplier alive;
    private int calls;

    Fate(String command) {
      this(command, () -> true);
    }

    /// @param alive whether the process that was asked still lives
    Fate(String command, BooleanSupplier alive) {
      this.command = command;
      this.alive = alive;
    }

    /// Nobody will ever answer: who was asked is dead.
    boolean orphaned() {
      return !alive.getAsBoolean();
    }

    boolean isOver() {
      return !isOpen() || orphaned();
    }

    boolean isOpen() {
      return calls == 0;
    }

    boolean isApplied() {
      return reply != null;
    }

    boolean isRefused() {
      return refusal != null;
    }

    @Override
    public void applied(long appliedIndex, Object answer) {
      index = appliedIndex;
      reply = answer;
      called();
    }

    @Override
    public void refused(ConsensusGroup.Refusal why, long leader) {
      refusal = why;
      called();
    }

    @Override
    public void unknown() {
      unknown = true;
      called();
    }

    private void called() {
      if (++calls > 1) {
        throw new IllegalStateException(command + " has two fates");
      }
    }

    @Override
    public String toString() {
      return command + (isApplied() ? " applied" : unknown ? " unknown" : " " + refusal);
    }
  }

  /// One node over its lives.
  final class Node {
    final long member;
    final TreeMap<Long, ListMachine.Saved> saved = new TreeMap<>();
    final TreeMap<Long, ListMachine> machines = new TreeMap<>();
    final List<Throwable> failures = new ArrayList<>();
    final Threads.Pool pool;
    SimulatedDisk disk = new SimulatedDisk();
    long life;
    private boolean up;
    private @Nullable LogStore store;
    private @Nullable GroupRuntime runtime;
    BiConsumer<Long, PeerMessage> receiver = (from, message) -> {};
    LongConsumer unreachable = to -> {};

    Node(long member) throws IOException {
      this.member = member;
      disk.createDirectories(Path.of("/log"));
      disk.syncDirectory(Path.of("/"));
      pool = threads.pool("net-" + member, 1, 1 << 20);
    }

    boolean isUp() {
      return up;
    }

    GroupRuntime runtime() {
      return java.util.Objects.requireNonNull(runtime);
    }

    ConsensusGroup group(long group) {
      return java.util.Objects.requireNonNull(runtime().group(group));
    }

    ListMachine machine(long group) {
      return java.util.Objects.requireNonNull(machines.get(group));
    }

    void start() throws IOException {
      long thisLife = ++life;
      var mortal = new MortalThreads(threads, () -> life == thisLife);
      store = threads.promptly(() -> LogStore.open(disk, Path.of("/log"), mortal, logOptions));
      PeerTransport transport = new Transport(thisLife);
      Randomness chance = random::nextLong;
      runtime =
          new GroupRuntime(
              new GroupRuntime.Parts(
                  member,
                  store,
                  transport,
                  mortal,
                  2,
                  clock,
                  chance,
                  options,
                  Raft::new,
                  (group, cause) -> failures.add(cause)));
      GroupRuntime mine = runtime;
      receiver = mine::receive;
      unreachable = mine::unreachable;
      up = true;
      machines.clear();
      for (long group : store.groupIds()) {
        mine.open(group, machine(group, saved.get(group)));
      }
    }

    ListMachine machine(long group, ListMachine.@Nullable Saved content) {
      ListMachine.Saved from = content == null ? new ListMachine.Saved() : content;
      saved.put(group, from);
      var machine = new ListMachine(from);
      machines.put(group, machine);
      return machine;
    }

    void create(long group, Configuration configuration) throws IOException {
      runtime().create(group, new SnapshotMark(0, 0, configuration), machine(group, null));
      threads.runAll(); // durable before anything can crash
    }

    void createEmpty(long group) throws IOException {
      runtime().createEmpty(group, machine(group, null));
      threads.runAll();
    }

    Fate propose(long group, String command) {
      long asked = life;
      var fate = new Fate(command, () -> life == asked);
      group(group).propose(command.getBytes(StandardCharsets.UTF_8), 0, fate);
      return fate;
    }

    /// The power goes.
    void crash() {
      life++;
      up = false;
      disk.powerOff();
      disk = disk.crash(random.nextLong());
    }

    /// An orderly end.
    void stop() {
      try {
        runtime().close();
        java.util.Objects.requireNonNull(store).close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      life++;
      up = false;
    }

    private final class Transport implements PeerTransport {
      private final long mine;

      Transport(long mine) {
        this.mine = mine;
      }

      @Override
      public void send(long to, PeerMessage message, long deadlineMillis) {
        if (life == mine && up) {
          deliver(member, to, message, Node.this, mine);
        }
      }

      @Override
      public void onReceive(BiConsumer<Long, PeerMessage> ignored) {}

      @Override
      public void onUnreachable(LongConsumer ignored) {}
    }
  }

  /// Threads that do nothing any more once their node is dead.
  private record MortalThreads(Threads threads, BooleanSupplier alive) implements Threads {
    @Override
    public Pool pool(String name, int count, int queueCount) {
      Pool pool = threads.pool(name, count, queueCount);
      return new MortalPool(pool, alive);
    }

    @Override
    public int processors() {
      return threads.processors();
    }

    @Override
    public Timer after(Duration delay, Pool pool, Runnable task) {
      return threads.after(delay, ((MortalPool) pool).pool, mortal(alive, task));
    }

    @Override
    public Timer every(Duration interval, Pool pool, Runnable task) {
      Timer[] timer = new Timer[1];
      timer[0] =
          threads.every(
              interval,
              ((MortalPool) pool).pool,
              () -> {
                if (alive.getAsBoolean()) {
                  task.run();
                } else {
                  timer[0].cancel();
                }
              });
      return timer[0];
    }

    static Runnable mortal(BooleanSupplier alive, Runnable task) {
      return () -> {
        if (alive.getAsBoolean()) {
          try {
            task.run();
          } catch (SimulatedDisk.PowerOff off) {
            // the node died in the middle of it
          }
        }
      };
    }
  }

  private record MortalPool(Threads.Pool pool, BooleanSupplier alive) implements Threads.Pool {
    @Override
    public void execute(Runnable task) {
      pool.execute(MortalThreads.mortal(alive, task));
    }

    @Override
    public void close() {
      pool.close();
    }
  }
}
