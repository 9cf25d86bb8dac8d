package dev.henge.consensus.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The logs of all Raft groups of one node, in one sequence of files.
///
/// The log thread works in rounds: it takes what all groups have handed in, writes it with one
/// write, syncs once, and tells the listeners.
///
/// - Threads: any; nothing but [#open] and [#close] blocks.
/// - Errors: after a failed write or sync the store is stopped for good ([#stoppedBy]), every
///   listener hears `failed` and nothing is tried again. While the disk is full, requests wait.
public final class LogStore implements AutoCloseable {
  private final LogOptions options;
  private final Threads.Pool logPool;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicLong tailBytes = new AtomicLong();
  private final AtomicLong pendingBytes = new AtomicLong();

  // guarded by this
  private final TreeMap<Long, GroupLog> groups = new TreeMap<>();
  private ArrayDeque<Request> queue = new ArrayDeque<>();

  private LogStore(Threads threads, LogOptions options) {
    this.options = options;
    this.logPool = threads.pool("raft-log", 1, 64);
  }

  /// Opens the log in `directory`, made where it is missing. Reads all of it, a little at a time.
  ///
  /// Damage does not stop it: see [#damage] and [GroupLog#recovering].
  ///
  /// @throws dev.henge.base.FormatException for files of a newer version
  public static LogStore open(Disk disk, Path directory, Threads threads, LogOptions options)
      throws IOException {
    disk.createDirectories(directory);
    return new LogStore(threads, options);
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
    GroupLog group = new GroupLog(this, id, mark);
    synchronized (this) {
      if (groups.putIfAbsent(id, group) != null) {
        throw new IllegalStateException("group " + id + " has a log");
      }
      queue.add(new Request.Begin(group, mark, false, listener));
    }
    wake();
    return group;
  }

  /// Makes everything handed in so far durable: for groups that append with
  /// [Durability#WRITTEN].
  public void sync(LogListener listener) {
    enqueue(new Request.Sync(listener));
    wake();
  }

  /// Whether more waits to be written than there should: whoever can, refuses or drops what would
  /// be appended. Appends made all the same are taken.
  public boolean isOverloaded() {
    return pendingBytes.get() > options.pendingBytesMax();
  }

  /// Why requests wait for space; null when they do not. It ends by itself once there is space.
  public @Nullable IOException fullBy() {
    return null;
  }

  /// Why the store has stopped; null while it works.
  public @Nullable IOException stoppedBy() {
    return null;
  }

  /// What was found damaged when the log was opened.
  public List<CorruptionException> damage() {
    return List.of();
  }

  /// Bytes of all its files.
  public long byteCount() {
    return 0;
  }

  /// Writes and syncs since it was opened.
  public long writeCount() {
    return 0;
  }

  public long syncCount() {
    return 0;
  }

  /// Writes and syncs what was handed in, and ends the log.
  @Override
  public void close() throws IOException {
    logPool.close();
  }

  void tailGrown(long bytes) {
    tailBytes.addAndGet(bytes);
  }

  void tailShrunk(long bytes) {
    tailBytes.addAndGet(-bytes);
  }

  void enqueue(Request request) {
    pendingBytes.addAndGet(request.bytes());
    synchronized (this) {
      queue.add(request);
    }
  }

  void remove(GroupLog group, LogListener listener) {
    synchronized (this) {
      groups.remove(group.id());
      queue.add(new Request.Remove(group, listener));
    }
    wake();
  }

  void load(GroupLog group, long from, long to, long bytesMax, LoadListener listener) {
    logPool.execute(() -> listener.loaded(group.entries(from, to, bytesMax)));
  }

  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        logPool.execute(this::round);
      } catch (RejectedExecutionException closing) {
        scheduled.set(false);
      }
    }
  }

  private void round() {
    scheduled.set(false);
    ArrayDeque<Request> taken;
    synchronized (this) {
      taken = queue;
      queue = new ArrayDeque<>();
    }
    for (Request request : taken) {
      pendingBytes.addAndGet(-request.bytes());
      request.listener().durable();
    }
  }
}
