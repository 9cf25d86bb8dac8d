package dev.henge.server.store;

import dev.henge.base.Clock;
import dev.henge.base.Randomness;
import dev.henge.consensus.strong.RequestId;
import dev.henge.consensus.strong.RequestTable;
import dev.henge.data.DatabaseIds;
import dev.henge.data.KeyspaceSize;
import dev.henge.data.Operation;
import dev.henge.data.Operations;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.LogMode;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One engine and the keyspaces on it; evaluates their operations in one order. A replication group
/// of one: the engine's log is the order, its acknowledgement the commit.
///
/// - Reads see what is acknowledged, and the caller's own writes ([WriteMark]).
/// - Writes are evaluated on the latest state under `lock`, so INCR after INCR need not wait for
///   the disk in between. A reply may be sent only when [#whenAcknowledged] says so; replies of
///   reads that followed a write on the same connection wait with it.
/// - Threads: any. Without [Access#DISK] nothing blocks on the disk.
/// - The exception to "no lock across I/O": a write that needs old data from the disk reads it
///   first without the lock ([#evaluate] with [Access#DISK]) and then again under it, where it is
///   in memory except when it was evicted in between; only then the lock is held over a read.
public final class Group implements AutoCloseable {
  private final Engine engine;
  private final LogMode logMode;
  private final Clock clock;
  private final Randomness randomness;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by lock
  private final WriteBatch batch = new WriteBatch(4096);
  private final RequestTable requests;

  // operations begun and ended: equal when nobody is inside
  private final LongAdder entered = new LongAdder();
  private final LongAdder left = new LongAdder();
  private volatile boolean retired;

  // written under lock
  private volatile int[] databaseIds;

  /// @param engine owned from now on
  /// @param logMode what a write must have reached before it is acknowledged
  public Group(Engine engine, LogMode logMode, Clock clock, Randomness randomness) {
    this.engine = engine;
    this.logMode = logMode;
    this.clock = clock;
    this.randomness = randomness;
    try (Reader reader = engine.latest(Access.DISK)) {
      this.databaseIds = DatabaseIds.load(reader);
      this.requests = RequestTable.load(reader, RequestTable.BOUNDS);
    } catch (IOException damaged) {
      throw new EngineException(damaged);
    }
  }

  public Engine engine() {
    return engine;
  }

  /// Evaluates `operation` for a client of `keyspace`.
  ///
  /// @param mark the client's newest write; moved on by a write
  /// @throws NotInMemoryException without [Access#DISK]: nothing was done, come again with
  ///   [Access#DISK] on a thread that may block
  /// @throws WriteRefusedException nothing was done
  /// @throws GroupMovedException nothing was done: the group has been retired
  public Reply evaluate(
      Operation operation, Keyspace keyspace, Scope.Limits limits, WriteMark mark, Access access)
      throws WriteRefusedException {
    return evaluate(operation, keyspace, limits, null, mark, access);
  }

  /// As the other.
  ///
  /// @param requestId under which a write that is evaluated again is answered as the first time,
  ///   and not done; null for none
  public Reply evaluate(
      Operation operation,
      Keyspace keyspace,
      Scope.Limits limits,
      @Nullable RequestId requestId,
      WriteMark mark,
      Access access)
      throws WriteRefusedException {
    enter();
    try {
      Reply known = requestId == null ? null : known(requestId, mark, access);
      return known == null
          ? evaluateInside(operation, keyspace, limits, requestId, mark, access)
          : known;
    } finally {
      leave();
    }
  }

  /// The answer of a request that has been evaluated; null where it has not.
  private @Nullable Reply known(RequestId requestId, WriteMark mark, Access access) {
    Reader opened;
    long revision;
    lock.lock();
    try {
      revision = requests.revisionOf(requestId);
      if (revision == 0) {
        return null;
      }
      // its first evaluation may not be acknowledged yet
      mark.advance(engine.lastSequence());
      opened = engine.latest(access);
    } finally {
      lock.unlock();
    }
    try (Reader reader = opened) {
      return RequestTable.reply(revision, reader);
    } catch (IOException damaged) {
      throw new EngineException(damaged);
    }
  }

  private Reply evaluateInside(
      Operation operation,
      Keyspace keyspace,
      Scope.Limits limits,
      @Nullable RequestId requestId,
      WriteMark mark,
      Access access)
      throws WriteRefusedException {
    if (!operation.writes()) {
      try (Reader reader = engine.reader(mark.sequence(), access)) {
        return Operations.apply(
            operation, scope(operation, keyspace, limits, 0), reader, NO_WRITES);
      }
    }
    if (access == Access.DISK) {
      warm(operation, keyspace, limits);
    }
    lock.lock();
    try {
      if (requestId != null && requests.revisionOf(requestId) != 0) {
        // The same request came by another connection just now.
        Reply known = known(requestId, mark, access);
        return Objects.requireNonNull(known, "the lock is held");
      }
      batch.clear();
      Reply reply;
      long revision = engine.lastSequence() + 1;
      try (Reader reader = engine.latest(access)) {
        Scope scope = scope(operation, keyspace, limits, revision);
        reply = Operations.apply(operation, scope, reader, batch);
      }
      RequestTable.Change remembered =
          requestId == null ? null : requests.add(requestId, revision, operation, reply, batch);
      if (!batch.isEmpty()) {
        mark.advance(engine.append(batch, logMode));
        if (remembered != null) {
          remembered.done();
        }
        if (operation.changesDatabaseIds()) {
          try (Reader reader = engine.latest(Access.DISK)) {
            databaseIds = DatabaseIds.load(reader);
          }
        }
      } else {
        // What it decided by may not be acknowledged yet: a refused SET NX must not tell of a write
        // that a crash undoes.
        mark.advance(engine.lastSequence());
      }
      return reply;
    } finally {
      lock.unlock();
    }
  }

  /// How `key` stands for this client now, for WATCH.
  public Operation.Watch watch(Keyspace keyspace, byte[] key, WriteMark mark, Access access) {
    enter();
    try (Reader reader = engine.reader(mark.sequence(), access)) {
      Scope scope = scope(WATCHING, keyspace, Scope.Limits.DEFAULT, 0);
      return Operations.watch(keyspace.database(), key, scope, reader);
    } finally {
      leave();
    }
  }

  /// Takes no further operation, waits for those under way, and syncs what they wrote: all of it is
  /// acknowledged then, and the engine can be closed. The group is to be evaluated elsewhere.
  ///
  /// @throws IOException when not all of it can be made durable; the group is retired all the same
  public void retire() throws IOException {
    retired = true;
    boolean interrupted = false;
    synchronized (left) {
      while (left.sum() != entered.sum()) {
        try {
          left.wait(RETIRE_LOOK_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    engine.await(engine.lastSequence());
    engine.syncLog();
  }

  /// Whether it takes no further operation.
  public boolean isRetired() {
    return retired;
  }

  /// The one who leaves last tells; whoever came just before is found by looking.
  private static final long RETIRE_LOOK_MILLIS = 10;

  private void enter() {
    entered.increment();
    if (retired) {
      leave();
      throw GroupMovedException.INSTANCE;
    }
  }

  private void leave() {
    left.increment();
    if (retired) {
      synchronized (left) {
        left.notifyAll();
      }
    }
  }

  /// How many keys the keyspace has, about, from a look at no more than `walkedMax` of them. May
  /// read the disk.
  public KeyspaceSize size(Keyspace keyspace, int walkedMax) {
    enter();
    try (Reader reader = engine.reader(0, Access.DISK)) {
      Scope scope = scope(WATCHING, keyspace, Scope.Limits.DEFAULT, 0);
      return KeyspaceSize.of(scope, engine, reader, walkedMax);
    } finally {
      leave();
    }
  }

  /// Whether writes up to `sequence` are acknowledged.
  public boolean acknowledged(long sequence) {
    return sequence <= engine.visibleSequence();
  }

  /// See [Engine#whenAcknowledged].
  public void whenAcknowledged(long sequence, Engine.AcknowledgeListener listener) {
    engine.whenAcknowledged(sequence, listener);
  }

  @Override
  public void close() throws IOException {
    engine.close();
  }

  /// Brings what a write will read into memory, without the lock; its answer is thrown away.
  private void warm(Operation operation, Keyspace keyspace, Scope.Limits limits) {
    try (Reader reader = engine.latest(Access.DISK)) {
      Operations.apply(operation, scope(operation, keyspace, limits, 1), reader, new WriteBatch());
    }
  }

  private Scope scope(Operation operation, Keyspace keyspace, Scope.Limits limits, long revision) {
    boolean chance = operation.scans() || operation instanceof Operation.Transaction;
    int[] ids = databaseIds;
    int database = keyspace.database();
    return new Scope(
        database < 0 ? keyspace.id() : ids[database],
        database < 0 ? NO_DATABASES : ids,
        clock.wallMillis(),
        chance ? randomness.nextLong() : 0,
        revision,
        limits);
  }

  private static final Operation WATCHING = new Operation.CountExisting(List.of());
  private static final int[] NO_DATABASES = {};

  /// What reads write into: nothing.
  private static final WriteBatch NO_WRITES = new WriteBatch(0);
}
