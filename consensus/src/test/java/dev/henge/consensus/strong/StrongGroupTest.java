package dev.henge.consensus.strong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Threads;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.log.GroupLog;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;
import dev.henge.storage.lsm.LsmEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Three replicas under the real runtime, on one thread: writes, fresh reads, one that is lost, and
/// another in its place, which needs an image because the log has been cut.
final class StrongGroupTest {
  private static final long GROUP = 1;
  private static final Duration STEP = Duration.ofMillis(20);

  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);
  private final Threads.Pool network = threads.pool("network", 1, 100_000);
  private final Map<Long, Node> nodes = new TreeMap<>();
  private int changes;
  private SeededRandomness randomness = new SeededRandomness(0);

  /// One member with its own disk.
  private final class Node implements PeerTransport {
    final long member;
    final SimulatedDisk disk;
    final StrongStateMachine machine;
    final LogStore store;
    final GroupRuntime runtime;
    final ConsensusGroup group;

    /// @param founding whether it belongs to the group from the beginning, or waits to be added
    Node(long member, boolean founding) throws IOException {
      this.member = member;
      this.disk = new SimulatedDisk();
      disk.createDirectories(Replica.PARENT);
      var options =
          new StrongOptions(
              disk,
              Replica.DIRECTORY,
              (directory, filter) ->
                  LsmEngine.open(
                      directory,
                      Replica.small().withCompactionFilter(filter),
                      disk,
                      clock,
                      threads),
              threads.pool("background", 1, 64),
              Room.INLINE);
      machine = StrongStateMachine.open(options);
      store = LogStore.open(disk, Path.of("/data/raft"), threads, LogOptions.DEFAULT);
      GroupOptions.Bounds usual = GroupOptions.Bounds.defaults();
      var bounds =
          new GroupOptions.Bounds(
              usual.commandBytes(),
              usual.entryBytes(),
              usual.pendingBytes(),
              usual.pendingCount(),
              usual.inboxBytes(),
              usual.applyBytes(),
              4 << 10,
              usual.storeBytes());
      runtime =
          new GroupRuntime(
              new GroupRuntime.Parts(
                  member,
                  store,
                  this,
                  threads,
                  2,
                  clock,
                  randomness.split(),
                  GroupOptions.defaults().with(bounds),
                  Raft::new,
                  (id, cause) -> {
                    throw new AssertionError("member " + member + " has ended", cause);
                  }));
      nodes.put(member, this);
      var voters = Configuration.ofVoters(List.of(1L, 2L, 3L));
      group =
          founding
              ? runtime.create(GROUP, new SnapshotMark(0, 0, voters), machine)
              : runtime.createEmpty(GROUP, machine);
    }

    boolean leads() {
      return group.status().role() == ConsensusGroup.GroupStatus.Role.LEADER;
    }

    boolean hasCutItsLog() {
      GroupLog log = store.group(GROUP);
      return log != null && log.mark().index() > 0;
    }

    @Override
    public void send(long to, PeerMessage message, long deadlineMillis) {
      network.execute(() -> {
        Node there = nodes.get(to);
        if (there != null && nodes.containsKey(member)) {
          there.runtime.receive(member, message);
        }
      });
    }

    @Override
    public void onReceive(BiConsumer<Long, PeerMessage> receiver) {}

    @Override
    public void onUnreachable(LongConsumer listener) {}

    void end() throws IOException {
      nodes.remove(member);
      threads.promptly(() -> runtime.close());
      threads.promptly(() -> store.close());
    }
  }

  /// What became of a command.
  private static final class Outcome implements ConsensusGroup.ProposalListener {
    @Nullable Object reply;
    ConsensusGroup.@Nullable Refusal refusal;
    boolean ended;

    boolean isForSpace() {
      return refusal == ConsensusGroup.Refusal.DISK_FULL;
    }

    @Override
    public void applied(long index, Object answer) {
      reply = answer;
      ended = true;
    }

    @Override
    public void refused(ConsensusGroup.Refusal why, long leader) {
      refusal = why;
      ended = true;
    }

    @Override
    public void unknown() {
      ended = true;
    }
  }

  private final class Change implements ConsensusGroup.OutcomeListener {
    @Override
    public void done() {
      changes++;
    }

    @Override
    public void refused(ConsensusGroup.Refusal refusal, long leader) {
      throw new AssertionError("the change was refused: " + refusal);
    }

    @Override
    public void unknown() {
      throw new AssertionError("what became of the change is not known");
    }
  }

  @Test
  void threeReplicasAgreeAndOneThatIsLostIsReplacedByAnother() throws IOException {
    for (long seed : Seeds.of("strong: a group of three", 3)) {
      try {
        randomness = new SeededRandomness(seed);
        nodes.clear();
        changes = 0;
        run();
      } catch (IOException | RuntimeException | AssertionError failure) {
        throw new AssertionError("again with -Dseed=" + seed, failure);
      }
    }
  }

  /// Everything that was answered holds, and what was refused for want of space never happens.
  @Test
  void aFullDiskIsWaitedForAndRefusesByName() throws IOException {
    for (long seed : Seeds.of("strong: full disks", 3)) {
      try {
        randomness = new SeededRandomness(seed);
        nodes.clear();
        fillAll();
      } catch (IOException | RuntimeException | AssertionError failure) {
        throw new AssertionError("again with -Dseed=" + seed, failure);
      }
    }
  }

  private void fillAll() throws IOException {
    for (long member = 1; member <= 3; member++) {
      new Node(member, true);
    }
    write(1, increment());
    nodes.values().forEach(node -> node.disk.capacity(node.disk.usedBytes()));
    List<Outcome> outcomes = new ArrayList<>();
    while (outcomes.stream().filter(Outcome::isForSpace).count() < 20) {
      assertTrue(outcomes.size() < 20_000, "space ends some time");
      var outcome = new Outcome();
      byte[] key = bytes("k" + outcomes.size());
      outcomes.add(outcome);
      leader()
          .group
          .propose(
              StrongCommand.ofDatabase(
                      0,
                      null,
                      Scope.Limits.DEFAULT,
                      new Operation.Set(key, new byte[4000], Expiry.NONE, Condition.ALWAYS, false))
                  .encode(),
              0,
              outcome);
      threads.advance(STEP);
    }
    assertTrue(nodes.values().stream().anyMatch(node -> node.group.isDiskFull()));
    nodes.values().forEach(node -> node.disk.capacity(Long.MAX_VALUE));
    assertEquals(new Reply.Number(2), write(2, increment()));
    until("all have ended", () -> outcomes.stream().allMatch(outcome -> outcome.ended));
    assertTrue(nodes.values().stream().noneMatch(node -> node.group.isDiskFull()));
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome outcome = outcomes.get(i);
      boolean there = !read("k" + i).equals(Reply.NOTHING.toString());
      if (outcome.reply != null) {
        assertTrue(there, "k" + i + " was acknowledged");
      } else if (outcome.refusal != null) {
        assertFalse(there, "k" + i + " was refused: " + outcome.refusal);
      }
    }
    until(
        "all have applied everything",
        () ->
            nodes.values().stream()
                .allMatch(
                    node -> node.machine.appliedIndex() == leader().group.status().lastIndex()));
    assertEquals(
        1, nodes.values().stream().map(node -> node.machine.contentHash()).distinct().count());
    for (Node node : List.copyOf(nodes.values())) {
      node.end();
    }
  }

  @Test
  void aLeaderWithoutSpaceLetsOneLeadThatHasSome() throws IOException {
    for (long member = 1; member <= 3; member++) {
      new Node(member, true);
    }
    Node full = leader();
    full.disk.capacity(full.disk.usedBytes());
    for (int i = 1; i <= 3000; i++) {
      assertEquals(new Reply.Number(i), write(i, increment()));
    }
    assertTrue(full.group.isDiskFull());
    assertFalse(full.leads());
    full.disk.capacity(Long.MAX_VALUE);
    until("it has all", () -> full.machine.appliedIndex() == leader().group.status().lastIndex());
    assertEquals(leader().machine.contentHash(), full.machine.contentHash());
    for (Node node : List.copyOf(nodes.values())) {
      node.end();
    }
  }

  private void run() throws IOException {
    for (long member = 1; member <= 3; member++) {
      new Node(member, true);
    }
    for (int i = 1; i <= 100; i++) {
      assertEquals(new Reply.Number(i), write(i, increment()));
    }
    assertEquals(new Reply.Number(100), write(100, increment()), "sent again under its id");
    Node away = nodes.values().stream().filter(node -> !node.leads()).findFirst().orElseThrow();
    away.end();
    for (int i = 101; i <= 300; i++) {
      assertEquals(new Reply.Number(i), write(i, increment()));
    }
    assertEquals("300", read("n"));

    until("every log is cut", () -> nodes.values().stream().allMatch(Node::hasCutItsLog));
    Node added = new Node(4, false);
    leader().group.changeMembers(new TreeSet<>(nodes.keySet()), new TreeSet<>(), new Change());
    until("the member is added", () -> changes == 1);
    assertTrue(added.machine.installedMark() != null, "it came by an image");
    assertEquals(new Reply.Number(301), write(301, increment()));
    until(
        "all have applied everything",
        () ->
            nodes.values().stream()
                .allMatch(
                    node -> node.machine.appliedIndex() == leader().group.status().lastIndex()));
    long expected = added.machine.contentHash();
    for (Node node : List.copyOf(nodes.values())) {
      assertEquals(expected, node.machine.contentHash(), "member " + node.member);
      node.end();
    }
  }

  /// Until it is done: under one request id, so that trying again is no risk.
  private Object write(long request, Operation operation) {
    byte[] command =
        StrongCommand.ofDatabase(0, new RequestId(1, request), Scope.Limits.DEFAULT, operation)
            .encode();
    while (true) {
      var outcome = new Outcome();
      leader().group.propose(command, 0, outcome);
      until("the write has ended", () -> outcome.ended);
      Object reply = outcome.reply;
      if (reply != null) {
        return reply;
      }
      threads.advance(STEP);
    }
  }

  private String read(String key) {
    List<String> values = new ArrayList<>();
    Node leader = leader();
    leader.group.read(
        ConsensusGroup.ReadLevel.LINEARIZABLE,
        0,
        new ConsensusGroup.ReadListener() {
          @Override
          public void ready(long appliedIndex, long nowMillis, long ageMillis) {
            Reply reply =
                leader.machine.evaluateRead(
                    new Operation.Get(bytes(key)),
                    0,
                    0,
                    Scope.Limits.DEFAULT,
                    nowMillis,
                    0,
                    Access.DISK);
            values.add(
                reply instanceof Reply.Bytes value
                    ? new String(value.bytes(), StandardCharsets.ISO_8859_1)
                    : reply.toString());
          }

          @Override
          public void refused(ConsensusGroup.Refusal refusal, long member) {
            values.add(refusal.toString());
          }
        });
    until("the read has ended", () -> !values.isEmpty());
    return values.getFirst();
  }

  private Node leader() {
    until("there is a leader", () -> nodes.values().stream().anyMatch(Node::leads));
    return nodes.values().stream().filter(Node::leads).findFirst().orElseThrow();
  }

  private void until(String what, BooleanSupplier holds) {
    threads.runAll();
    for (int i = 0; !holds.getAsBoolean(); i++) {
      assertTrue(i < 5000, () -> "waited in vain: " + what);
      threads.advance(STEP);
    }
  }

  private static Operation increment() {
    return new Operation.Increment(bytes("n"), 1, false);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
