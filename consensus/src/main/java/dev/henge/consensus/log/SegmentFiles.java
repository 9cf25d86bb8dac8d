package dev.henge.consensus.log;

import dev.henge.base.Disk;
import dev.henge.base.Invariant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The files of the log: the live ones, the one that is ready to be next, free ones.
///
/// - Invariants: (1) live segments have numbers without a hole; (2) the next one has the number
///   behind the last live one.
/// - Threads: any. [#prepare] blocks for long and is given to a reader thread.
final class SegmentFiles {
  /// Free files kept for reuse.
  private static final int FREE_FILES_MAX = 4;

  private final Disk disk;
  private final Path directory;
  private final long segmentBytes;

  // guarded by this
  private final TreeMap<Long, LogSegment> live = new TreeMap<>();
  private final ArrayDeque<Path> free = new ArrayDeque<>();
  private @Nullable LogSegment next;
  private boolean preparing;
  private @Nullable IOException failure;
  private long nextNumber = 1;
  private long oldestNeeded;
  private boolean closed;

  SegmentFiles(Disk disk, Path directory, long segmentBytes) {
    this.disk = disk;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
  }

  /// Takes a segment found at opening, in order.
  synchronized void adopt(LogSegment segment) {
    live.put(segment.number, segment);
    nextNumber = segment.number + 1;
  }

  /// Makes the last segment that was adopted one to be written, from `end` on.
  synchronized LogSegment reopenLast(long end) throws IOException {
    LogSegment found = live.lastEntry().getValue();
    var writable =
        new LogSegment(
            found.number, found.byteCount, disk.open(found.path, Disk.OpenMode.WRITE), found.path);
    writable.written = end;
    writable.synced = end;
    live.put(found.number, writable);
    found.file.close();
    return writable;
  }

  /// A file that is no segment any more.
  void adoptFree(Path path, long bytes) throws IOException {
    if (bytes != segmentBytes || freeCount() >= FREE_FILES_MAX) {
      disk.delete(path);
      return;
    }
    Path name = directory.resolve(path.getFileName() + LogLayout.FREE_SUFFIX);
    if (!path.toString().endsWith(LogLayout.FREE_SUFFIX)) {
      disk.rename(path, name);
    } else {
      name = path;
    }
    synchronized (this) {
      free.add(name);
    }
  }

  /// Whether a background thread should call [#prepare].
  synchronized boolean wantsPreparing() {
    return next == null && !preparing && !closed;
  }

  /// Takes the space of the next segment, of at least `bytes`. At most one call works at a time.
  void prepare(long bytes) {
    Path old;
    LogSegment small;
    long number;
    long size = Math.max(segmentBytes, (bytes + LogLayout.PAGE_BYTES) & -LogLayout.PAGE_BYTES);
    synchronized (this) {
      if (preparing || closed || (next != null && next.byteCount >= bytes)) {
        return;
      }
      preparing = true;
      small = next;
      next = null;
      number = nextNumber;
      old = size == segmentBytes ? free.pollFirst() : null;
    }
    LogSegment made = null;
    IOException problem = null;
    try {
      if (small != null) {
        small.file.close();
      }
      Path there = directory.resolve(LogLayout.fileName(number));
      if (disk.exists(there) && disk.size(there) >= bytes) {
        // Prepared by an earlier run.
        made = LogSegment.recycle(disk, directory, there, number);
      } else {
        // One that is too small is replaced, and never missing: the segment before it may be ended.
        Path space = old != null ? old : LogSegment.create(disk, directory, number, size);
        made = LogSegment.recycle(disk, directory, space, number);
        old = null;
      }
    } catch (IOException e) {
      problem = e;
    }
    synchronized (this) {
      preparing = false;
      failure = problem;
      next = made;
      if (old != null) {
        // Not used, or a try failed before or after its renaming.
        if (disk.exists(old)) {
          free.addFirst(old);
        }
      }
    }
  }

  /// Why the last [#prepare] failed; null when it did not.
  synchronized @Nullable IOException failure() {
    return failure;
  }

  /// Makes the prepared segment a live one.
  ///
  /// @return null when none of that size is prepared
  synchronized @Nullable LogSegment takeNext(long bytes) {
    LogSegment taken = next;
    if (taken == null || taken.byteCount < bytes) {
      return null;
    }
    next = null;
    live.put(taken.number, taken);
    nextNumber = taken.number + 1;
    return taken;
  }

  synchronized int liveCount() {
    return live.size();
  }

  synchronized long oldestLive() {
    return live.firstKey();
  }

  /// Nothing before segment `oldest` is needed any more, and the log says so durably.
  void release(long oldest) {
    synchronized (this) {
      oldestNeeded = Math.max(oldestNeeded, oldest);
    }
    while (true) {
      LogSegment obsolete;
      synchronized (this) {
        obsolete = live.isEmpty() ? null : live.firstEntry().getValue();
        if (obsolete == null
            || closed
            || obsolete.number >= oldestNeeded
            || obsolete.readerCount > 0) {
          return;
        }
        live.remove(obsolete.number);
      }
      try {
        obsolete.file.close();
        adoptFree(obsolete.path, obsolete.byteCount);
      } catch (IOException stays) {
        // Nothing is lost but its space, which the next opening frees.
      }
    }
  }

  /// A live segment, kept from being released until [#unpin]; null when it is gone.
  synchronized @Nullable LogSegment pin(long number) {
    LogSegment segment = closed ? null : live.get(number);
    if (segment != null) {
      segment.readerCount++;
    }
    return segment;
  }

  synchronized void unpin(LogSegment segment) {
    segment.readerCount--;
    Invariant.check(segment.readerCount >= 0, "readers end once");
    if (closed && segment.readerCount == 0) {
      closeQuietly(segment);
    }
  }

  synchronized long byteCount() {
    long bytes = next == null ? 0 : next.byteCount;
    for (LogSegment segment : live.values()) {
      bytes += segment.byteCount;
    }
    return bytes + free.size() * segmentBytes;
  }

  synchronized void close() {
    closed = true;
    for (LogSegment segment : live.values()) {
      if (segment.readerCount == 0) {
        closeQuietly(segment);
      }
    }
    if (next != null) {
      closeQuietly(next);
      next = null;
    }
  }

  private synchronized int freeCount() {
    return free.size();
  }

  private static void closeQuietly(LogSegment segment) {
    try {
      segment.file.close();
    } catch (IOException nothingUnsynced) {
      // What had to be durable was synced before.
    }
  }
}
