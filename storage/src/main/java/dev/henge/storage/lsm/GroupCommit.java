package dev.henge.storage.lsm;

import dev.henge.base.Invariant;
import dev.henge.base.Threads;
import dev.henge.storage.Engine.AcknowledgeListener;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteRefusedException;
import dev.henge.storage.lsm.log.CommitLog;
import dev.henge.storage.lsm.log.LogGroups;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Makes appended batches durable in rounds, and tells when they are.
///
/// A round takes everything appended so far, writes it in one go, syncs once if any of it asks for
/// that, and moves `visibleSequence` to the end of it. Who waits runs the round for all who wait;
/// who only listens leaves it to the log thread, or runs it at once where no sync is due.
///
/// - Invariants: (1) visible never falls; (2) visible <= last; (3) after a failed write or sync no
///   round runs again (a failed sync leaves what it covered in an unknown state for ever). When
///   nothing was synced for a moment after a sync, the log attests it ([CommitLog#attest]), so that
///   damage to its last frames is told from a torn tail also after an unclean stop. Who writes
///   without pause pays one timer in that time; an idle log has none.
///
/// - Threads: any. Lock order: `commitLock`, then the append lock.
final class GroupCommit {
  /// How long the log must have been idle before it attests.
  private static final Duration ATTEST_AFTER = Duration.ofMillis(200);

  private final CommitLog log;
  private final ReentrantLock appendLock;
  private final Threads threads;
  private final Threads.Pool pool;
  private final RepeatedTask scheduled;
  private final ReentrantLock commitLock = new ReentrantLock();

  // written under appendLock
  private volatile long lastSequence;
  private volatile boolean syncDue;
  private volatile long firstUnlogged;

  // written under commitLock
  private volatile long visibleSequence;
  private volatile long syncedSequence;
  private volatile @Nullable WriteRefusedException stopped;
  private volatile long writeCount;
  private volatile long syncCount;

  // guarded by commitLock
  private Threads.@Nullable Timer attestation;

  // guarded by itself
  private final PriorityQueue<Waiting> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Waiting::sequence));

  private record Waiting(long sequence, AcknowledgeListener listener) {}

  /// @param pool where rounds run that nobody waits for; may be shared
  /// @param sequence up to which everything was recovered
  GroupCommit(
      CommitLog log, ReentrantLock appendLock, Threads threads, Threads.Pool pool, long sequence) {
    this.log = log;
    this.appendLock = appendLock;
    this.threads = threads;
    this.pool = pool;
    this.scheduled = new RepeatedTask(pool, this::scheduledRound);
    this.lastSequence = sequence;
    this.visibleSequence = sequence;
    this.syncedSequence = sequence;
  }

  long lastSequence() {
    return lastSequence;
  }

  long visibleSequence() {
    return visibleSequence;
  }

  /// What the log's sync covers, and tables up to `flushed`.
  long durableSequence(long flushed) {
    long unlogged = firstUnlogged;
    long logged = unlogged == 0 ? syncedSequence : Math.min(syncedSequence, unlogged - 1);
    return Math.max(flushed, logged);
  }

  long writeCount() {
    return writeCount;
  }

  long syncCount() {
    return syncCount;
  }

  @Nullable WriteRefusedException stoppedBy() {
    return stopped;
  }

  void refuseIfStopped() throws WriteRefusedException {
    WriteRefusedException cause = stopped;
    if (cause != null) {
      throw new WriteRefusedException(cause.reason(), String.valueOf(cause.getMessage()), cause);
    }
  }

  /// A batch was put in the memtable (and, unless its mode is `NONE`, in the log). Append lock
  /// held.
  void appended(long sequence, LogMode mode) {
    if (mode == LogMode.SYNCED) {
      syncDue = true;
    } else if (mode == LogMode.NONE && firstUnlogged == 0) {
      firstUnlogged = lastSequence + 1;
    }
    lastSequence = sequence;
  }

  /// Tables hold everything up to `sequence`.
  void flushed(long sequence) {
    appendLock.lock();
    try {
      if (firstUnlogged != 0 && firstUnlogged <= sequence) {
        firstUnlogged = lastSequence <= sequence ? 0 : sequence + 1;
      }
    } finally {
      appendLock.unlock();
    }
  }

  /// Blocks until everything up to `sequence` is acknowledged.
  void await(long sequence) throws WriteRefusedException {
    if (visibleSequence < sequence) {
      round(sequence, false);
    }
  }

  /// Blocks until everything appended before the call is synced.
  void sync() throws WriteRefusedException {
    round(lastSequence, true);
  }

  void whenAcknowledged(long sequence, AcknowledgeListener listener) {
    if (sequence <= visibleSequence) {
      listener.acknowledged();
      return;
    }
    synchronized (waiting) {
      waiting.add(new Waiting(sequence, listener));
    }
    if (sequence <= visibleSequence || stopped != null) {
      tell();
    } else if (!syncDue && commitLock.tryLock()) {
      // Only a write into the page cache is due: cheaper done here than handed over.
      try {
        if (syncDue) {
          scheduled.schedule();
        } else {
          runRound(false);
        }
      } catch (WriteRefusedException told) {
        // the listeners are told
      } finally {
        commitLock.unlock();
      }
      tell();
    } else {
      scheduled.schedule();
    }
  }

  /// Stops for good: what is not acknowledged by now never will be.
  void stop(WriteRefusedException cause) {
    if (stopped == null) {
      stopped = cause;
    }
    tell();
  }

  /// Commits everything, ends the log and stops.
  void close(WriteRefusedException cause) throws IOException {
    commitLock.lock();
    try {
      if (stopped == null) {
        runRound(true);
        stopped = cause;
        log.seal();
      }
      if (attestation != null) {
        attestation.cancel();
      }
    } finally {
      commitLock.unlock();
      tell();
      scheduled.close();
    }
  }

  private void scheduledRound() {
    try {
      round(lastSequence, false);
    } catch (WriteRefusedException told) {
      // the listeners are told
    }
  }

  /// Commit lock held.
  private void attestLater() {
    long seen = syncCount;
    try {
      attestation = threads.after(ATTEST_AFTER, pool, () -> attestIfIdle(seen));
    } catch (RejectedExecutionException closing) {
      attestation = null;
    }
  }

  /// @param seen what [#syncCount] was at the beginning of the wait
  private void attestIfIdle(long seen) {
    commitLock.lock();
    try {
      if (stopped != null) {
        return;
      }
      if (syncCount != seen) {
        attestLater();
        return;
      }
      attestation = null;
      long offset;
      appendLock.lock();
      try {
        offset = log.placeAttestation();
      } finally {
        appendLock.unlock();
      }
      if (offset >= 0) {
        log.attest(offset);
      }
    } catch (IOException | RuntimeException e) {
      stopped = unwritable(e);
    } finally {
      commitLock.unlock();
    }
    tell();
  }

  private void round(long sequence, boolean sync) throws WriteRefusedException {
    commitLock.lock();
    try {
      if (visibleSequence < sequence || (sync && syncedSequence < sequence)) {
        runRound(sync);
      }
    } finally {
      commitLock.unlock();
      tell();
    }
  }

  private void runRound(boolean sync) throws WriteRefusedException {
    refuseIfStopped();
    LogGroups groups;
    long through;
    boolean syncing;
    appendLock.lock();
    try {
      groups = log.take();
      through = lastSequence;
      syncing = syncDue || sync;
      syncDue = false;
    } finally {
      appendLock.unlock();
    }
    try {
      if (!groups.isEmpty()) {
        log.write(groups);
        writeCount = writeCount + 1;
      }
      if (syncing) {
        log.sync();
        syncCount = syncCount + 1;
        syncedSequence = through;
      }
    } catch (IOException | RuntimeException e) {
      WriteRefusedException cause = unwritable(e);
      stopped = cause;
      throw cause;
    }
    Invariant.check(through >= visibleSequence, "visible never falls");
    visibleSequence = through;
    if (syncing && attestation == null) {
      attestLater();
    }
    appendLock.lock();
    try {
      log.reuse(groups);
    } finally {
      appendLock.unlock();
    }
  }

  private static WriteRefusedException unwritable(Exception e) {
    return new WriteRefusedException(
        WriteRefusedException.Reason.STOPPED,
        "the log could not be written, so nothing more is accepted; whether the last writes"
            + " survive is unknown until the server is restarted: "
            + e.getMessage(),
        e);
  }

  /// Calls the listeners whose wait is over, outside all locks.
  private void tell() {
    List<Waiting> over = null;
    WriteRefusedException cause = stopped;
    long visible = visibleSequence;
    synchronized (waiting) {
      while (!waiting.isEmpty() && (cause != null || waiting.peek().sequence <= visible)) {
        if (over == null) {
          over = new ArrayList<>();
        }
        over.add(waiting.remove());
      }
    }
    if (over == null) {
      return;
    }
    for (Waiting one : over) {
      if (one.sequence <= visible) {
        one.listener.acknowledged();
      } else if (cause != null) {
        one.listener.unknown(cause);
      }
    }
  }
}
