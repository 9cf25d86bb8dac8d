package dev.henge.storage.lsm;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineStatistics;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import dev.henge.storage.WriteRefusedException.Reason;
import dev.henge.storage.lsm.log.CommitLog;
import dev.henge.storage.lsm.memtable.Memtable;
import dev.henge.storage.lsm.memtable.MemtableMemory;
import dev.henge.storage.lsm.table.BlockCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/// The LSM engine: appends go to a log and a memtable, memtables are flushed to tables, tables are
/// compacted down the levels.
///
/// - Appending: under `appendLock` a batch gets its numbers, its place in the log and its entries
///   in the memtable, all in memory. [GroupCommit] makes it durable and visible.
/// - Reading: a reader pins the [ReadView] first and takes its sequence number then: nothing that
///   is visible at that number can have been merged away in the view.
/// - Background: [BackgroundWork] flushes and compacts on threads that engines may share
///   ([EngineResources]).
/// - Errors: a failed log stops appends for good; a full disk refuses them until space returns;
///   damage is met by the read that needs the block.
/// - Source: O'Neil et al., "The Log-Structured Merge-Tree" (1996); LevelDB and RocksDB for the
///   shape.
public final class LsmEngine implements Engine {
  /// Log bytes that may wait to be written before appends are refused.
  private static final long LOG_PENDING_BYTES_MAX = 64L << 20;

  /// The largest batch taken: what a log frame and an array of it can hold.
  private static final int BATCH_BYTES_MAX = 512 << 20;

  private final LsmOptions options;
  private final Disk disk;
  private final AutoCloseable directoryLock;
  private final CommitLog log;
  private final MemtableMemory memory;
  private final EngineResources resources;
  private final boolean ownsResources;
  private final ViewHolder views;
  private final GroupCommit commit;
  private final WriteThrottle throttle;
  private final BackgroundWork background;
  private final BlockCache cache;
  private final ReentrantLock appendLock;
  private final LongAdder filterSkips = new LongAdder();

  // guarded by appendLock (batchCount is read without it, by statistics)
  private Memtable active;
  private long batchCount;
  private boolean closed;

  private LsmEngine(
      Opening opening,
      LsmOptions options,
      Disk disk,
      Clock clock,
      EngineResources resources,
      boolean ownsResources) {
    this.resources = resources;
    this.ownsResources = ownsResources;
    this.options = options;
    this.disk = disk;
    this.directoryLock = opening.directoryLock;
    this.log = opening.log;
    this.memory = resources.memory;
    this.views = opening.views;
    this.cache = resources.cache;
    this.active = opening.active;
    this.appendLock = new ReentrantLock();
    this.commit =
        new GroupCommit(
            log, appendLock, resources.threads, resources.logPool, opening.lastSequence);
    this.throttle = new WriteThrottle(options, clock);
    this.background =
        new BackgroundWork(
            options, disk, opening.directory, clock, resources, log, views, commit, throttle);
    resources.opened(this);
    background.scheduleFlush();
    background.scheduleCompaction();
  }

  /// Opens the engine in `directory`, making it when it is not there, with threads, block cache and
  /// memory of its own.
  ///
  /// @throws dev.henge.base.CorruptionException when what is there is damaged
  /// @throws dev.henge.base.FormatException when a newer Henge wrote it
  /// @throws IOException when it cannot be read or written, or is open already
  public static LsmEngine open(
      Path directory, LsmOptions options, Disk disk, Clock clock, Threads threads)
      throws IOException {
    EngineResources own = EngineResources.ofOne(threads, options);
    boolean complete = false;
    try {
      Opening opening = Opening.recover(directory, options, disk, own.cache, own.memory);
      complete = true;
      return new LsmEngine(opening, options, disk, clock, own, true);
    } finally {
      if (!complete) {
        own.close();
      }
    }
  }

  /// Opens the engine on what other engines share, too.
  ///
  /// @param shared closed after the engine
  public static LsmEngine open(
      Path directory, LsmOptions options, Disk disk, Clock clock, EngineResources shared)
      throws IOException {
    Opening opening = Opening.recover(directory, options, disk, shared.cache, shared.memory);
    return new LsmEngine(opening, options, disk, clock, shared, false);
  }

  @Override
  public long append(WriteBatch batch, LogMode mode) throws WriteRefusedException {
    if (batch.isEmpty()) {
      return commit.lastSequence();
    }
    boolean prepare = false;
    boolean rotated = false;
    appendLock.lock();
    try {
      refuse(batch);
      if (active.byteCount() >= options.memtableBytes()) {
        rotate();
        rotated = true;
      }
      long first = commit.lastSequence() + 1;
      long last = first + batch.count() - 1;
      if (mode != LogMode.NONE) {
        prepare = true;
        place(batch, first, last);
        prepare = log.wantsPreparing();
      }
      insert(batch, first);
      batchCount++;
      commit.appended(last, mode);
      return last;
    } finally {
      appendLock.unlock();
      if (rotated) {
        background.scheduleFlush();
      }
      if (memory.scarce()) {
        resources.scheduleRelief();
      }
      if (prepare) {
        background.schedulePrepare();
      }
    }
  }

  @Override
  public void await(long sequence) throws WriteRefusedException {
    commit.await(sequence);
  }

  @Override
  public void whenAcknowledged(long sequence, AcknowledgeListener done) {
    commit.whenAcknowledged(sequence, done);
  }

  @Override
  public void awaitRoom() throws WriteRefusedException {
    commit.refuseIfStopped();
    background.scheduleFlush();
    background.scheduleCompaction();
    if (memory.scarce()) {
      resources.scheduleRelief();
    }
    background.prepareLogSpace();
    commit.await(commit.lastSequence());
    throttle.awaitChange();
    commit.refuseIfStopped();
  }

  @Override
  public Reader reader(long minimumSequence, Access access) {
    while (true) {
      ReadView view = views.acquire();
      long sequence = Math.max(commit.visibleSequence(), minimumSequence);
      // A view that was replaced meanwhile may lack what went into a newer memtable at that number.
      if (views.peek() == view) {
        return new LsmReader(view, sequence, access, filterSkips);
      }
      view.release();
    }
  }

  @Override
  public Reader latest(Access access) {
    while (true) {
      ReadView view = views.acquire();
      long sequence = commit.lastSequence();
      if (views.peek() == view) {
        return new LsmReader(view, sequence, access, filterSkips);
      }
      view.release();
    }
  }

  @Override
  public Reader snapshot() {
    return reader(0, Access.DISK);
  }

  @Override
  public long lastSequence() {
    return commit.lastSequence();
  }

  @Override
  public long visibleSequence() {
    return commit.visibleSequence();
  }

  @Override
  public long durableSequence() {
    return commit.durableSequence(views.flushedSequence());
  }

  @Override
  public long flushedSequence() {
    return views.flushedSequence();
  }

  @Override
  public void syncLog() throws WriteRefusedException {
    commit.sync();
  }

  @Override
  public void flush() throws IOException {
    commit.refuseIfStopped();
    long target;
    appendLock.lock();
    try {
      target = commit.lastSequence();
      if (!active.isEmpty()) {
        rotate();
      }
    } finally {
      appendLock.unlock();
    }
    background.flushThrough(target);
  }

  @Override
  public void compact() throws IOException {
    flush();
    background.compactAll();
  }

  @Override
  public void checkpoint(Path directory) throws IOException {
    flush();
    ViewHolder.Frozen frozen = views.freeze();
    try {
      if (disk.exists(directory)) {
        throw new IOException(directory + " exists: a checkpoint is written to a new directory");
      }
      disk.createDirectories(directory);
      for (int level = 0; level < LsmOptions.LEVELS; level++) {
        for (TableFile file : frozen.view().version.level(level)) {
          disk.link(file.path(), directory.resolve(TableFile.fileName(file.number)));
        }
      }
      Opening.writeCheckpoint(disk, directory, frozen.manifest());
    } finally {
      frozen.view().release();
    }
  }

  @Override
  public EngineStatistics statistics() {
    ReadView view = views.acquire();
    try {
      long memtableBytes = 0;
      long entries = 0;
      for (Memtable memtable : view.memtables) {
        memtableBytes += memtable.byteCount();
        entries += memtable.entryCount() - 2L * memtable.deleteCount();
      }
      var counts = new ArrayList<Integer>();
      var bytes = new ArrayList<Long>();
      int tableCount = 0;
      long tableBytes = 0;
      for (int level = 0; level < LsmOptions.LEVELS; level++) {
        TableFile[] files = view.version.level(level);
        counts.add(files.length);
        bytes.add(view.version.byteCount(level));
        tableCount += files.length;
        tableBytes += view.version.byteCount(level);
        for (TableFile file : files) {
          entries += file.properties.putCount() - file.properties.deleteCount();
        }
      }
      return new EngineStatistics(
          memtableBytes,
          tableCount,
          tableBytes,
          counts,
          bytes,
          log.byteCount(),
          Math.max(0, entries),
          cache.byteCount(),
          cache.hits(),
          cache.misses(),
          filterSkips.sum(),
          background.flushCount(),
          background.compactionCount(),
          background.compactionBytesRead(),
          background.compactionBytesWritten(),
          commit.syncCount(),
          commit.writeCount(),
          batchCount,
          throttle.stallNanos(),
          background.diskFull());
    } finally {
      view.release();
    }
  }

  @Override
  public long entryCountEstimate(byte[] start, byte[] end) {
    ReadView view = views.acquire();
    try {
      return EntryEstimate.of(view, start, end);
    } finally {
      view.release();
    }
  }

  @Override
  public Optional<WriteRefusedException> stoppedBy() {
    return Optional.ofNullable(commit.stoppedBy());
  }

  /// Bytes of the memtable that is written to.
  long activeBytes() {
    return views.peek().memtables[0].byteCount();
  }

  /// Bytes of the memtables that are being flushed.
  long flushingBytes() {
    Memtable[] memtables = views.peek().memtables;
    long bytes = 0;
    for (int i = 1; i < memtables.length; i++) {
      bytes += memtables[i].byteCount();
    }
    return bytes;
  }

  /// Has the active memtable flushed before it is full, because other engines need the memory.
  ///
  /// @return false where that would free next to nothing
  boolean flushEarly() {
    appendLock.lock();
    try {
      if (closed
          || active.byteCount() < MemtableMemory.CHUNK_BYTES / 2
          || views.peek().memtables.length >= options.memtableCountMax()) {
        return false;
      }
      rotate();
    } finally {
      appendLock.unlock();
    }
    background.scheduleFlush();
    return true;
  }

  @Override
  public void close() throws IOException {
    appendLock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      appendLock.unlock();
    }
    try {
      background.close();
      commit.close(new WriteRefusedException(Reason.STOPPED, "the engine is closed"));
    } finally {
      resources.closed(this);
      log.close();
      views.close();
      if (ownsResources) {
        resources.close();
      }
      try {
        directoryLock.close();
      } catch (Exception e) {
        throw new IOException("the directory's lock could not be given back", e);
      }
    }
  }

  private void refuse(WriteBatch batch) throws WriteRefusedException {
    if (closed) {
      throw new WriteRefusedException(Reason.STOPPED, "the engine is closed");
    }
    commit.refuseIfStopped();
    if (batch.byteCount() > BATCH_BYTES_MAX) {
      throw new WriteRefusedException(
          Reason.TOO_LARGE,
          "a batch of " + batch.byteCount() + " bytes is above the most, " + BATCH_BYTES_MAX);
    }
    if (background.diskFull()) {
      background.retryAfterFullDisk();
      throw diskFull();
    }
    ReadView view = views.peek();
    boolean full =
        active.byteCount() >= options.memtableBytes()
            && view.memtables.length >= options.memtableCountMax();
    if (full
        || (memory.exhausted() && active.byteCount() >= MemtableMemory.CHUNK_BYTES)
        || log.pendingBytes() > LOG_PENDING_BYTES_MAX
        || !throttle.admits(view.version.level(0).length, batch.byteCount())) {
      throw new WriteRefusedException(
          Reason.STALLED, "flush and compaction are behind; wait for room and try again");
    }
  }

  private void place(WriteBatch batch, long first, long last) throws WriteRefusedException {
    switch (log.place(batch.array(), batch.byteCount(), first, last)) {
      case PLACED -> {}
      case NEEDS_SPACE ->
          throw new WriteRefusedException(
              Reason.STALLED, "the log is preparing space; wait for room and try again");
      case DISK_FULL -> throw diskFull();
    }
  }

  /// The batch has its place in the log already: if memory for it cannot be had, nothing can follow
  /// it.
  private void insert(WriteBatch batch, long first) {
    boolean complete = false;
    try {
      active.apply(batch.array(), 0, batch.byteCount(), first, 0);
      complete = true;
    } finally {
      if (!complete) {
        commit.stop(
            new WriteRefusedException(
                Reason.STOPPED,
                "memory for a write could not be had, so nothing more is accepted; give the server"
                    + " more, or smaller memtables, and restart it"));
      }
    }
  }

  private void rotate() {
    Memtable fresh = new Memtable(memory);
    views.rotate(fresh);
    active = fresh;
  }

  private static WriteRefusedException diskFull() {
    return new WriteRefusedException(
        Reason.DISK_FULL, "the disk is full: free space, and writes are taken again");
  }
}
