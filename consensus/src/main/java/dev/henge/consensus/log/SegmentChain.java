package dev.henge.consensus.log;

import dev.henge.base.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Which segment comes next, and which are needed no more.
///
/// - Threads: the log thread's, but for [#full].
final class SegmentChain {
  private static final Duration FULL_RETRY = Duration.ofSeconds(1);

  /// With more live segments than this, quiet groups are written again at the front.
  private static final int LIVE_SEGMENTS = 4;

  private final SegmentFiles files;
  private final long segmentBytes;
  private final Threads threads;
  private final Threads.Pool logPool;
  private final Threads.Pool readers;
  private final Runnable wake;

  private volatile @Nullable IOException full;
  private boolean retryDue;
  private boolean retryWaits;
  private long oldest;
  private boolean oldestDue;

  /// @param wake makes the log thread look again
  SegmentChain(
      SegmentFiles files,
      long segmentBytes,
      Threads threads,
      Threads.Pool logPool,
      Threads.Pool readers,
      Runnable wake) {
    this.files = files;
    this.segmentBytes = segmentBytes;
    this.threads = threads;
    this.logPool = logPool;
    this.readers = readers;
    this.wake = wake;
    this.oldest = files.oldestLive();
  }

  /// Why there is no next segment; null when there is one, or one is being made.
  @Nullable IOException full() {
    return full;
  }

  /// Whether no next segment is ready or on its way.
  boolean wantsPreparing() {
    return files.wantsPreparing();
  }

  /// Begins to make the next segment ready once half of the active one is used.
  void prepareAhead(LogSegment active) {
    if (active.room() < active.byteCount / 2 && files.wantsPreparing()) {
      prepare(segmentBytes);
    }
  }

  /// The next segment, from now on a live one.
  ///
  /// @param bytes that it must have at least
  /// @return null when there is none yet: the log thread is woken when there is, or when it is time
  ///   to try again
  @Nullable LogSegment next(long bytes) {
    LogSegment next = files.takeNext(bytes);
    if (next == null) {
      IOException failure = files.failure();
      full = failure;
      if (failure == null || retryDue) {
        retryDue = false;
        next = prepare(bytes) ? files.takeNext(bytes) : null;
      } else {
        retryLater();
      }
      if (next == null) {
        return null;
      }
    }
    full = null;
    return next;
  }

  /// A write found no space: the log thread is woken when it is time to try again.
  void waitForSpace(IOException noSpace) {
    full = noSpace;
    retryLater();
  }

  /// A write that had found no space was done.
  void foundSpace() {
    full = null;
  }

  private void retryLater() {
    if (!retryWaits) {
      retryWaits = true;
      threads.after(FULL_RETRY, logPool, this::retry);
    }
  }

  private void retry() {
    retryWaits = false;
    retryDue = true;
    wake.run();
  }

  /// @return whether it was done at once, because no reader could take it
  private boolean prepare(long bytes) {
    try {
      readers.execute(() -> {
        files.prepare(bytes);
        wake.run();
      });
      return false;
    } catch (RejectedExecutionException busyOrClosing) {
      files.prepare(bytes);
      return true;
    }
  }

  /// The oldest segment that is needed.
  long oldest() {
    return oldest;
  }

  /// Whether [#oldest] has changed since it was written down.
  boolean isOldestDue() {
    return oldestDue;
  }

  /// [#oldest] is durable: what is before it goes.
  void oldestWritten() {
    oldestDue = false;
    files.release(oldest);
  }

  void findOldest(LogSegment active, Collection<GroupLog> groups) {
    long needed = active.number;
    for (GroupLog group : groups) {
      needed = Math.min(needed, group.written.oldestSegment(needed));
    }
    if (needed > oldest) {
      oldest = needed;
      oldestDue = true;
    }
  }

  /// Groups that keep the oldest segment by a few entries: as many of them, the smallest first, as
  /// a quarter of a segment takes. A group larger than that goes on when it is compacted.
  List<Request.Rewrite> quietGroups(Collection<GroupLog> groups) {
    if (files.liveCount() <= LIVE_SEGMENTS) {
      return List.of();
    }
    List<Request.Rewrite> all = new ArrayList<>();
    for (GroupLog group : groups) {
      if (group.written.oldestSegment(Long.MAX_VALUE) == oldest) {
        all.add(new Request.Rewrite(group, group.written.byteCount()));
      }
    }
    all.sort(Comparator.comparingLong(Request.Rewrite::bytes));
    List<Request.Rewrite> some = new ArrayList<>();
    long room = segmentBytes / 4;
    for (Request.Rewrite rewrite : all) {
      room -= rewrite.bytes();
      if (room < 0) {
        break;
      }
      some.add(rewrite);
    }
    return some;
  }
}
