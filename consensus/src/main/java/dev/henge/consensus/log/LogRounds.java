package dev.henge.consensus.log;

import dev.henge.base.DiskFullException;
import dev.henge.base.Invariant;
import dev.henge.base.Threads;
import java.io.IOException;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The log thread's work, in rounds: take what all groups have handed in, write it with one write,
/// sync once, tell the listeners.
///
/// A round goes into one segment as a whole; before one that does not fit, the segment is ended and
/// synced, and the next one begins with the state of every group.
///
/// - Threads: tasks of a pool of one thread; [#wake] and what is asked about it from any.
/// - Errors: after a failed write or sync it stops for good, and every listener hears `failed`.
class LogRounds {
  private final LogOptions options;
  private final RequestQueue queue;
  private final TailMemory memory;
  private final SegmentChain chain;
  private final Threads.Pool pool;
  private final Supplier<Collection<GroupLog>> groups;
  private final RoundWriter writer;
  private final AtomicBoolean scheduled = new AtomicBoolean();

  // written by the log thread
  private volatile @Nullable IOException stopped;
  private volatile long writeCount;
  private volatile long syncCount;

  // owned by the log thread
  private LogSegment active;

  /// Of the round under way, which requests have heard their end.
  private final BitSet told = new BitSet();

  /// Makes the rounds of a store; a seam for tests that plant a bug.
  interface Factory {
    LogRounds make(Parts parts);
  }

  /// What rounds work on.
  ///
  /// @param active where they go on
  /// @param groups gives the groups that have a log now
  record Parts(
      LogOptions options,
      Threads threads,
      Threads.Pool pool,
      Threads.Pool readers,
      SegmentFiles files,
      LogSegment active,
      RequestQueue queue,
      TailMemory memory,
      Supplier<Collection<GroupLog>> groups) {}

  LogRounds(Parts parts) {
    options = parts.options;
    queue = parts.queue;
    memory = parts.memory;
    pool = parts.pool;
    groups = parts.groups;
    active = parts.active;
    chain =
        new SegmentChain(
            parts.files, options.segmentBytes(), parts.threads, pool, parts.readers, this::wake);
    writer = writer(parts.files);
  }

  /// Why the log has stopped; null while it works.
  @Nullable IOException stopped() {
    return stopped;
  }

  /// Why requests wait for space; null when they do not.
  @Nullable IOException full() {
    return chain.full();
  }

  long writeCount() {
    return writeCount;
  }

  long syncCount() {
    return syncCount;
  }

  /// There is something to do.
  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        pool.execute(this::task);
      } catch (RejectedExecutionException closing) {
        // close() runs what is left
        scheduled.set(false);
      }
    }
  }

  /// Writes the head of the segment that a newly opened log begins with.
  void begin() throws IOException {
    Collection<GroupLog> living = groups.get();
    writer.begin(active);
    writer.head(chain.oldest(), living);
    writer.copies(chain.oldest(), living);
    write(active);
    sync(active);
  }

  /// Writes what is left, on the calling thread, and ends the log. The pool is closed.
  void close() throws IOException {
    try {
      while (stopped == null && oneRound()) {
        // the rest
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
    }
  }

  /// A seam for tests that plant a bug.
  RoundWriter writer(SegmentFiles files) {
    return new RoundWriter(files);
  }

  /// A seam for tests that plant a bug.
  void sync(LogSegment segment) throws IOException {
    segment.file.sync();
    segment.synced = segment.written;
    syncCount = syncCount + 1;
  }

  /// A seam for tests that plant a bug.
  boolean tellsBeforeSync(Request request) {
    return !request.synced();
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
                + " restarted"
                + (e instanceof DiskFullException
                    ? ", which needs free space on the disk of " + active.path.getParent()
                    : "")
                + "; whether the last writes survive is unknown: "
                + e.getMessage(),
            e);
  }

  /// Writes what waits, as far as one round goes.
  ///
  /// @return whether more may wait
  private boolean oneRound() throws IOException {
    RequestQueue.Round round = queue.next(options.roundBytesMax());
    if (round.requests().isEmpty() && !chain.isOldestDue()) {
      return false;
    }
    boolean rolls = false;
    // While the next segment is not there, entries leave room for what must always go on.
    long reserve = chain.wantsPreparing() ? active.byteCount / 16 : 0;
    if (active.room() < round.bytes() + (round.hasMore() ? reserve : 0)) {
      rolls = roll(round.bytes());
      if (!rolls) {
        round = round.controlsOnly();
        if (chain.full() == null
            || active.room() < round.bytes()
            || (round.requests().isEmpty() && !chain.isOldestDue())) {
          return false;
        }
      }
    }
    queue.remove(round);
    told.clear();
    boolean done = false;
    try {
      if (!rolls) {
        writer.begin(active);
      }
      write(round.requests(), rolls);
      done = true;
    } catch (IOException e) {
      stop(e);
    } finally {
      if (!done) {
        for (int i = 0; i < round.requests().size(); i++) {
          if (!told.get(i)) {
            fail(round.requests().get(i));
          }
        }
      }
    }
    return true;
  }

  private void write(List<Request> requests, boolean rolls) throws IOException {
    var touched = new LinkedHashSet<GroupLog>();
    boolean syncs = rolls || chain.isOldestDue();
    boolean marks = rolls;
    for (Request request : requests) {
      GroupLog group = request.group();
      if (group != null) {
        group.round.add(request);
        touched.add(group);
      }
      syncs |= request.synced();
      marks |= !(request instanceof Request.Append || request instanceof Request.Sync);
    }
    for (GroupLog group : touched) {
      writer.group(group);
      group.round.clear();
    }
    boolean releases = chain.isOldestDue();
    if (releases) {
      writer.buffer.oldest(chain.oldest());
    }
    writer.copies(chain.oldest(), rolls ? groups.get() : List.of());
    write(active);
    writer.moveRewritten();
    if (syncs) {
      tellWritten(requests);
      if (active.synced < active.written) {
        sync(active);
      }
    }
    for (int i = 0; i < requests.size(); i++) {
      if (!told.get(i)) {
        told.set(i);
        tell(requests.get(i));
      }
    }
    for (Request request : requests) {
      queue.done(request);
      if (request instanceof Request.Append append) {
        append.group().written();
        memory.written(append);
      } else if (request instanceof Request.Reset reset) {
        reset.group().written();
      }
    }
    memory.trim();
    if (releases) {
      chain.oldestWritten();
    }
    if (marks) {
      chain.findOldest(active, groups.get());
    }
    if (rolls) {
      queue.addControls(chain.quietGroups(groups.get()));
    }
    chain.prepareAhead(active);
  }

  /// Tells those who need no sync, unless one of their group who does is before them.
  private void tellWritten(List<Request> requests) {
    Set<GroupLog> waits = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < requests.size(); i++) {
      Request request = requests.get(i);
      GroupLog group = request.group();
      if (group != null && !tellsBeforeSync(request)) {
        waits.add(group);
      } else if (group != null && !waits.contains(group)) {
        told.set(i);
        tell(request);
      }
    }
  }

  private static void tell(Request request) {
    GroupLog group = request.group();
    if (group != null && group.removed && !(request instanceof Request.Remove)) {
      request.listener().failed(new IOException("the group's log was removed"));
    } else {
      request.listener().durable();
    }
  }

  private void write(LogSegment segment) throws IOException {
    if (!writer.buffer.isEmpty()) {
      long end = segment.written + writer.buffer.length();
      Invariant.check(
          end <= segment.byteCount, "a round is no larger than was reckoned before it was taken");
      segment.file.write(segment.written, writer.buffer.content());
      segment.written = end;
      writeCount = writeCount + 1;
    }
  }

  /// Ends the active segment and begins the next one, whose head is then in the writer.
  ///
  /// @param bytes of the round that is to go into it
  /// @return false when there is none yet
  private boolean roll(long bytes) throws IOException {
    Collection<GroupLog> living = groups.get();
    LogSegment next =
        chain.next(
            bytes
                + RoundWriter.headBytes(living)
                + LogLayout.FILE_HEADER_BYTES
                + LogLayout.END_FRAME_BYTES);
    if (next == null) {
      return false;
    }
    end(active, false);
    active = next;
    writer.begin(active);
    writer.head(chain.oldest(), living);
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

  private void failAll() {
    for (Request request : queue.removeAll()) {
      fail(request);
    }
  }

  private void fail(Request request) {
    queue.done(request);
    IOException known = stopped;
    request.listener().failed(known != null ? known : new IOException("the Raft log has stopped"));
  }
}
