package dev.henge.server.cluster;

import dev.henge.data.Reply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The requests of one client to one group, in order.
///
/// Writes follow each other without waiting. A read behind an unfinished write goes through the
/// log, so that order is kept in one round; one that walks waits instead. A write behind an
/// unfinished read waits for it.
///
/// When a request finds no leader, the lane holds back what is behind, waits until everything under
/// way is settled, and then tries again in the same order, until the deadline. Where something
/// behind it has been done meanwhile, it is answered as not done: order is never broken for the
/// sake of a retry. The lane goes on to another leader only when nothing is under way.
///
/// - Bounds: [#WINDOW_MAX] requests under way; what waits behind is bounded by the client's own
///   session.
/// - Threads: any. Requests are sent by one thread at a time, listeners are called without the
///   lock.
final class StrongLane {
  private static final int WINDOW_MAX = 4096;
  private static final long PAUSE_MILLIS_MIN = 10;
  private static final long PAUSE_MILLIS_MAX = 160;

  private final StrongClient client;
  private final long number;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by lock
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Deque<Waiting> underWay = new ArrayDeque<>();
  private @Nullable Target target;
  private int openCount;
  private int openReads;
  private long lastNumber;
  private long lastDone;
  private long lastRead;
  private boolean sending;
  private boolean stalled;
  private boolean pausing;
  private int failedRounds;

  StrongLane(StrongClient client) {
    this.client = client;
    this.number = client.laneNumber();
  }

  /// Rises with every lane of a client.
  long number() {
    return number;
  }

  /// @param timeoutMillis after which it is answered one way or the other
  void submit(StrongRequest request, long timeoutMillis, StrongClient.Listener listener) {
    if (client.groups().isRemoved()) {
      listener.answered(Failures.REMOVED, 0, 0);
      return;
    }
    long expiresNanos = client.clock().monotonicNanos() + timeoutMillis * 1_000_000;
    lock.lock();
    try {
      if (waiting.isEmpty() && underWay.isEmpty()) {
        client.busy(this, true);
      }
      waiting.add(new Waiting(request, expiresNanos, listener));
    } finally {
      lock.unlock();
    }
    pump();
  }

  /// Answers what has waited for too long. Called from time to time.
  void expire() {
    long now = client.clock().monotonicNanos();
    List<Waiting> late = new ArrayList<>();
    lock.lock();
    try {
      for (Waiting one : underWay) {
        if (!one.told && one.expiresNanos - now <= 0) {
          one.told = true;
          late.add(one);
        }
      }
      for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
        Waiting one = all.next();
        if (one.expiresNanos - now <= 0) {
          all.remove();
          if (!one.told) {
            one.told = true;
            late.add(one);
          }
        }
      }
      idle();
    } finally {
      lock.unlock();
    }
    for (Waiting one : late) {
      one.listener.answered(one.uncertain() ? Failures.UNKNOWN : Failures.UNAVAILABLE, 0, 0);
    }
  }

  /// Sends what may go, unless another thread does already.
  private void pump() {
    lock.lock();
    try {
      if (sending) {
        return;
      }
      sending = true;
    } finally {
      lock.unlock();
    }
    while (true) {
      Going going;
      lock.lock();
      try {
        going = takeNext();
        if (going == null) {
          sending = false;
          return;
        }
      } finally {
        lock.unlock();
      }
      Waiting next = going.one;
      long left = (next.expiresNanos - client.clock().monotonicNanos()) / 1_000_000;
      if (going.where == null) {
        next.refused(Failures.REMOVED);
      } else if (left <= 0) {
        next.refused(Failures.UNAVAILABLE);
      } else {
        client.attempt(next.sent, going.where, left, next);
      }
    }
  }

  /// The next request that may go now; null when none may. Under the lock.
  private @Nullable Going takeNext() {
    Waiting next = waiting.peek();
    if (next == null || stalled || openCount >= WINDOW_MAX) {
      return null;
    }
    boolean overLog = next.request.kind() == StrongRequest.Kind.COMMAND;
    boolean stale = next.request.consistency() == Consistency.STALE;
    if (overLog) {
      if (openReads > 0) {
        return null;
      }
    } else if (openCount > openReads && !stale) {
      boolean joins =
          next.request.kind() == StrongRequest.Kind.READ && !next.request.operation().scans();
      if (!joins) {
        return null;
      }
      overLog = true;
    }
    boolean removed = client.groups().isRemoved();
    Target where = removed ? null : client.target(next.request, failedRounds);
    if (openCount == 0) {
      target = where;
    } else if (!stale && (target == null || where == null || where.member() != target.member())) {
      return null;
    }
    if (where == null && !removed) {
      pause();
      return null;
    }
    waiting.remove();
    next.begin(overLog ? next.request.throughLog() : next.request, !overLog, ++lastNumber);
    underWay.add(next);
    openCount++;
    openReads += next.reading ? 1 : 0;
    return new Going(next, where);
  }

  /// Holds the lane for a moment. Under the lock.
  private void pause() {
    stalled = true;
    if (!pausing) {
      pausing = true;
      int doublings = Math.min(failedRounds, 10);
      long most = Math.min(PAUSE_MILLIS_MAX, PAUSE_MILLIS_MIN << doublings);
      long millis =
          failedRounds == 0 ? 1 : most / 2 + Long.remainderUnsigned(client.chance(), most);
      failedRounds++;
      client.later(millis, this::resume);
    }
  }

  private void resume() {
    lock.lock();
    try {
      pausing = false;
      stalled = openCount > 0 && stalled;
    } finally {
      lock.unlock();
    }
    pump();
  }

  /// One attempt has ended.
  ///
  /// @param again whether it is tried again where order allows
  private void ended(Waiting one, boolean again, @Nullable Answer answer) {
    List<Runnable> tell = new ArrayList<>(1);
    lock.lock();
    try {
      one.open = false;
      openCount--;
      openReads -= one.reading ? 1 : 0;
      if (again) {
        stalled = true;
      } else {
        underWay.remove(one);
        failedRounds = answer != null && answer.done ? 0 : failedRounds;
        if (answer != null && answer.done) {
          lastRead = one.reading ? Math.max(lastRead, one.number) : lastRead;
          lastDone = one.reading ? lastDone : Math.max(lastDone, one.number);
        }
        tell(one, answer, tell);
      }
      if (stalled && openCount == 0) {
        settle(tell);
      }
      idle();
    } finally {
      lock.unlock();
    }
    tell.forEach(Runnable::run);
    pump();
  }

  /// Nothing is under way: what found no leader goes back to the front, in order. Under the lock.
  private void settle(List<Runnable> tell) {
    while (!underWay.isEmpty()) {
      Waiting one = underWay.removeLast();
      // A read that is done again would see more than one behind it has seen.
      if (one.number < (one.reading ? Math.max(lastRead, lastDone) : lastDone)) {
        tell(
            one,
            new Answer(one.uncertain() ? Failures.UNKNOWN : Failures.OVERTAKEN, 0, 0, false),
            tell);
      } else if (!one.told) {
        waiting.addFirst(one);
      }
    }
    pause();
  }

  private void tell(Waiting one, @Nullable Answer answer, List<Runnable> tell) {
    if (!one.told && answer != null) {
      one.told = true;
      tell.add(() -> one.listener.answered(answer.reply, answer.index, answer.ageMillis));
    }
  }

  private void idle() {
    if (waiting.isEmpty() && underWay.isEmpty()) {
      client.busy(this, false);
    }
  }

  /// @param where null on a node that was removed meanwhile
  private record Going(Waiting one, @Nullable Target where) {}

  /// @param done whether the group did what was asked
  private record Answer(Reply reply, long index, long ageMillis, boolean done) {}

  /// One request, from its coming to its answer.
  private final class Waiting implements Attempt {
    // immutable
    private final StrongRequest request;
    private final long expiresNanos;
    private final StrongClient.Listener listener;

    private volatile boolean maybeDone;

    // guarded by lock
    private StrongRequest sent;
    private long number;
    private boolean reading;
    private boolean open;
    private boolean told;

    Waiting(StrongRequest request, long expiresNanos, StrongClient.Listener listener) {
      this.request = request;
      this.sent = request;
      this.expiresNanos = expiresNanos;
      this.listener = listener;
    }

    void begin(StrongRequest form, boolean reads, long place) {
      sent = form;
      reading = reads;
      number = place;
      open = true;
    }

    /// Whether it may have been done: it writes, and is out, or was and nobody knows.
    boolean uncertain() {
      return request.operation().writes() && (maybeDone || open);
    }

    @Override
    public void answered(Reply reply, long index, long ageMillis) {
      ended(this, false, new Answer(reply, index, ageMillis, true));
    }

    @Override
    public void moved(long leader) {
      ended(this, true, null);
    }

    @Override
    public void refused(Reply.Failure why) {
      // an earlier try may have done it
      ended(this, false, new Answer(maybeDone ? Failures.UNKNOWN : why, 0, 0, false));
    }

    @Override
    public void unknown() {
      if (request.repeatable()) {
        maybeDone = maybeDone || request.operation().writes();
        ended(this, true, null);
      } else {
        ended(this, false, new Answer(Failures.UNKNOWN, 0, 0, true));
      }
    }
  }
}
