package dev.henge.storage.lsm;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.DiskFullException;
import dev.henge.storage.WriteRefusedException;
import dev.henge.storage.WriteRefusedException.Reason;
import dev.henge.storage.lsm.log.CommitLog;
import dev.henge.storage.lsm.memtable.Memtable;
import dev.henge.storage.lsm.table.BlockCache;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/// Flushes memtables, compacts tables and prepares log space, each as one [RepeatedTask] on a pool
/// that other engines may share.
///
/// - Errors: a full disk stops the work and refuses appends until a retry succeeds; any other
///   failure stops the writer, because memory would grow without it.
/// - Threads: any; `flushing` and `compacting` let one of each run at a time.
final class BackgroundWork implements AutoCloseable {
  /// Between retries while the disk is full.
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LsmOptions options;
  private final Disk disk;
  private final Path directory;
  private final Clock clock;
  private final CommitLog log;
  private final ViewHolder views;
  private final GroupCommit commit;
  private final WriteThrottle throttle;
  private final BlockCache cache;
  private final CompactionPicker picker;
  private final RepeatedTask flushTask;
  private final RepeatedTask compactionTask;
  private final RepeatedTask spaceTask;
  private final ReentrantLock flushing = new ReentrantLock();
  private final ReentrantLock compacting = new ReentrantLock();
  private final LongAdder flushes = new LongAdder();
  private final LongAdder compactions = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();

  private volatile boolean closed;
  private volatile boolean diskFull;
  private volatile long retriedNanos;

  // owned by the compaction in progress
  private long pacedUntilNanos;

  BackgroundWork(
      LsmOptions options,
      Disk disk,
      Path directory,
      Clock clock,
      EngineResources resources,
      CommitLog log,
      ViewHolder views,
      GroupCommit commit,
      WriteThrottle throttle) {
    this.options = options;
    this.disk = disk;
    this.directory = directory;
    this.clock = clock;
    this.log = log;
    this.views = views;
    this.commit = commit;
    this.throttle = throttle;
    this.cache = resources.cache;
    this.picker = new CompactionPicker(options);
    this.flushTask = new RepeatedTask(resources.flushPool, this::flushAll);
    this.compactionTask = new RepeatedTask(resources.compactionPool, this::compactOne);
    this.spaceTask = new RepeatedTask(resources.spacePool, this::prepareLogSpace);
  }

  boolean diskFull() {
    return diskFull;
  }

  long flushCount() {
    return flushes.sum();
  }

  long compactionCount() {
    return compactions.sum();
  }

  long compactionBytesRead() {
    return bytesRead.sum();
  }

  long compactionBytesWritten() {
    return bytesWritten.sum();
  }

  void scheduleFlush() {
    if (views.peek().memtables.length > 1) {
      flushTask.schedule();
    }
  }

  void scheduleCompaction() {
    compactionTask.schedule();
  }

  /// Makes log space ahead of its use, on a thread of its own: a flush takes too long to wait for.
  void schedulePrepare() {
    spaceTask.schedule();
  }

  /// Makes log space, on this thread, where none is ready and no other thread is at it.
  void prepareLogSpace() {
    log.prepare();
    IOException failure = log.prepareFailure();
    if (failure != null) {
      failed("preparing log space", failure);
    } else {
      diskFull = false;
    }
    throttle.signal();
  }

  /// A write came while the disk was full: looks whether space has returned, now and then.
  void retryAfterFullDisk() {
    long now = clock.monotonicNanos();
    if (now - retriedNanos >= RETRY_NANOS) {
      retriedNanos = now;
      schedulePrepare();
      scheduleFlush();
      scheduleCompaction();
    }
  }

  /// Flushes, on this thread, until tables hold everything up to `sequence`.
  void flushThrough(long sequence) throws IOException {
    flushing.lock();
    try {
      while (views.peek().memtables.length > 1) {
        flushOldest();
      }
    } finally {
      flushing.unlock();
    }
    commit.await(sequence);
    scheduleFlush();
    scheduleCompaction();
  }

  /// Compacts everything on this thread.
  void compactAll() throws IOException {
    compacting.lock();
    try {
      ReadView view = views.acquire();
      try {
        CompactionPicker.Pick pick = CompactionPicker.pickAll(view.version);
        if (pick != null) {
          compact(view.version, pick);
        }
      } finally {
        view.release();
      }
    } finally {
      compacting.unlock();
    }
    throttle.signal();
    scheduleCompaction();
  }

  @Override
  public void close() {
    closed = true;
    throttle.signal();
    flushTask.close();
    compactionTask.close();
    spaceTask.close();
  }

  /// Whoever flushes on a thread of its own schedules this when it is done: a shared thread does
  /// not wait for it.
  private void flushAll() {
    if (!flushing.tryLock()) {
      return;
    }
    try {
      while (!closed && views.peek().memtables.length > 1) {
        flushOldest();
        diskFull = false;
        throttle.signal();
        scheduleCompaction();
      }
    } catch (IOException | RuntimeException e) {
      failed("flushing a memtable", e);
    } finally {
      flushing.unlock();
    }
  }

  private void flushOldest() throws IOException {
    ReadView view = views.acquire();
    try {
      Memtable oldest = view.memtables[view.memtables.length - 1];
      long sequence = oldest.lastSequence();
      // Tables only ever hold what is acknowledged.
      commit.await(sequence);
      List<TableFile> tables = List.of();
      if (!oldest.isEmpty()) {
        LsmVersion version = view.version;
        RangeTombstones tombstones = oldest.tombstones();
        var filter =
            new EntryFilter(
                tombstones,
                options.compactionFilter(),
                (key, length) -> mayHold(version, 0, key, length));
        try (InternalCursor source = oldest.cursor()) {
          tables =
              writer(bytes -> {})
                  .write(
                      source,
                      filter,
                      tombstones.filter((start, end) -> anyFrom(version, 0, start, end)),
                      options.compressionOf(0),
                      Long.MAX_VALUE);
        }
        flushes.increment();
      }
      long oldestLog = log.oldestNumber(sequence);
      views.installFlush(oldest, tables, sequence, oldestLog);
      commit.flushed(sequence);
      log.release(oldestLog);
    } finally {
      view.release();
    }
  }

  private void compactOne() {
    boolean again = false;
    if (!compacting.tryLock()) {
      return;
    }
    try {
      ReadView view = views.acquire();
      try {
        CompactionPicker.Pick pick = picker.pick(view.version);
        if (pick != null && !closed) {
          compact(view.version, pick);
          again = true;
        }
      } finally {
        view.release();
      }
    } catch (ClosingException giveUp) {
      return;
    } catch (IOException | RuntimeException e) {
      failed("compacting", e);
    } finally {
      compacting.unlock();
    }
    if (again) {
      throttle.signal();
      scheduleCompaction();
    }
  }

  private void compact(LsmVersion version, CompactionPicker.Pick pick) throws IOException {
    if (pick.moves()) {
      views.installCompaction(pick.inputs(), pick.outputLevel(), pick.inputs());
      compactions.increment();
      return;
    }
    var sources = new ArrayList<InternalCursor>();
    var tombstoneList = new ArrayList<RangeTombstones.Tombstone>();
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      var files = new ArrayList<TableFile>();
      for (TableFile file : version.level(level)) {
        if (pick.inputs().contains(file)) {
          files.add(file);
          bytesRead.add(file.byteCount);
          tombstoneList.addAll(file.table.tombstones().list());
        }
      }
      if (level == 0) {
        files.forEach(file -> sources.add(LevelCursor.over(file, null)));
      } else if (!files.isEmpty()) {
        files.sort(Comparator.comparing(TableFile::smallest, Arrays::compareUnsigned));
        sources.add(new LevelCursor(files.toArray(new TableFile[0]), null));
      }
    }
    RangeTombstones tombstones = RangeTombstones.of(tombstoneList);
    int output = pick.outputLevel();
    var filter =
        new EntryFilter(
            tombstones,
            options.compactionFilter(),
            (key, length) -> mayHold(version, output + 1, key, length));
    List<TableFile> tables;
    try (var merged = new MergingCursor(sources)) {
      tables =
          writer(this::pace)
              .write(
                  merged,
                  filter,
                  tombstones.filter((start, end) -> anyFrom(version, output + 1, start, end)),
                  options.compressionOf(output),
                  options.tableBytes());
    }
    views.installCompaction(pick.inputs(), output, tables);
    compactions.increment();
  }

  private TableWriter writer(LongConsumer written) {
    return new TableWriter(disk, directory, views::nextFileNumber, cache, options, written);
  }

  /// Keeps compaction to its rate, and ends it when the engine closes.
  private void pace(long bytes) {
    bytesWritten.add(bytes);
    if (closed) {
      throw new ClosingException();
    }
    if (options.compactionBytesPerSecond() > 0) {
      long now = clock.monotonicNanos();
      long cost = (long) (bytes * 1e9 / options.compactionBytesPerSecond());
      pacedUntilNanos = Math.max(pacedUntilNanos, now) + cost;
      while (pacedUntilNanos - clock.monotonicNanos() > 0 && !closed) {
        LockSupport.parkNanos(pacedUntilNanos - clock.monotonicNanos());
      }
    }
  }

  private void failed(String doing, Exception e) {
    if (e instanceof DiskFullException) {
      diskFull = true;
    } else if (!closed) {
      commit.stop(
          new WriteRefusedException(
              Reason.STOPPED,
              doing + " failed, so nothing more is accepted: " + e.getMessage(),
              e));
    }
    throttle.signal();
  }

  private static boolean mayHold(LsmVersion version, int fromLevel, byte[] key, int length) {
    byte[] exact = key.length == length ? key : Arrays.copyOf(key, length);
    for (int level = fromLevel; level < LsmOptions.LEVELS; level++) {
      TableFile[] files = version.level(level);
      if (level == 0) {
        for (TableFile file : files) {
          if (file.mayHold(exact)) {
            return true;
          }
        }
      } else {
        int at = LsmVersion.find(files, exact);
        if (at < files.length && files[at].mayHold(exact)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean anyFrom(LsmVersion version, int fromLevel, byte[] start, byte[] end) {
    for (int level = fromLevel; level < LsmOptions.LEVELS; level++) {
      if (!version.overlapping(level, start, end).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /// Ends a compaction from inside.
  private static final class ClosingException extends RuntimeException {
    ClosingException() {
      super("the engine is closing", null, false, false);
    }
  }
}
