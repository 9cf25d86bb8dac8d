package dev.henge.consensus.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The logs of all Raft groups of one node, in one sequence of files.
///
/// Groups hand in from their strands; [LogRounds] writes for all of them with one write and one
/// sync.
///
/// - Threads: any; nothing but [#open] and [#close] blocks.
/// - Errors: after a failed write or sync the store is stopped for good ([#stoppedBy]), every
///   listener hears `failed` and nothing is tried again. While the disk is full, requests wait:
///   nothing of them is written, and they go on when there is space ([#fullBy]).
public final class LogStore implements AutoCloseable {
  /// Where a node keeps its log, below its data directory.
  public static final String DIRECTORY = "raft";

  private static final int READER_COUNT = 2;
  private static final int LOADS_MAX = 1024;

  private final LogOptions options;
  private final Threads.Pool logPool;
  private final Threads.Pool readers;
  private final SegmentFiles files;
  private final List<CorruptionException> damage;
  private final RequestQueue queue = new RequestQueue();
  private final TailMemory memory;
  private final LogRounds rounds;
  private final EntryLoads loads;

  // guarded by this
  private final TreeMap<Long, GroupLog> groups = new TreeMap<>();
  private boolean closed;

  private LogStore(
      Threads threads,
      LogOptions options,
      SegmentFiles files,
      LogRecovery found,
      LogSegment active,
      LogRounds.Factory factory) {
    this.options = options;
    this.files = files;
    this.damage = List.copyOf(found.damage);
    this.memory = new TailMemory(options.tailBytesMax());
    this.logPool = threads.pool("raft-log", 1, 64);
    this.readers = threads.pool("raft-log-read", READER_COUNT, LOADS_MAX);
    this.loads = new EntryLoads(readers, files);
    this.rounds =
        factory.make(
            new LogRounds.Parts(
                options, threads, logPool, readers, files, active, queue, memory, this::all));
    for (RecoveredGroup group : found.groups.values()) {
      groups.put(
          group.id, new GroupLog(this, group.id, group.log, group.terms, group.configurations));
    }
  }

  /// Opens the log in `directory`, made where it is missing (below one that is there). Reads all of
  /// it, a little at a time.
  ///
  /// Damage does not stop it: see [#damage] and [GroupLog#recovering].
  ///
  /// @throws dev.henge.base.FormatException for files of a newer version
  public static LogStore open(Disk disk, Path directory, Threads threads, LogOptions options)
      throws IOException {
    return open(disk, directory, threads, options, LogRounds::new);
  }

  static LogStore open(
      Disk disk, Path directory, Threads threads, LogOptions options, LogRounds.Factory factory)
      throws IOException {
    disk.createDirectories(directory);
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      disk.syncDirectory(parent);
    }
    LogRecovery found = LogRecovery.read(disk, directory);
    var files = new SegmentFiles(disk, directory, options.segmentBytes());
    boolean complete = false;
    try {
      long headBytes = RoundWriter.ROUND_BYTES;
      for (RecoveredGroup group : found.groups.values()) {
        headBytes += 16 + 2L * (8 + FrameBuffer.stateBytes(group.log.mark));
      }
      long bytes = headBytes + options.roundBytesMax() + LogLayout.END_FRAME_BYTES;
      LogSegment active = found.adopt(files, bytes);
      if (active == null) {
        active = begun(files, found, bytes);
      }
      var store = new LogStore(threads, options, files, found, active, factory);
      store.rounds.begin();
      found.free(files);
      store.rounds.release();
      complete = true;
      return store;
    } finally {
      if (!complete) {
        files.close();
      }
    }
  }

  /// A new segment behind the last one, which is ended.
  private static LogSegment begun(SegmentFiles files, LogRecovery found, long bytes)
      throws IOException {
    files.prepare(bytes);
    IOException failure = files.failure();
    if (failure != null) {
      throw failure;
    }
    found.settle(true);
    LogSegment active = files.takeNext(0);
    if (active == null) {
      throw new IOException("no segment of the Raft log was prepared");
    }
    return active;
  }

  /// Ids of the groups that have a log here.
  public synchronized SortedSet<Long> groupIds() {
    return new TreeSet<>(groups.keySet());
  }

  /// The log of a group; null when it has none here.
  public synchronized @Nullable GroupLog group(long id) {
    return groups.get(id);
  }

  /// Founds the log of a group that has none here.
  ///
  /// @param mark where it begins
  /// @param listener told when that is durable
  public GroupLog create(long id, SnapshotMark mark, LogListener listener) {
    return create(id, mark, false, listener);
  }

  /// As the other, for a replica that may have had a log here before: it may have voted, and does
  /// not know.
  public GroupLog createRecovering(long id, SnapshotMark mark, LogListener listener) {
    return create(id, mark, true, listener);
  }

  private GroupLog create(long id, SnapshotMark mark, boolean recovering, LogListener listener) {
    GroupLog group = new GroupLog(this, id, mark, recovering);
    synchronized (this) {
      if (groups.putIfAbsent(id, group) != null) {
        throw new IllegalStateException("group " + id + " has a log");
      }
      queue.addControl(new Request.Begin(group, mark, recovering, listener));
    }
    rounds.wake();
    return group;
  }

  /// Makes everything handed in so far durable: for groups that append with [Durability#WRITTEN].
  public void sync(LogListener listener) {
    queue.add(new Request.Sync(listener));
    rounds.wake();
  }

  /// Whether more waits to be written than there should: whoever can, refuses or drops what would
  /// be appended. Appends made all the same are taken.
  public boolean isOverloaded() {
    return queue.pendingBytes() > options.pendingBytesMax();
  }

  /// Why requests wait for space; null when they do not. It ends by itself once there is space.
  public @Nullable IOException fullBy() {
    return rounds.full();
  }

  /// Why the store has stopped; null while it works.
  public @Nullable IOException stoppedBy() {
    return rounds.stopped();
  }

  /// What was found damaged when the log was opened.
  public List<CorruptionException> damage() {
    return damage;
  }

  /// Bytes of all its files.
  public long byteCount() {
    return files.byteCount();
  }

  /// Bytes of written and pending entries in memory.
  public long memoryBytes() {
    return memory.bytes();
  }

  /// Writes since it was opened.
  public long writeCount() {
    return rounds.writeCount();
  }

  /// Syncs since it was opened.
  public long syncCount() {
    return rounds.syncCount();
  }

  /// Writes and syncs what was handed in, and ends the log. What waits for space fails.
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    readers.close();
    logPool.close();
    try {
      rounds.close();
    } finally {
      files.close();
    }
  }

  // ---- of GroupLog

  TailMemory memory() {
    return memory;
  }

  void enqueue(Request request) {
    queue.add(request);
  }

  /// For what goes on while the disk is full.
  void enqueueControl(Request request) {
    queue.addControl(request);
  }

  void wake() {
    rounds.wake();
  }

  void remove(GroupLog group, LogListener listener) {
    synchronized (this) {
      groups.remove(group.id(), group);
      queue.addControl(new Request.Remove(group, listener));
    }
    group.forget();
    rounds.wake();
  }

  void load(GroupLog group, long from, long to, long bytesMax, LoadListener listener) {
    loads.load(group, from, to, bytesMax, listener);
  }

  private synchronized Collection<GroupLog> all() {
    return new ArrayList<>(groups.values());
  }
}
