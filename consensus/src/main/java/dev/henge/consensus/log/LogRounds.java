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
/// - Errors: a write that finds no space was not done: it comes again, until there is, and nobody
///   hears anything of its round before. After any other failed write, and after any failed sync,
///   it stops for good, and every listener hears `failed`.
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

  /// The round that waits for space; null when none does.
  private @Nullable Round waiting;

  /// What is written with one write.
  private static final class Round {
    final List<Request> requests;

    /// The segment that it begins; null where it goes on in the active one.
    final @Nullable LogSegment next;

    /// Groups that the head of `next` names.
    final Collection<GroupLog> living;

    /// Whether it says which segments are needed no more.
    final boolean releases;

    /// Whether its frames are in the writer.
    boolean encoded;

    Round(
        List<Request> requests,
        @Nullable LogSegment next,
        Collection<GroupLog> living,
        boolean releases) {
      this.requests = requests;
      this.next = next;
      this.living = living;
      this.releases = releases;
    }
  }

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
    if (!write(active)) {
      throw new DiskFullException("no space for the Raft log in " + active.path.getParent());
    }
    sync(active);
  }

  /// Begins to let go of segments that the groups found need no more.
  void release() {
    Collection<GroupLog> living = groups.get();
    chain.findOldest(active, living);
    queue.addControls(chain.quietGroups(living));
    wake();
  }

  /// Writes what is left, on the calling thread, and ends the log. The pool is closed.
  void close() throws IOException {
    try {
      while (stopped == null && oneRound()) {
        // the rest
      }
      if (stopped == null && waiting == null) {
        // Without space the next start finds a log that was not closed: all the same to it.
        var ignored = end(active, true);
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
                + " restarted; whether the last writes survive is unknown: "
                + e.getMessage(),
            e);
  }

  /// Writes what waits, as far as one round goes.
  ///
  /// @return whether more may wait
  private boolean oneRound() throws IOException {
    if (waiting != null) {
      return finish(waiting);
    }
    RequestQueue.Round round = queue.next(options.roundBytesMax());
    if (round.requests().isEmpty() && !chain.isOldestDue()) {
      return false;
    }
    LogSegment next = null;
    Collection<GroupLog> living = List.of();
    // While the next segment is not there, entries leave room for what must always go on.
    long reserve = chain.wantsPreparing() ? active.byteCount / 16 : 0;
    if (active.room() < round.bytes() + (round.hasMore() ? reserve : 0)) {
      living = groups.get();
      next = next(round.bytes(), living);
      if (next == null) {
        round = round.controlsOnly();
        if (chain.full() == null
            || active.room() < round.bytes()
            || (round.requests().isEmpty() && !chain.isOldestDue())) {
          return false;
        }
      }
    }
    queue.remove(round);
    return finish(new Round(round.requests(), next, living, chain.isOldestDue()));
  }

  /// Writes a round, the first time or again.
  ///
  /// @return false when it waits for space
  private boolean finish(Round round) {
    told.clear();
    boolean done = false;
    try {
      waiting = write(round) ? null : round;
      done = true;
    } catch (IOException e) {
      stop(e);
    } finally {
      if (!done) {
        waiting = null;
        for (int i = 0; i < round.requests.size(); i++) {
          if (!told.get(i)) {
            fail(round.requests.get(i));
          }
        }
      }
    }
    return waiting == null;
  }

  /// @return false when there is no space: nobody was told anything, and the same comes again
  private boolean write(Round round) throws IOException {
    LogSegment next = round.next;
    if (next != null && active != next) {
      if (!end(active, false)) {
        return false;
      }
      active = next;
    }
    if (!round.encoded) {
      encode(round);
    }
    if (!write(active)) {
      return false;
    }
    if (round == waiting) {
      chain.foundSpace();
    }
    written(round);
    return true;
  }

  /// Puts the frames of a round into the writer.
  private void encode(Round round) throws IOException {
    boolean rolls = round.next != null;
    writer.begin(active);
    if (rolls) {
      writer.head(chain.oldest(), round.living);
    }
    var touched = new LinkedHashSet<GroupLog>();
    for (Request request : round.requests) {
      GroupLog group = request.group();
      if (group != null) {
        group.round.add(request);
        touched.add(group);
      }
    }
    for (GroupLog group : touched) {
      writer.group(group);
      group.round.clear();
    }
    if (round.releases) {
      writer.buffer.oldest(chain.oldest());
    }
    writer.copies(chain.oldest(), round.living);
    round.encoded = true;
  }

  /// The operating system has a round's frames: syncs them where somebody waits for that, and tells
  /// everybody.
  private void written(Round round) throws IOException {
    List<Request> requests = round.requests;
    boolean rolls = round.next != null;
    boolean syncs = rolls || round.releases;
    boolean marks = rolls;
    for (Request request : requests) {
      syncs |= request.synced();
      marks |= !(request instanceof Request.Append || request instanceof Request.Sync);
    }
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
    if (round.releases) {
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

  /// Writes what is in the writer.
  ///
  /// @return false when there is no space: the log thread is woken when it is time to try again
  private boolean write(LogSegment segment) throws IOException {
    if (!writer.buffer.isEmpty()) {
      long end = segment.written + writer.buffer.length();
      Invariant.check(
          end <= segment.byteCount, "a round is no larger than was reckoned before it was taken");
      try {
        segment.file.write(segment.written, writer.buffer.content());
      } catch (DiskFullException noSpace) {
        chain.waitForSpace(noSpace);
        return false;
      }
      segment.written = end;
      writeCount = writeCount + 1;
    }
    return true;
  }

  /// The segment that follows the active one.
  ///
  /// @param bytes of the round that is to go into it
  /// @return null when there is none yet
  private @Nullable LogSegment next(long bytes, Collection<GroupLog> living) {
    return chain.next(
        bytes
            + RoundWriter.headBytes(living)
            + LogLayout.FILE_HEADER_BYTES
            + LogLayout.END_FRAME_BYTES);
  }

  /// Ends a segment.
  ///
  /// @return false when there is no space for that
  private boolean end(LogSegment segment, boolean last) throws IOException {
    if (segment.synced < segment.written) {
      sync(segment);
    }
    writer.begin(segment);
    writer.buffer.end(last);
    if (!write(segment)) {
      return false;
    }
    sync(segment);
    return true;
  }

  private void failAll() {
    Round left = waiting;
    if (left != null) {
      waiting = null;
      left.requests.forEach(this::fail);
    }
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
