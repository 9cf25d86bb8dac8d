package dev.henge.consensus.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a group promises over crashes, cuts and lag, seen from its clients.
final class GroupRuntimeTest {
  private static final long SEED = Long.getLong("seed", 1);

  @Test
  void everyReplicaAppliesWhatIsProposed() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    Cluster.Node leader = cluster.awaitLeader(1);
    var fates = new ArrayList<Cluster.Fate>();
    for (int i = 0; i < 100; i++) {
      fates.add(leader.propose(1, "c" + i));
    }
    cluster.until("all applied", () -> fates.stream().allMatch(Cluster.Fate::isApplied));
    for (int i = 0; i < 100; i++) {
      assertEquals(i, fates.get(i).reply, "replies in the order of the calls");
    }
    cluster.until("everywhere", () -> contents(cluster, 1).stream().allMatch(c -> c.size() == 100));
    assertEquals(1, contents(cluster, 1).stream().distinct().count());
    assertTrue(
        leader.group(1).status().lastIndex() < 20, "commands that wait together share entries");
  }

  @Test
  void whatComesDuringARoundSharesTheNextEntry() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    Cluster.Node leader = cluster.awaitLeader(1);
    cluster.put(1, "settled");
    long before = leader.group(1).status().lastIndex();
    for (Cluster.Node node : cluster.nodes.values()) {
      if (node != leader) {
        cluster.cutOff.add(node.member);
      }
    }
    Cluster.Fate first = leader.propose(1, "first");
    cluster.until("under way", () -> leader.group(1).status().lastIndex() > before);
    var rest = new ArrayList<Cluster.Fate>();
    for (int i = 0; i < 10; i++) {
      rest.add(leader.propose(1, "c" + i));
      cluster.run(Duration.ofMillis(1));
    }
    assertTrue(first.isOpen());
    cluster.cutOff.clear();
    cluster.until("all applied", () -> rest.stream().allMatch(Cluster.Fate::isApplied));
    long entries = leader.group(1).status().lastIndex() - before;
    assertEquals(2, entries, "one for the first, one for those behind it");
  }

  @Test
  void aFollowerRefusesAndNamesTheLeader() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    Cluster.Node leader = cluster.awaitLeader(1);
    Cluster.Node follower = other(cluster, leader);
    cluster.until("known", () -> follower.group(1).status().leader() == leader.member);
    Cluster.Fate fate = follower.propose(1, "x");
    assertEquals(Refusal.NOT_LEADER, fate.refusal);
    var read = new Read();
    follower.group(1).read(ConsensusGroup.ReadLevel.LINEARIZABLE, 0, read);
    assertEquals(Refusal.NOT_LEADER, read.refusal);
    assertEquals(leader.member, read.leader);
  }

  @Test
  void aCommandForAnotherTermIsRefused() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    Cluster.Node leader = cluster.awaitLeader(1);
    cluster.put(1, "a");
    long term = leader.group(1).status().term();
    var old = new Cluster.Fate("old");
    leader.group(1).propose(new byte[1], term + 1, old);
    var now = new Cluster.Fate("now");
    leader.group(1).propose(new byte[1], term, now);
    cluster.until("both answered", () -> !old.isOpen() && !now.isOpen());
    assertEquals(Refusal.NOT_LEADER, old.refusal);
    assertTrue(now.isApplied());
  }

  @Test
  void aFollowerThatCrashedComesBack() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node follower = other(cluster, cluster.awaitLeader(1));
    follower.crash();
    cluster.put(1, "b");
    follower.start();
    cluster.put(1, "c");
    cluster.until("caught up", () -> follower.machine(1).content().equals(List.of("a", "b", "c")));
  }

  @Test
  void anotherLeadsWhenTheLeaderCrashes() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node first = cluster.awaitLeader(1);
    first.crash();
    cluster.put(1, "b");
    first.start();
    cluster.put(1, "c");
    cluster.until(
        "everywhere",
        () -> contents(cluster, 1).stream().allMatch(c -> c.equals(List.of("a", "b", "c"))));
  }

  @Test
  void allNodesCrashAndNothingAcknowledgedIsLost() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    for (int i = 0; i < 20; i++) {
      cluster.put(1, "c" + i);
    }
    for (Cluster.Node node : cluster.nodes.values()) {
      node.crash();
    }
    for (Cluster.Node node : cluster.nodes.values()) {
      node.start();
    }
    cluster.put(1, "last");
    cluster.until("everywhere", () -> contents(cluster, 1).stream().allMatch(c -> c.size() == 21));
  }

  @Test
  void aFollowerFarBehindCatchesUpByTheLog() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    Cluster.Node follower = other(cluster, cluster.awaitLeader(1));
    cluster.cutOff.add(follower.member);
    for (int i = 0; i < 200; i++) {
      cluster.put(1, "c".repeat(100) + i);
    }
    cluster.cutOff.clear();
    cluster.until("caught up", () -> follower.machine(1).content().size() == 200);
  }

  @Test
  void aFollowerBehindTheLogsBeginningPullsAnImage() throws IOException {
    var cluster = new Cluster(SEED);
    cluster.options =
        cluster.options.with(
            new GroupOptions.Bounds(4096, 2048, 1 << 20, 1000, 1 << 20, 4096, 2000, 1 << 30));
    cluster.found(3, 1);
    Cluster.Node follower = other(cluster, cluster.awaitLeader(1));
    follower.crash();
    for (int i = 0; i < 200; i++) {
      cluster.put(1, "command " + i);
    }
    Cluster.Node leader = cluster.awaitLeader(1);
    follower.start();
    cluster.put(1, "last");
    cluster.until("caught up", () -> follower.machine(1).content().size() == 201);
    assertTrue(follower.machine(1).installedMark() != null, "the log began behind what it lacked");
    assertEquals(leader.machine(1).content(), follower.machine(1).content());
    follower.crash();
    follower.start();
    cluster.put(1, "behind it");
    cluster.until("goes on", () -> follower.machine(1).content().size() == 202);
  }

  @Test
  void aBrokenTransferGoesOn() throws IOException {
    var cluster = new Cluster(SEED);
    cluster.options =
        cluster
            .options
            .with(new GroupOptions.Bounds(4096, 2048, 1 << 20, 1000, 1 << 20, 4096, 2000, 1 << 30))
            .with(new GroupOptions.Images(64, 2000, 2, Duration.ofSeconds(20)));
    cluster.found(3, 1);
    Cluster.Node follower = other(cluster, cluster.awaitLeader(1));
    follower.crash();
    for (int i = 0; i < 400; i++) {
      cluster.put(1, "command " + i);
    }
    follower.start();
    for (int i = 0; i < 4; i++) {
      cluster.run(Duration.ofMillis(500));
      cluster.cutOff.add(follower.member);
      cluster.run(Duration.ofMillis(300));
      cluster.cutOff.clear();
    }
    cluster.until("caught up", () -> follower.machine(1).content().size() == 400);
  }

  /// Who pulled from a leader that is gone pulls from the next one, and does not wait for the first
  /// one's return.
  @Test
  void anImageWhoseSenderIsGoneComesFromTheNextLeader() throws IOException {
    var cluster = new Cluster(SEED);
    cluster.options =
        cluster
            .options
            .with(new GroupOptions.Bounds(4096, 2048, 1 << 20, 1000, 1 << 20, 4096, 2000, 1 << 30))
            .with(new GroupOptions.Images(64, 2000, 2, Duration.ofSeconds(20)));
    cluster.found(3, 1);
    Cluster.Node follower = other(cluster, cluster.awaitLeader(1));
    follower.crash();
    for (int i = 0; i < 400; i++) {
      cluster.put(1, "command " + i);
    }
    Cluster.Node leader = cluster.awaitLeader(1);
    follower.start();
    cluster.run(Duration.ofMillis(500));
    assertTrue(follower.machine(1).content().size() < 400, "it is still pulling");
    leader.crash();
    long goneNanos = cluster.clock.monotonicNanos();
    cluster.until("caught up", () -> follower.machine(1).content().size() == 400);
    long passed = (cluster.clock.monotonicNanos() - goneNanos) / 1_000_000;
    assertTrue(passed < 10_000, "after " + passed + " ms");
  }

  /// An image that was taken in makes room for the next long before it is idle.
  @Test
  void aNewMemberTakesInManyGroupsOneAfterTheOther() throws IOException {
    var cluster = new Cluster(SEED);
    cluster.options =
        cluster
            .options
            .with(new GroupOptions.Bounds(4096, 2048, 1 << 20, 1000, 1 << 20, 4096, 500, 1 << 30))
            .with(new GroupOptions.Images(64, 1 << 20, 2, Duration.ofSeconds(20)));
    int groups = 8;
    cluster.found(1, groups);
    for (long group = 1; group <= groups; group++) {
      for (int i = 0; i < 60; i++) {
        cluster.put(group, "command " + i);
      }
    }
    Cluster.Node added = cluster.add(2);
    var outcomes = new ArrayList<Outcome>();
    for (long group = 1; group <= groups; group++) {
      added.createEmpty(group);
      var outcome = new Outcome();
      outcomes.add(outcome);
      cluster.node(1).group(group).changeMembers(members(1, 2), members(), outcome);
    }
    cluster.until("all are here", () -> outcomes.stream().allMatch(outcome -> outcome.done));
    for (long group = 1; group <= groups; group++) {
      assertTrue(added.machine(group).installedMark() != null, "group " + group + " by an image");
    }
  }

  @Test
  void membersGoFromOneToThreeAndBack() throws IOException {
    var cluster = new Cluster(SEED);
    cluster.found(1, 1);
    cluster.put(1, "a");
    cluster.add(2).createEmpty(1);
    cluster.add(3).createEmpty(1);
    var grown = new Outcome();
    cluster.awaitLeader(1).group(1).changeMembers(members(1, 2, 3), members(), grown);
    cluster.until("grown", () -> grown.done);
    cluster.put(1, "b");
    cluster.until("everywhere", () -> contents(cluster, 1).stream().allMatch(c -> c.size() == 2));
    var shrunk = new Outcome();
    cluster.awaitLeader(1).group(1).changeMembers(members(3), members(), shrunk);
    cluster.until("shrunk", () -> shrunk.ended());
    cluster.until("3 leads", () -> cluster.node(3).group(1).status().role() == Role.LEADER);
    cluster.node(1).crash();
    cluster.node(2).crash();
    cluster.put(1, "c");
    assertEquals(List.of("a", "b", "c"), cluster.node(3).machine(1).content());
  }

  @Test
  void aTransferRefusesNobodyButWhileItLasts() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node old = cluster.awaitLeader(1);
    Cluster.Node heir = other(cluster, old);
    var fates = new ArrayList<Cluster.Fate>();
    for (int i = 0; i < 50; i++) {
      fates.add(old.propose(1, "c" + i));
    }
    cluster.threads.runAll();
    var outcome = new Outcome();
    old.group(1).transfer(heir.member, outcome);
    for (int i = 50; i < 60; i++) {
      fates.add(old.propose(1, "c" + i));
    }
    cluster.until("all answered", () -> fates.stream().noneMatch(Cluster.Fate::isOpen));
    cluster.until("handed over", () -> outcome.done);
    assertEquals(heir, cluster.awaitLeader(1));
    for (Cluster.Fate fate : fates) {
      assertTrue(fate.isApplied() || fate.refusal == Refusal.TRANSFERRING, fate::toString);
    }
    assertTrue(fates.getFirst().isApplied());
  }

  @Test
  void drainingANodeLeavesItWithoutLeaderships() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 8);
    for (long group = 1; group <= 8; group++) {
      cluster.put(group, "a");
    }
    Cluster.Node leader = cluster.awaitLeader(1);
    boolean[] done = new boolean[1];
    leader.runtime().drain(() -> done[0] = true);
    cluster.until("drained", () -> done[0]);
    for (long group = 1; group <= 8; group++) {
      assertFalse(leader.group(group).status().role() == Role.LEADER, "group " + group);
    }
    leader.stop();
    assertTrue(leader.machine(1).closed);
    cluster.put(1, "b");
  }

  @Test
  void aNodeThatIsDrainedGivesAwayWhatComesBack() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node ending = cluster.awaitLeader(1);
    boolean[] done = new boolean[1];
    ending.runtime().drain(() -> done[0] = true);
    cluster.until("drained", () -> done[0]);
    Cluster.Node next = cluster.awaitLeader(1);
    assertFalse(next == ending);
    long term = next.group(1).status().term();
    next.group(1).transfer(ending.member, new Outcome());
    cluster.until(
        "given away again",
        () ->
            ending.group(1).status().term() > term + 1
                && ending.group(1).status().role() != Role.LEADER);
    cluster.put(1, "b");
  }

  @Test
  void tooMuchIsRefusedAndNothingOfItIsDone() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node leader = cluster.awaitLeader(1);
    assertEquals(Refusal.TOO_LARGE, leader.propose(1, "x".repeat(4097)).refusal);
    var fates = new ArrayList<Cluster.Fate>();
    for (int i = 0; i < 1500; i++) {
      fates.add(leader.propose(1, "c" + i));
    }
    assertEquals(500, fates.stream().filter(fate -> fate.refusal == Refusal.OVERLOADED).count());
    cluster.until("the rest", () -> fates.stream().noneMatch(Cluster.Fate::isOpen));
    assertEquals(1001, leader.machine(1).content().size());
    cluster.put(1, "room again");
  }

  @Test
  void aCutOffLeaderDoesNotKnowAndTellsSo() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node old = cluster.awaitLeader(1);
    cluster.cutOff.add(old.member);
    Cluster.Fate lost = old.propose(1, "lost");
    var read = new Read();
    old.group(1).read(ConsensusGroup.ReadLevel.LINEARIZABLE, 0, read);
    cluster.until("unknown", () -> lost.unknown);
    assertEquals(Refusal.NOT_LEADER, read.refusal);
    cluster.put(1, "b");
    cluster.cutOff.clear();
    cluster.until("back", () -> old.machine(1).content().equals(List.of("a", "b")));
  }

  @Test
  void aReplacedCommandIsRefusedForCertain() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node old = cluster.awaitLeader(1);
    cluster.cutOff.add(old.member);
    Cluster.Fate replaced = old.propose(1, "replaced");
    cluster.put(1, "b");
    cluster.cutOff.clear();
    cluster.until("its fate", () -> !replaced.isOpen());
    assertEquals(Refusal.NOT_LEADER, replaced.refusal);
  }

  @Test
  void readsSeeWhatWasAcknowledged() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node leader = cluster.awaitLeader(1);
    var reads = new ArrayList<Read>();
    for (int i = 0; i < 100; i++) {
      var read = new Read();
      leader.group(1).read(ConsensusGroup.ReadLevel.LINEARIZABLE, 0, read);
      reads.add(read);
    }
    int sent = cluster.sentCount;
    cluster.until("answered", () -> reads.stream().allMatch(read -> read.appliedIndex > 0));
    assertTrue(cluster.sentCount - sent < 50, "reads share rounds");
  }

  /// A follower knows how far it may be behind: by its own clock, and by what it has applied.
  @Test
  void aStaleReadTellsHowFarItMayBeBehind() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 1);
    cluster.put(1, "a");
    Cluster.Node leader = cluster.awaitLeader(1);
    Cluster.Node follower = other(cluster, leader);
    cluster.run(Duration.ofMillis(500));
    assertTrue(stale(follower).ageMillis <= 200, "by heartbeats of 20 ms");
    assertTrue(stale(leader).ageMillis <= 200, "a leader asks, too");
    cluster.cutOff.add(follower.member);
    cluster.put(1, "b");
    cluster.run(Duration.ofSeconds(10));
    assertTrue(stale(follower).ageMillis > 10_000, "age " + stale(follower).ageMillis);
    cluster.cutOff.clear();
    cluster.until("back", () -> follower.machine(1).content().equals(List.of("a", "b")));
    cluster.run(Duration.ofMillis(500));
    assertTrue(stale(follower).ageMillis <= 200, "told again");
    follower.crash();
    follower.start();
    assertEquals(Long.MAX_VALUE, stale(follower).ageMillis, "it knows nothing yet");
  }

  @Test
  void aLeaderThatIsCutOffTellsNobodyThatItIsFresh() throws IOException {
    Cluster cluster = Cluster.of(SEED, 5, 1);
    cluster.put(1, "a");
    Cluster.Node leader = cluster.awaitLeader(1);
    cluster.run(Duration.ofMillis(500));
    cluster.cutOff.add(leader.member);
    cluster.run(Duration.ofMillis(150));
    assertTrue(stale(leader).ageMillis >= 150, "age " + stale(leader).ageMillis);
  }

  private static Read stale(Cluster.Node node) {
    var read = new Read();
    node.group(1).read(ConsensusGroup.ReadLevel.STALE, 0, read);
    return read;
  }

  @Test
  void quietGroupsSendNothingAndWake() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 64);
    for (long group = 1; group <= 64; group++) {
      cluster.put(group, "a");
    }
    cluster.run(Duration.ofSeconds(5));
    int sent = cluster.sentCount;
    cluster.run(Duration.ofSeconds(10));
    assertEquals(sent, cluster.sentCount, "quiet groups are silent");
    for (long group = 1; group <= 64; group++) {
      assertTrue(cluster.leader(group) != null, "group " + group);
    }
    cluster.put(1, "b");
    Cluster.Node leader = cluster.awaitLeader(2);
    leader.crash();
    for (Cluster.Node node : cluster.nodes.values()) {
      if (node != leader) {
        node.unreachable.accept(leader.member);
      }
    }
    for (long group = 1; group <= 64; group++) {
      cluster.put(group, "c");
    }
  }

  @Test
  void busyGroupsShareTheirMessages() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 64);
    for (long group = 1; group <= 64; group++) {
      cluster.put(group, "a");
    }
    int sent = cluster.sentCount;
    cluster.run(Cluster.TICK.multipliedBy(10));
    assertTrue(
        cluster.sentCount - sent < 10 * 64,
        "heartbeats of all groups travel together: " + (cluster.sentCount - sent));
  }

  @Test
  void aFailedLogEndsTheReplicas() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 2);
    cluster.put(1, "a");
    cluster.put(2, "a");
    Cluster.Node leader = cluster.awaitLeader(1);
    leader.disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            if (operation.kind() == DiskOperation.Kind.SYNC) {
              throw new SimulatedDisk.FailedSync(operation.path());
            }
          }
        });
    Cluster.Fate fate = leader.propose(1, "b");
    cluster.until("its fate", () -> !fate.isOpen());
    assertTrue(fate.unknown);
    cluster.until("stopped", () -> leader.group(1).status().role() == Role.STOPPED);
    assertEquals(Refusal.STOPPED, leader.propose(1, "c").refusal);
    assertFalse(leader.failures.isEmpty());
  }

  @Test
  void aStateMachineThatFailsEndsItsReplicaOnly() throws IOException {
    Cluster cluster = Cluster.of(SEED, 3, 2);
    cluster.put(1, "a");
    cluster.put(2, "a");
    Cluster.Node leader = cluster.awaitLeader(1);
    leader.machine(1).fails = true;
    Cluster.Fate fate = leader.propose(1, "b");
    cluster.until("its fate", () -> !fate.isOpen());
    assertTrue(fate.unknown);
    cluster.put(1, "c");
    assertFalse(leader.group(2).status().role() == Role.STOPPED);
  }

  private static Cluster.Node other(Cluster cluster, Cluster.Node than) {
    return cluster.nodes.values().stream().filter(node -> node != than).findFirst().orElseThrow();
  }

  private static TreeSet<Long> members(long... members) {
    var set = new TreeSet<Long>();
    for (long member : members) {
      set.add(member);
    }
    return set;
  }

  private static List<List<String>> contents(Cluster cluster, long group) {
    return cluster.nodes.values().stream().map(node -> node.machine(group).content()).toList();
  }

  private static final class Read implements ConsensusGroup.ReadListener {
    long appliedIndex;
    long ageMillis;
    @Nullable Refusal refusal;
    long leader;

    @Override
    public void ready(long applied, long nowMillis, long age) {
      appliedIndex = applied;
      ageMillis = age;
    }

    @Override
    public void refused(ConsensusGroup.Refusal why, long who) {
      refusal = why;
      leader = who;
    }
  }

  private static final class Outcome implements ConsensusGroup.OutcomeListener {
    boolean done;
    boolean refused;
    boolean unknown;

    boolean ended() {
      return done || refused || unknown;
    }

    @Override
    public void done() {
      done = true;
    }

    @Override
    public void refused(Refusal refusal, long leader) {
      refused = true;
    }

    @Override
    public void unknown() {
      unknown = true;
    }
  }
}
