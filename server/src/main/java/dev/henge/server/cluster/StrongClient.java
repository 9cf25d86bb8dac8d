package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.data.Reply;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Has requests for strong groups done, wherever their leaders are: here, or by one forward to
/// another node.
///
/// A [StrongLane] keeps the order of one client's requests to one group and decides what is tried
/// when; this class tries: it knows who is likely to lead, and carries a request there.
///
/// - Bounds: [#FORWARDED_MAX] requests under way to one member; more are answered `OVERLOADED`.
///   Each request has a deadline.
/// - Threads: any; nothing blocks.
public final class StrongClient implements AutoCloseable {
  /// Requests under way to one member, at 100 bytes of bookkeeping each about 3 MB.
  private static final int FORWARDED_MAX = 32 << 10;

  private static final Duration TICK = Duration.ofMillis(100);

  /// Hears the answer to a request, once, on a thread that must not be held up.
  public interface Listener {
    /// @param reply may be one of [Failures]
    /// @param index of the log entry that did it, or of what a read saw; 0 where there is none
    /// @param ageMillis of a stale read: by how much at most the replica is behind
    void answered(Reply reply, long index, long ageMillis);
  }

  private final Groups groups;
  private final StrongExecution execution;
  private final PeerCalls calls;
  private final Clock clock;
  private final Randomness randomness;
  private final Threads threads;
  private final Threads.Pool timers;
  private final Threads.Pool workers;
  private final Threads.Timer ticking;

  // one entry for each group
  private final Map<Long, Long> hints = new ConcurrentHashMap<>();
  // one entry for each member
  private final Map<Long, AtomicInteger> forwarded = new ConcurrentHashMap<>();
  // by number: looked at in the order of their making
  private final Map<Long, StrongLane> busy = new ConcurrentSkipListMap<>();
  private final AtomicLong lanes = new AtomicLong();

  /// @param timers runs retries and deadlines
  /// @param workerCount threads for reads that wait for the disk
  /// @param workerQueueCount reads that may wait for one of them
  public StrongClient(
      Groups groups,
      PeerCalls calls,
      Clock clock,
      Randomness randomness,
      Threads threads,
      int workerCount,
      int workerQueueCount) {
    this.groups = groups;
    this.calls = calls;
    this.clock = clock;
    this.randomness = randomness;
    this.threads = threads;
    this.workers = threads.pool("strong-worker", workerCount, workerQueueCount);
    this.timers = threads.pool("strong-timer", 1, 64 << 10);
    this.execution = new StrongExecution(groups, randomness, workers);
    this.ticking = threads.every(TICK, timers, this::tick);
    calls.serve(StrongService.NUMBER, new StrongService(execution)::serve);
  }

  /// The order of one client's requests.
  public StrongSession session() {
    return new StrongSession(this);
  }

  /// Where groups are, as this node knows.
  public Groups groups() {
    return groups;
  }

  /// Member number of who leads `group`, as far as known here; 0 for nobody.
  public long leader(long group) {
    return switch (groups.replica(group)) {
      case Replica.Local local -> groups.self();
      case Replica.Replicated replica -> replica.group().status().leader();
      case null -> {
        List<Long> holders = holders(group);
        GroupRecord record = groups.routes().metadata().groups().get(group);
        long preferred = record == null ? 0 : record.preferredLeader();
        yield hints.getOrDefault(group, holders.contains(preferred) ? preferred : 0L);
      }
    };
  }

  @Override
  public void close() {
    ticking.cancel();
    timers.close();
    workers.close();
  }

  Clock clock() {
    return clock;
  }

  long chance() {
    return randomness.nextLong();
  }

  void later(long millis, Runnable task) {
    try {
      threads.after(Duration.ofMillis(millis), timers, task);
    } catch (RejectedExecutionException closing) {
      // the tick looks after every lane that waits
    }
  }

  /// A number for one more lane.
  long laneNumber() {
    return lanes.incrementAndGet();
  }

  void busy(StrongLane lane, boolean yes) {
    if (yes) {
      busy.put(lane.number(), lane);
    } else {
      busy.remove(lane.number());
    }
  }

  /// Where to try next; null while nobody is known to lead.
  ///
  /// @param tries how often it has been tried
  @Nullable Target target(StrongRequest request, int tries) {
    long group = request.group();
    Replica replica = groups.replica(group);
    boolean anyReplica = request.consistency() == Consistency.STALE && readsState(request);
    if (replica instanceof Replica.Local) {
      return new Target(groups.self(), 0);
    }
    if (replica != null && anyReplica) {
      return groups.isRecognized() ? new Target(groups.self(), 0) : null;
    }
    if (replica instanceof Replica.Replicated here) {
      ConsensusGroup.GroupStatus status = here.group().status();
      if (status.leader() != 0) {
        return new Target(status.leader(), status.term());
      }
    }
    Long hint = hints.get(group);
    if (hint != null && !anyReplica && (replica == null || hint != groups.self())) {
      return new Target(hint, 0);
    }
    List<Long> holders = holders(group);
    if (holders.isEmpty()) {
      return null;
    }
    long first = leader(group);
    long next =
        tries == 0 && first != 0 ? first : holders.get(Math.floorMod(tries, holders.size()));
    return next == groups.self() && replica == null ? null : new Target(next, 0);
  }

  /// Tries `request` at `target`.
  void attempt(StrongRequest request, Target target, long millisLeft, Attempt attempt) {
    if (target.member() == groups.self()) {
      execution.execute(request, target.term(), attempt);
      return;
    }
    byte[] message = StrongWire.encode(request, target.term());
    // The way to others drops what is far too long: nobody would know what became of it.
    if (message.length > GroupOptions.COMMAND_BYTES_MAX) {
      attempt.refused(Failures.TOO_LARGE);
      return;
    }
    AtomicInteger count = forwarded.computeIfAbsent(target.member(), member -> new AtomicInteger());
    if (count.incrementAndGet() > FORWARDED_MAX) {
      count.decrementAndGet();
      attempt.refused(Failures.OVERLOADED);
      return;
    }
    calls.call(
        target.member(),
        StrongService.NUMBER,
        message,
        millisLeft,
        new Forward(request, target, count, attempt));
  }

  /// Who may lead `group`, this node left out.
  private List<Long> holders(long group) {
    GroupRecord record = groups.routes().metadata().groups().get(group);
    if (record == null) {
      return List.of();
    }
    List<Long> others = new ArrayList<>(record.holders());
    others.remove(groups.self());
    return others;
  }

  private static boolean readsState(StrongRequest request) {
    return switch (request.kind()) {
      case READ, WATCH -> true;
      case COMMAND, HOLDERS -> false;
    };
  }

  private void tick() {
    busy.values().forEach(StrongLane::expire);
    execution.tick();
  }

  /// One request on its way to another node and back.
  private final class Forward implements PeerCalls.Listener {
    private final StrongRequest request;
    private final Target target;
    private final AtomicInteger count;
    private final Attempt attempt;

    Forward(StrongRequest request, Target target, AtomicInteger count, Attempt attempt) {
      this.request = request;
      this.target = target;
      this.count = count;
      this.attempt = attempt;
    }

    @Override
    public void answered(byte[] body) {
      count.decrementAndGet();
      StrongWire.Answered answer;
      try {
        answer = StrongWire.decodeAnswer(body);
      } catch (IOException unreadable) {
        lostHow();
        return;
      }
      hints.put(request.group(), target.member());
      attempt.answered(answer.reply(), answer.index(), answer.ageMillis());
    }

    @Override
    public void refused(int status, byte[] body) {
      count.decrementAndGet();
      switch (status) {
        case StrongService.MOVED -> {
          long leader = body.length == Long.BYTES ? ByteBuffer.wrap(body).getLong() : 0;
          if (leader == 0 || leader == target.member()) {
            hints.remove(request.group(), target.member());
          } else {
            hints.put(request.group(), leader);
          }
          attempt.moved(leader);
        }
        case StrongService.REFUSED -> attempt.refused(refusal(body));
        case PeerCalls.OVERLOADED -> attempt.refused(Failures.OVERLOADED);
        case PeerCalls.NO_SERVICE -> {
          hints.remove(request.group(), target.member());
          attempt.moved(0);
        }
        default -> lostHow();
      }
    }

    @Override
    public void lost() {
      count.decrementAndGet();
      lostHow();
    }

    @Override
    public void neverLeft() {
      count.decrementAndGet();
      hints.remove(request.group(), target.member());
      attempt.moved(0);
    }

    private void lostHow() {
      hints.remove(request.group(), target.member());
      attempt.unknown();
    }

    private static Reply.Failure refusal(byte[] body) {
      try {
        return StrongWire.decodeAnswer(body).reply() instanceof Reply.Failure failure
            ? failure
            : Failures.UNAVAILABLE;
      } catch (IOException unreadable) {
        return Failures.UNAVAILABLE;
      }
    }
  }
}
