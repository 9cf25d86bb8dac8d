package dev.henge.consensus.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
/// write, syncs once, and tells the listeners. A round goes into one segment as a whole; before one
/// that does not fit, the segment is ended and synced, and the next one begins with the state of
/// every group.
///
/// - Threads: any; nothing but [#open] and [#close] blocks.
/// - Errors: after a failed write or sync the store is stopped for good ([#stoppedBy]), every
///   listener hears `failed` and nothing is tried again. While the disk is full, requests wait:
///   nothing of them is written, and they go on when there is space ([#fullBy]).
public class LogStore implements AutoCloseable {
  private static final int READER_COUNT = 2;
  private static final int LOADS_MAX = 1024;
  private static final Duration FULL_RETRY = Duration.ofSeconds(1);

  /// With more live segments than this, quiet groups are written again at the front.
  private static final int LIVE_SEGMENTS = 4;

  /// Places of written appends kept to free memory in their order; above it the oldest goes.
  private static final int EVICTABLE_MAX = 1 << 16;

  private final LogOptions options;
  private final Threads threads;
  private final Threads.Pool logPool;
  private final Threads.Pool readers;
  private final SegmentFiles files;
  private final List<CorruptionException> damage;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicLong tailBytes = new AtomicLong();
  private final AtomicLong pendingBytes = new AtomicLong();

  // written by the log thread
  private volatile @Nullable IOException stopped;
  private volatile @Nullable IOException full;
  private volatile long writeCount;
  private volatile long syncCount;

  // owned by the log thread
  private LogSegment active;
  private final RoundWriter writer;
  private final ArrayDeque<Evictable> evictable = new ArrayDeque<>();
  private long oldest;
  private boolean oldestDue;
  private boolean retryDue;
  private boolean retryWaits;
  private final Set<Request> told = Collections.newSetFromMap(new IdentityHashMap<>());

  // guarded by this
  private final TreeMap<Long, GroupLog> groups = new TreeMap<>();
  private final ArrayDeque<Request> controls = new ArrayDeque<>();
  private final ArrayDeque<Request> queue = new ArrayDeque<>();
  private boolean closed;

  private record Evictable(GroupLog group, long lastIndex, int epoch) {}

  LogStore(
      Threads threads,
      LogOptions options,
      SegmentFiles files,
      LogRecovery found,
      LogSegment active) {
    this.options = options;
    this.threads = threads;
    this.files = files;
    this.damage = List.copyOf(found.damage);
    this.active = active;
    this.oldest = files.oldestLive();
    this.writer = writer(files);
    this.logPool = threads.pool("raft-log", 1, 64);
    this.readers = threads.pool("raft-log-read", READER_COUNT, LOADS_MAX);
    for (RecoveredGroup group : found.groups.values()) {
      groups.put(group.id, new GroupLog(this, group.id, group.log, group.terms, group.configurations));
    }
  }

  /// Opens the log in `directory`, made where it is missing. Reads all of it, a little at a time.
  ///
  /// Damage does not stop it: see [#damage] and [GroupLog#recovering].
  ///
  /// @throws dev.henge.base.FormatException for files of a newer version
  public static LogStore open(Disk disk, Path directory, Threads threads, LogOptions options)
      throws IOException {
    return open(disk, directory, threads, options, LogStore::new);
  }

  /// Makes a store of what was found; a seam for tests.
  interface Factory {
    LogStore make(
        Threads threads,
        LogOptions options,
        SegmentFiles files,
        LogRecovery found,
        LogSegment active);
  }

  static LogStore open(
      Disk disk, Path directory, Threads threads, LogOptions options, Factory factory)
      throws IOException {
    disk.createDirectories(directory);
    LogRecovery found = LogRecovery.read(disk, directory);
    var files = new SegmentFiles(disk, directory, options.segmentBytes());
    boolean complete = false;
    try {
      found.adopt(files);
      var head = new ArrayList<GroupLog>();
      long headBytes = 2L * LogLayout.PAGE_BYTES;
      for (RecoveredGroup group : found.groups.values()) {
        headBytes += 16 + 2L * (8 + FrameBuffer.stateBytes(group.log.mark));
      }
      files.prepare(headBytes + options.roundBytesMax());
      IOException failure = files.failure();
      if (failure != null) {
        throw failure;
      }
      found.settle();
      LogSegment active = files.takeNext(0);
      if (active == null) {
        throw new IOException(directory + ": no segment was prepared");
      }
      LogStore store = factory.make(threads, options, files, found, active);
      store.writer.begin(active);
      head.addAll(store.groups.values());
      store.head(head);
      store.writer.copies(store.oldest, head);
      store.write(active);
      store.sync(active);
      found.free(files);
      complete = true;
      return store;
    } finally {
      if (!complete) {
        files.close();
      }
    }
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
      controls.add(new Request.Begin(group, mark, false, listener));
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
    return full;
  }

  /// Why the store has stopped; null while it works.
  public @Nullable IOException stoppedBy() {
    return stopped;
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
    return tailBytes.get();
  }

  /// Writes since it was opened.
  public long writeCount() {
    return writeCount;
  }

  /// Syncs since it was opened.
  public long syncCount() {
    return syncCount;
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
      while (stopped == null && oneRound()) {
        // the rest, on this thread
      }
      if (stopped == null) {
        end(active, true);
      }
    } catch (IOException e) {
      stopped = e;
      throw e;
    } finally {
      if (stopped == null) {
        stopped = new IOException("the Raft log is closed");
      }
      failAll();
      files.close();
    }
  }

  // ---- of GroupLog

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

  /// For what goes on while the disk is full.
  void enqueueControl(Request request) {
    synchronized (this) {
      controls.add(request);
    }
  }

  void remove(GroupLog group, LogListener listener) {
    synchronized (this) {
      groups.remove(group.id(), group);
      controls.add(new Request.Remove(group, listener));
    }
    group.forget();
    wake();
  }

  void load(GroupLog group, long from, long to, long bytesMax, LoadListener listener) {
    try {
      readers.execute(() -> {
        List<Entry> found;
        try {
          found = read(group, from, to, bytesMax);
        } catch (IOException e) {
          listener.failed(e);
          return;
        }
        listener.loaded(found);
      });
    } catch (RejectedExecutionException full) {
      listener.failed(new IOException("too many reads of the Raft log wait, or it is closed"));
    }
  }

  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        logPool.execute(this::task);
      } catch (RejectedExecutionException closing) {
        // close() runs what is left
        scheduled.set(false);
      }
    }
  }

  // ---- the log thread

  /// A seam for tests that plant a bug.
  RoundWriter writer(SegmentFiles segmentFiles) {
    return new RoundWriter(segmentFiles);
  }

  /// A seam for tests that plant a bug.
  void sync(LogSegment segment) throws IOException {
    segment.file.sync();
    segment.synced = segment.written;
    syncCount = syncCount + 1;
  }

  /// A seam for tests that plant a bug.
  boolean tellsBeforeSync(Request request) {
    return request instanceof Request.Append append && !append.synced();
  }

  private void task() {
    scheduled.set(false);
    try {
      if (stopped == null && oneRound()) {
        wake();
      }
    } catch (IOException | RuntimeException e) {
      stop(e);
    }
    if (stopped != null) {
      failAll();
    }
  }

  private void stop(Exception e) {
    stopped =
        new IOException(
            "the Raft log could not be written, so this node takes part in no group until it is"
                + " restarted; whether the last writes survive is unknown: "
                + e.getMessage(),
            e);
  }

  /// Writes what waits, as far as one round goes.
  ///
  /// @return whether more may wait
  private boolean oneRound() throws IOException {
    List<Request> taken = new ArrayList<>();
    long bytes = 2L * LogLayout.PAGE_BYTES + LogLayout.OLDEST_FRAME_BYTES;
    long controlBytes;
    int controlCount;
    synchronized (this) {
      for (Request request : controls) {
        taken.add(request);
        bytes += RoundWriter.bytes(request);
      }
      controlCount = taken.size();
      controlBytes = bytes;
      for (Request request : queue) {
        long more = RoundWriter.bytes(request);
        if (taken.size() > controlCount && bytes + more > options.roundBytesMax()) {
          break;
        }
        taken.add(request);
        bytes += more;
      }
    }
    if (taken.isEmpty() && !oldestDue) {
      return false;
    }
    boolean rolls = false;
    // While the next segment is not there, entries leave room for what must always go on.
    long reserve = files.wantsPreparing() ? active.byteCount / 16 : 0;
    if (active.room() < bytes + (taken.size() > controlCount ? reserve : 0)) {
      if (roll(bytes)) {
        rolls = true;
      } else if (full != null && controlBytes <= active.room()) {
        if (controlCount == 0 && !oldestDue) {
          return false;
        }
        taken.subList(controlCount, taken.size()).clear();
      } else {
        return false;
      }
    }
    synchronized (this) {
      for (int i = 0; i < taken.size(); i++) {
        (i < controlCount ? controls : queue).remove();
      }
    }
    boolean done = false;
    try {
      if (!rolls) {
        writer.begin(active);
      }
      round(taken, rolls);
      done = true;
    } catch (IOException e) {
      stop(e);
    } finally {
      if (!done) {
        taken.removeIf(told::contains);
        fail(taken);
      }
    }
    return true;
  }

  private void round(List<Request> taken, boolean rolls) throws IOException {
    var touched = new LinkedHashSet<GroupLog>();
    boolean syncing = rolls || oldestDue;
    boolean marks = rolls;
    for (Request request : taken) {
      GroupLog group =
          switch (request) {
            case Request.Append append -> {
              syncing |= append.synced();
              yield append.group();
            }
            case Request.Begin begin -> {
              syncing |= begin.listener() != LogListener.NONE;
              marks = true;
              yield begin.group();
            }
            case Request.Reset reset -> {
              syncing = true;
              marks = true;
              yield reset.group();
            }
            case Request.Remove remove -> {
              syncing = true;
              marks = true;
              yield remove.group();
            }
            case Request.Rewrite rewrite -> {
              marks = true;
              yield rewrite.group();
            }
            case Request.Sync sync -> {
              syncing = true;
              yield null;
            }
          };
      if (group != null) {
        group.round.add(request);
        touched.add(group);
      }
    }
    for (GroupLog group : touched) {
      writer.group(group);
    }
    boolean releases = oldestDue;
    if (oldestDue) {
      writer.buffer.oldest(oldest);
      oldestDue = false;
    }
    writer.copies(oldest, rolls ? all() : List.of());
    write(active);
    told.clear();
    if (syncing) {
      tellWritten(taken);
      if (active.synced < active.written) {
        sync(active);
      }
    }
    for (Request request : taken) {
      if (told.isEmpty() || !told.contains(request)) {
        tell(request);
      }
    }
    afterwards(taken, touched);
    if (releases) {
      files.release(oldest);
    }
    if (marks) {
      findOldest();
    }
    if (rolls) {
      rewriteQuiet();
    }
    if (active.room() < active.byteCount / 2 && files.wantsPreparing()) {
      prepare(options.segmentBytes());
    }
  }

  /// Tells those who need no sync, unless one of their group who does is before them.
  private void tellWritten(List<Request> taken) {
    Set<GroupLog> waits = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Request request : taken) {
      if (request instanceof Request.Append append) {
        if (!tellsBeforeSync(request)) {
          waits.add(append.group());
        } else if (!waits.contains(append.group()) && !append.group().removed) {
          told.add(request);
          append.listener().durable();
        }
      }
    }
  }

  private static void tell(Request request) {
    boolean dropped =
        switch (request) {
          case Request.Append append -> append.group().removed;
          case Request.Reset reset -> reset.group().removed;
          case Request.Begin begin -> begin.group().removed;
          case Request.Remove remove -> false;
          case Request.Rewrite rewrite -> false;
          case Request.Sync sync -> false;
        };
    if (dropped) {
      request.listener().failed(new IOException("the group's log was removed"));
    } else {
      request.listener().durable();
    }
  }

  private void afterwards(List<Request> taken, Collection<GroupLog> touched) {
    for (GroupLog group : touched) {
      group.round.clear();
    }
    for (Request request : taken) {
      if (request instanceof Request.Append append) {
        pendingBytes.addAndGet(-append.bytes());
        append.group().written();
        if (append.group().removed) {
          append.group().forget();
        } else if (!append.entries().isEmpty()) {
          evictable.add(
              new Evictable(
                  append.group(), append.entries().getLast().index(), append.epoch()));
        }
      } else if (request instanceof Request.Reset reset) {
        reset.group().written();
      }
    }
    while (!evictable.isEmpty()) {
      Evictable first = evictable.element();
      boolean obsolete = first.lastIndex <= first.group.mark().index();
      if (!obsolete
          && tailBytes.get() <= options.tailBytesMax()
          && evictable.size() <= EVICTABLE_MAX) {
        break;
      }
      evictable.remove();
      first.group.evict(first.lastIndex, first.epoch);
    }
  }

  private synchronized List<GroupLog> all() {
    return new ArrayList<>(groups.values());
  }

  private void write(LogSegment segment) throws IOException {
    if (!writer.buffer.isEmpty()) {
      segment.file.write(segment.written, writer.buffer.content());
      segment.written += writer.buffer.length();
      writeCount = writeCount + 1;
    }
  }

  private void head(Collection<GroupLog> living) {
    writer.head(oldest, living);
  }

  /// Ends the active segment and begins the next one, whose head is then in the writer.
  ///
  /// @param bytes of the round that is to go into it
  /// @return false when there is none yet
  private boolean roll(long bytes) throws IOException {
    List<GroupLog> living = all();
    long wanted =
        bytes
            + RoundWriter.headBytes(living)
            + 8L * living.size()
            + LogLayout.FILE_HEADER_BYTES
            + LogLayout.END_FRAME_BYTES
            + LogLayout.PAGE_BYTES;
    LogSegment next = files.takeNext(wanted);
    if (next == null) {
      IOException failure = files.failure();
      full = failure;
      if (failure == null || retryDue) {
        retryDue = false;
        next = prepare(wanted) ? files.takeNext(wanted) : null;
      } else if (!retryWaits) {
        retryWaits = true;
        threads.after(FULL_RETRY, logPool, this::retry);
      }
      if (next == null) {
        return false;
      }
    }
    full = null;
    end(active, false);
    active = next;
    writer.begin(active);
    head(living);
    return true;
  }

  private void end(LogSegment segment, boolean last) throws IOException {
    if (segment.synced < segment.written) {
      sync(segment);
    }
    writer.begin(segment);
    writer.buffer.end(last);
    write(segment);
    sync(segment);
  }

  private void retry() {
    retryWaits = false;
    retryDue = true;
    task();
  }

  /// @return whether it was done at once, because no reader could take it
  private boolean prepare(long bytes) {
    try {
      readers.execute(() -> {
        files.prepare(bytes);
        wake();
      });
      return false;
    } catch (RejectedExecutionException busyOrClosing) {
      files.prepare(bytes);
      return true;
    }
  }

  private void findOldest() {
    long needed = active.number;
    for (GroupLog group : all()) {
      needed = Math.min(needed, group.written.oldestSegment(needed));
    }
    if (needed > oldest) {
      oldest = needed;
      oldestDue = true;
    }
  }

  /// Groups that keep the oldest segments by a few entries are written again at the front.
  private void rewriteQuiet() {
    if (files.liveCount() <= LIVE_SEGMENTS) {
      return;
    }
    long room = options.segmentBytes() / 4;
    List<Request> rewrites = new ArrayList<>();
    for (GroupLog group : all()) {
      if (group.written.oldestSegment(Long.MAX_VALUE) == oldest) {
        long bytes = group.written.byteCount();
        room -= bytes;
        rewrites.add(new Request.Rewrite(group, bytes));
      }
    }
    if (room >= 0) {
      synchronized (this) {
        controls.addAll(rewrites);
      }
    }
  }

  private List<Entry> read(GroupLog group, long from, long to, long bytesMax) throws IOException {
    List<WrittenLog.Place> places = group.placesToLoad(from, to, bytesMax);
    if (places.isEmpty()) {
      return group.inMemory(from, to, bytesMax);
    }
    List<Entry> found = new ArrayList<>();
    for (WrittenLog.Place place : places) {
      LogSegment segment = files.pin(place.segment());
      if (segment == null) {
        // Compacted meanwhile, or closed.
        break;
      }
      try {
        FrameReader.read(segment, place, from, to, found);
      } finally {
        files.unpin(segment);
      }
    }
    long bytes = 0;
    for (int i = 0; i < found.size(); i++) {
      bytes += found.get(i).sizeBytes();
      if (i > 0 && bytes > bytesMax) {
        return new ArrayList<>(found.subList(0, i));
      }
    }
    return found;
  }

  private void failAll() {
    List<Request> left = new ArrayList<>();
    synchronized (this) {
      left.addAll(controls);
      left.addAll(queue);
      controls.clear();
      queue.clear();
    }
    fail(left);
  }

  private void fail(List<Request> requests) {
    IOException known = stopped;
    IOException cause = known != null ? known : new IOException("the Raft log has stopped");
    for (Request request : requests) {
      pendingBytes.addAndGet(request instanceof Request.Append append ? -append.bytes() : 0);
      request.listener().failed(cause);
    }
  }
}
