package dev.henge.replication.quorum;

import dev.henge.base.Clock;
import dev.henge.base.Threads;
import dev.henge.replication.membership.Liveness;
import dev.henge.replication.replica.Change;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.storage.Access;
import dev.henge.storage.EngineException;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.WriteRefusedException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Does requests for keys that this node has a copy of, together with the others that have one.
///
/// A write is named and stored here first, then sent to the other owners, and answered when as many
/// copies as asked for are durable. A read asks as many copies as asked for, answers with what they
/// know together, and brings those that know less up to date.
///
/// - Bounds: [#ROUNDS_MAX] requests under way; more are refused as overloaded.
/// - Threads: any; answers come on any thread. What needs the disk goes to the pool.
/// - Source: DeCandia et al., "Dynamo" (2007), sections 4.3 to 4.7; Dean and Barroso, "The Tail at
///   Scale" (2013), for the second request to another copy where the first is slow.
public final class Coordinator implements AutoCloseable {
  private static final int ROUNDS_MAX = 64 << 10;

  /// A copy that has not answered for so long is slow: another one is asked.
  private static final Duration HEDGE_AFTER = Duration.ofMillis(20);

  private static final Duration HEDGE_TICK = Duration.ofMillis(10);

  /// What a coordinator knows of the others.
  ///
  /// @param self this node's member number
  /// @param blocking runs what may wait for the disk
  public record Parts(
      long self,
      Placement placement,
      Liveness liveness,
      RemoteReplicas remote,
      Clock clock,
      Threads threads,
      Threads.Pool blocking) {}

  /// Waits for copies in reads that may be slow, oldest first.
  private record Hedge(ReadRound round, long dueNanos) {}

  private final Parts parts;
  private final AtomicInteger rounds = new AtomicInteger();
  private final Queue<Hedge> hedges = new ConcurrentLinkedQueue<>();
  private final Threads.Timer hedging;

  public Coordinator(Parts parts) {
    this.parts = parts;
    this.hedging = parts.threads.every(HEDGE_TICK, parts.blocking, this::hedge);
  }

  /// Has `request` done for a key whose slot this node owns.
  ///
  /// @param key borrowed until answered
  /// @param timeoutMillis until the copies must have answered
  /// @param done called once, perhaps before this returns
  public void execute(
      Owned owned, byte[] key, Request request, long timeoutMillis, Consumer<Answer> done) {
    if (rounds.incrementAndGet() > ROUNDS_MAX) {
      rounds.decrementAndGet();
      done.accept(new Answer.Overloaded("too many requests are under way at this node"));
      return;
    }
    Consumer<Answer> counted =
        answer -> {
          rounds.decrementAndGet();
          done.accept(answer);
        };
    var round = new Round(owned, key, parts.clock.monotonicNanos() + timeoutMillis * 1_000_000);
    switch (request) {
      case Request.Read read -> read(round, read.level(), counted);
      case Request.Write write -> write(round, write.change(), write.level(), counted);
      case Request.Forget forget ->
          alter(
              round,
              forget.read(),
              forget.write(),
              found -> new Change.Delete(found.versions().seen()),
              counted);
      case Request.Alter alter ->
          alter(round, alter.read(), alter.write(), found -> alter.change(), counted);
    }
  }

  /// Requests are answered as their copies do; slow ones are waited for.
  @Override
  public void close() {
    hedging.cancel();
  }

  Parts parts() {
    return parts;
  }

  /// A keyspace in which this node owns slots.
  ///
  /// @param sloppy whether a copy with somebody who stands in for its owner counts
  public record Owned(KeyspaceReplica replica, boolean sloppy) {
    int keyspaceId() {
      return replica.options().keyspaceId();
    }
  }

  /// What all parts of one request share.
  ///
  /// @param deadlineNanos of the monotonic clock
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Round(Owned owned, byte[] key, long deadlineNanos) {}

  long leftMillis(Round round) {
    return Math.max(1, (round.deadlineNanos - parts.clock.monotonicNanos()) / 1_000_000);
  }

  private void read(Round round, Level level, Consumer<Answer> done) {
    var reading = new ReadRound(this, round, level, done);
    reading.begin();
    if (!reading.isDone()) {
      hedges.add(new Hedge(reading, parts.clock.monotonicNanos() + HEDGE_AFTER.toNanos()));
    }
  }

  private void write(Round round, Change change, Level level, Consumer<Answer> done) {
    new WriteRound(this, round, level, done).begin(change);
  }

  /// What to do with what was found.
  private interface Decision {
    Change change(Answer.Found found);
  }

  /// Reads, brings this node's copy up to date, and changes that.
  private void alter(
      Round round, Level read, Level write, Decision decision, Consumer<Answer> done) {
    read(
        round,
        read,
        answer -> {
          if (!(answer instanceof Answer.Found found)) {
            done.accept(answer);
          } else if (found.versions().isNone()) {
            done.accept(new Answer.Written(found.versions(), found.versions(), found.copies(), 0));
          } else {
            locally(
                access -> {
                  round.owned.replica.merge(round.key, found.versions(), access);
                  return decision.change(found);
                },
                change ->
                    write(
                        round,
                        change,
                        write,
                        written ->
                            done.accept(
                                written instanceof Answer.Written changed
                                    ? new Answer.Written(
                                        changed.versions(),
                                        found.versions(),
                                        changed.copies(),
                                        changed.hints())
                                    : written)),
                done);
          }
        });
  }

  /// Work on this node's copy.
  interface Work<T> {
    T run(Access access) throws WriteRefusedException;
  }

  /// Runs `work` here, or on the pool where it needs the disk.
  ///
  /// @param failed hears why it was not done
  <T> void locally(Work<T> work, Consumer<T> then, Consumer<Answer> failed) {
    T result;
    try {
      result = work.run(Access.MEMORY);
    } catch (NotInMemoryException needsTheDisk) {
      try {
        parts.blocking.execute(() -> blocking(work, then, failed));
      } catch (RejectedExecutionException full) {
        failed.accept(new Answer.Overloaded("too many requests wait for this node's disk"));
      }
      return;
    } catch (WriteRefusedException refused) {
      failed.accept(new Answer.Overloaded(String.valueOf(refused.getMessage())));
      return;
    } catch (EngineException unreadable) {
      failed.accept(unreadable(unreadable));
      return;
    }
    then.accept(result);
  }

  private static Answer unreadable(EngineException unreadable) {
    return new Answer.Overloaded("this node cannot read its copy: " + unreadable.getMessage());
  }

  private static <T> void blocking(Work<T> work, Consumer<T> then, Consumer<Answer> failed) {
    T result;
    try {
      result = work.run(Access.DISK);
    } catch (WriteRefusedException refused) {
      failed.accept(new Answer.Overloaded(String.valueOf(refused.getMessage())));
      return;
    } catch (EngineException unreadable) {
      failed.accept(unreadable(unreadable));
      return;
    }
    then.accept(result);
  }

  private void hedge() {
    long now = parts.clock.monotonicNanos();
    for (Hedge hedge = hedges.peek();
        hedge != null && hedge.dueNanos - now <= 0;
        hedge = hedges.peek()) {
      hedges.poll();
      hedge.round.askAnother();
    }
  }

  /// What a refusal of this node's own copy is to whoever asked.
  static Answer refused(Outcome.Refused refused) {
    return new Answer.Refused(refused.why());
  }
}
