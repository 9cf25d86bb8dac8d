package dev.henge.server.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.henge.base.Clock;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemRandomness;
import dev.henge.base.system.SystemThreads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Routes;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.strong.GroupReads;
import dev.henge.consensus.strong.RequestId;
import dev.henge.consensus.strong.StrongCommand;
import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.KeyspaceSize;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.server.peer.PeerCalls;
import dev.henge.storage.Access;
import dev.henge.storage.EngineStatistics;
import dev.henge.storage.NotInMemoryException;
import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Order, retries and unknown outcomes of one client's requests, with a group that the test plays.
final class StrongLaneTest {
  private static final long LONG_MILLIS = 600_000;
  private static final long WAIT_SECONDS = 120;

  private final SystemThreads threads = new SystemThreads();
  private final PlayedGroup group = new PlayedGroup();
  private final PeerCalls calls =
      new PeerCalls(new NoPeers(), new SystemClock(), threads, threads.pool("calls", 1, 100), 1);
  private final AtomicLong nanos = new AtomicLong();
  private final StrongClient client =
      new StrongClient(
          new OneGroup(group),
          calls,
          new StandingClock(nanos),
          new SystemRandomness(),
          threads,
          1,
          100);
  private final StrongLane lane = new StrongLane(client);

  @AfterEach
  void close() {
    client.close();
    calls.close();
    threads.close();
  }

  @Test
  void whatFoundNoLeaderIsSentAgainInOrder() throws Exception {
    Answer one = write("1", null);
    Answer two = write("2", null);
    Proposed first = group.takeProposal("1");
    Proposed second = group.takeProposal("2");
    Answer three = write("3", null);
    Proposed third = group.takeProposal("3");
    first.refuse();
    second.refuse();
    third.refuse();
    group.takeProposal("1").apply();
    group.takeProposal("2").apply();
    group.takeProposal("3").apply();
    assertEquals("1", one.take());
    assertEquals("2", two.take());
    assertEquals("3", three.take());
  }

  @Test
  void whatWasOvertakenIsAnsweredAsNotDone() throws Exception {
    Answer one = write("1", null);
    Answer two = write("2", null);
    Proposed first = group.takeProposal("1");
    Proposed second = group.takeProposal("2");
    first.refuse();
    second.apply();
    assertEquals("2", two.take());
    assertEquals("UNAVAILABLE", one.take());
    Answer three = write("3", null);
    group.takeProposal("3").apply();
    assertEquals("3", three.take());
  }

  @Test
  void anUnknownOutcomeIsToldUnlessTheWriteHasAnId() throws Exception {
    Answer plain = write("1", null);
    group.takeProposal("1").unknown();
    assertEquals("UNKNOWN", plain.take());
    Answer named = write("2", new RequestId(1, 2));
    group.takeProposal("2").unknown();
    group.takeProposal("2").apply();
    assertEquals("2", named.take());
  }

  @Test
  void afterAnUnknownOutcomeARefusalIsNoProofThatNothingWasDone() throws Exception {
    Answer named = write("1", new RequestId(1, 2));
    group.takeProposal("1").unknown();
    group.takeProposal("1").overloaded();
    assertEquals("UNKNOWN", named.take());
    Answer plain = write("2", null);
    group.takeProposal("2").overloaded();
    assertEquals("OVERLOADED", plain.take());
  }

  @Test
  void readsAndWritesOfOneClientKeepTheirOrder() throws Exception {
    Answer first = read("a");
    Answer second = read("b");
    ConsensusGroup.ReadListener a = group.takeRead();
    ConsensusGroup.ReadListener b = group.takeRead();
    Answer written = write("1", null);
    assertNull(group.proposals.poll(), "a write waits for the reads before it");
    a.ready(1, 1, 0);
    b.ready(1, 1, 0);
    assertEquals("read a", first.take());
    assertEquals("read b", second.take());
    Proposed write = group.takeProposal("1");
    Answer behind = read("1");
    Proposed throughLog = group.takeProposal("1");
    Answer walk = new Answer();
    lane.submit(
        request(StrongRequest.Kind.READ, new Operation.CountKeys(), null), LONG_MILLIS, walk);
    assertNull(group.reads.poll(), "a walk waits for the writes before it");
    write.apply();
    throughLog.apply();
    assertEquals("1", written.take());
    assertEquals("1", behind.take());
    group.takeRead().ready(1, 1, 0);
    assertEquals("read", walk.take());
  }

  /// A read that needs the disk sees the state at its turn, not what comes while it waits for it.
  @Test
  void aReadBehindOneThatNeedsTheDiskSeesNoLess() throws Exception {
    Answer cold = read("cold");
    Answer warm = read("warm");
    ConsensusGroup.ReadListener first = group.takeRead();
    ConsensusGroup.ReadListener second = group.takeRead();
    first.ready(1, 1, 0);
    group.state.incrementAndGet();
    second.ready(1, 1, 0);
    assertEquals("state 1", cold.take());
    assertEquals("read warm", warm.take());
  }

  /// It would see more than the one behind it has seen.
  @Test
  void aReadIsNotDoneAgainBehindOneThatWasDone() throws Exception {
    Answer one = read("a");
    Answer two = read("b");
    ConsensusGroup.ReadListener first = group.takeRead();
    ConsensusGroup.ReadListener second = group.takeRead();
    second.ready(1, 1, 0);
    first.refused(ConsensusGroup.Refusal.NOT_LEADER, 0);
    assertEquals("read b", two.take());
    assertEquals("UNAVAILABLE", one.take());
  }

  @Test
  void withoutALeaderTheDeadlineAnswers() throws Exception {
    var answer = new Answer();
    group.leaderless = true;
    lane.submit(request(StrongRequest.Kind.COMMAND, set("1"), null), 300, answer);
    nanos.addAndGet(300_000_000);
    assertEquals("UNAVAILABLE", answer.take());
    group.leaderless = false;
    var open = new Answer();
    lane.submit(request(StrongRequest.Kind.COMMAND, set("2"), null), 300, open);
    group.takeProposal("2");
    nanos.addAndGet(300_000_000);
    assertEquals("UNKNOWN", open.take());
  }

  /// What waited behind others until its time was over is not begun any more.
  @Test
  void whatHasExpiredIsNotDone() throws Exception {
    Answer read = read("a");
    ConsensusGroup.ReadListener reading = group.takeRead();
    var late = new Answer();
    lane.submit(request(StrongRequest.Kind.COMMAND, set("1"), new RequestId(1, 2)), 300, late);
    nanos.addAndGet(300_000_000);
    reading.ready(1, 1, 0);
    assertEquals("read a", read.take());
    assertEquals("UNAVAILABLE", late.take());
    assertNull(group.proposals.poll(), "nobody waits for it any more");
    Answer next = write("2", null);
    group.takeProposal("2").apply();
    assertEquals("2", next.take());
  }

  private Answer write(String value, @Nullable RequestId id) {
    var answer = new Answer();
    lane.submit(request(StrongRequest.Kind.COMMAND, set(value), id), LONG_MILLIS, answer);
    return answer;
  }

  private Answer read(String key) {
    var answer = new Answer();
    lane.submit(
        request(StrongRequest.Kind.READ, new Operation.Get(key.getBytes(UTF_8)), null),
        LONG_MILLIS,
        answer);
    return answer;
  }

  private static Operation set(String value) {
    return new Operation.Set(
        "key".getBytes(UTF_8), value.getBytes(UTF_8), Expiry.NONE, Condition.ALWAYS, false);
  }

  private static StrongRequest request(
      StrongRequest.Kind kind, Operation operation, @Nullable RequestId id) {
    return new StrongRequest(
        1, kind, 0, 0, Scope.Limits.DEFAULT, operation, Consistency.LINEARIZABLE, id, 0);
  }

  /// What the client was told: a failure's code, or the answer.
  private static final class Answer implements StrongClient.Listener {
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @Override
    public void answered(Reply reply, long index, long ageMillis) {
      told.add(
          switch (reply) {
            case Reply.Failure failure -> failure.code();
            case Reply.Word word -> word.text();
            default -> reply.toString();
          });
    }

    String take() throws InterruptedException {
      String text = told.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(text, "no answer");
      return text;
    }
  }

  /// A command that the group was given; its value, or the key of a read, is its name.
  private record Proposed(String name, ConsensusGroup.ProposalListener listener) {
    void apply() {
      listener.applied(1, new Reply.Word(name));
    }

    void refuse() {
      listener.refused(ConsensusGroup.Refusal.NOT_LEADER, 0);
    }

    void overloaded() {
      listener.refused(ConsensusGroup.Refusal.OVERLOADED, 0);
    }

    void unknown() {
      listener.unknown();
    }
  }

  /// A group whose every answer the test gives.
  private static final class PlayedGroup implements ConsensusGroup {
    final BlockingQueue<Proposed> proposals = new LinkedBlockingQueue<>();
    final BlockingQueue<ReadListener> reads = new LinkedBlockingQueue<>();

    /// Whether it knows of no leader.
    volatile boolean leaderless;

    final AtomicInteger state = new AtomicInteger(1);

    Proposed takeProposal(String name) throws InterruptedException {
      Proposed proposed = proposals.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(proposed, "nothing was proposed");
      assertEquals(name, proposed.name());
      return proposed;
    }

    ReadListener takeRead() throws InterruptedException {
      ReadListener read = reads.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(read, "nothing was read");
      return read;
    }

    @Override
    public long id() {
      return 1;
    }

    @Override
    public void propose(byte[] command, long term, ProposalListener listener) {
      try {
        Operation operation = StrongCommand.decode(command).operation();
        byte[] name =
            switch (operation) {
              case Operation.Set set -> set.value();
              case Operation.Get get -> get.key();
              default -> new byte[0];
            };
        proposals.add(new Proposed(new String(name, UTF_8), listener));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void read(ReadLevel level, long term, ReadListener listener) {
      reads.add(listener);
    }

    @Override
    public boolean isDiskFull() {
      return false;
    }

    @Override
    public GroupStatus status() {
      return new GroupStatus(
          leaderless ? GroupStatus.Role.FOLLOWER : GroupStatus.Role.LEADER,
          1,
          leaderless ? 0 : 1,
          Configuration.ofVoters(List.of(1L)),
          1,
          1,
          1,
          new TreeMap<>());
    }

    @Override
    public void changeMembers(
        SortedSet<Long> voters, SortedSet<Long> learners, OutcomeListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void transfer(long member, OutcomeListener listener) {
      throw new UnsupportedOperationException();
    }
  }

  /// A clock that moves when it is told to.
  private record StandingClock(AtomicLong nanos) implements Clock {
    @Override
    public long wallMillis() {
      return nanos.get() / 1_000_000;
    }

    @Override
    public long monotonicNanos() {
      return nanos.get();
    }
  }

  private record OneGroup(PlayedGroup group) implements Groups, GroupReads {
    @Override
    public long self() {
      return 1;
    }

    @Override
    public Routes routes() {
      return new Routes(Metadata.EMPTY);
    }

    @Override
    public Replica replica(long id) {
      return new Replica.Replicated(group, this);
    }

    @Override
    public boolean isRemoved() {
      return false;
    }

    @Override
    public boolean isRecognized() {
      return true;
    }

    @Override
    public boolean isLost(long member) {
      return false;
    }

    @Override
    public long silentMillis(long member) {
      return -1;
    }

    @Override
    public Reply evaluateRead(
        Operation operation,
        int keyspaceId,
        int database,
        Scope.Limits limits,
        long now,
        long seed,
        Access access) {
      if (operation instanceof Operation.Get get
          && new String(get.key(), UTF_8).startsWith(COLD)
          && access != Access.DISK) {
        throw NotInMemoryException.INSTANCE;
      }
      return new Reply.Word(
          operation instanceof Operation.Get get ? "read " + new String(get.key(), UTF_8) : "read");
    }

    @Override
    public Operation.Watch evaluateWatch(
        byte[] key, int keyspaceId, int database, long now, Access access) {
      return new Operation.Watch(database, 1, key, 0);
    }

    /// What a key that begins so is not in memory.
    static final String COLD = "cold";

    @Override
    public State pin() {
      int pinned = group.state.get();
      return new State() {
        @Override
        public Reply evaluateRead(
            Operation operation,
            int keyspaceId,
            int database,
            Scope.Limits limits,
            long now,
            long seed) {
          return operation instanceof Operation.Get
              ? new Reply.Word("state " + pinned)
              : new Reply.Word("read");
        }

        @Override
        public Operation.Watch evaluateWatch(byte[] key, int keyspaceId, int database, long now) {
          return new Operation.Watch(database, 1, key, 0);
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public EngineStatistics statistics() {
      throw new UnsupportedOperationException();
    }

    @Override
    public KeyspaceSize size(int database, int walkedMax) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long contentHash() {
      return 0;
    }
  }

  private static final class NoPeers implements PeerTransport {
    @Override
    public void send(long member, PeerMessage message, long deadlineMillis) {
      throw new AssertionError("there are no peers");
    }

    @Override
    public void onReceive(BiConsumer<Long, PeerMessage> receiver) {}

    @Override
    public void onUnreachable(LongConsumer listener) {}
  }
}
