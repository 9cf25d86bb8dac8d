package dev.henge.storage.lsm.log;

import dev.henge.base.Disk;
import dev.henge.base.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The writing side of the log: gives batches their place, writes them as groups, syncs, recycles.
///
/// - Invariants: (1) a batch is placed only where space is already taken, so writing it cannot fill
///   the disk; (2) a segment is ended and synced before a frame of the next one is written; (3)
///   each frame says how far its segment was known to be synced when it was written.
/// - Threads: methods say which of the engine's locks they need. *append*: the lock over [#place];
///   *commit*: the lock over writing and syncing. [#prepare] needs neither and may block for long.
/// - Errors: an [IOException] from [#write] or [#sync] leaves the log in an unknown state; the
///   engine never calls either again.
public final class CommitLog implements AutoCloseable {
  /// Obsolete files kept for reuse.
  private static final int FREE_FILES_MAX = 4;

  /// A buffer that grew beyond this is not kept.
  private static final int KEPT_BUFFER_BYTES = 4 << 20;

  private final Disk disk;
  private final Path directory;
  private final long segmentBytes;

  // guarded by append
  private LogSegment active;
  private @Nullable LogGroup open;
  private LogGroups pending = new LogGroups();
  private long pendingBytes;
  private byte @Nullable [] spare = new byte[64 << 10];

  // written under commit
  private volatile LogSegment writing;

  // guarded by commit
  private boolean unsynced;
  private boolean unattested;

  // guarded by this
  private @Nullable LogSegment next;
  private long wantedBytes;
  private boolean preparing;
  private @Nullable IOException prepareFailure;
  private final List<LogSegment> unsealed = new ArrayList<>();
  private final List<LogSegment> sealed = new ArrayList<>();
  private final ArrayDeque<Path> free = new ArrayDeque<>();
  private long nextNumber;
  private volatile long byteCount;

  /// Begins a log behind what [LogRecovery] found.
  ///
  /// @param firstNumber number of the first segment to write, above all before it
  /// @param segmentBytes size of a segment
  public CommitLog(Disk disk, Path directory, long firstNumber, long segmentBytes)
      throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.nextNumber = firstNumber;
    LogSegment first = LogSegment.create(disk, directory, nextNumber++, segmentBytes);
    this.active = first;
    this.writing = first;
    unsealed.add(first);
    this.byteCount = first.byteCount;
  }

  /// Whether a batch was placed.
  public enum Placement {
    PLACED,
    /// No space is prepared: give [#prepare] to a background thread and come again.
    NEEDS_SPACE,
    /// The last try to prepare space found the disk full. [#prepare] again, refuse the batch.
    DISK_FULL
  }

  /// Gives a batch its place in the log. *append*
  ///
  /// @param lastSequence of the batch
  public Placement place(byte[] batch, int count, long firstSequence, long lastSequence) {
    LogGroup group = open;
    int most = LogLayout.frameBytes((group == null ? 0 : group.payloadBytes()) + count);
    if (group != null
        && group.segment == active
        && group.lastSequence + 1 == firstSequence
        && most <= active.byteCount - LogLayout.FRAME_HEADER_BYTES - group.offset) {
      group.add(batch, count);
      group.lastSequence = lastSequence;
      active.placed = group.offset + group.frameBytes();
      active.lastSequence = lastSequence;
      pendingBytes += count;
      return Placement.PLACED;
    }
    int alone = LogLayout.frameBytes(count);
    if (alone > active.room()) {
      LogSegment following = takeNext(alone);
      if (following == null) {
        return outOfSpace(alone);
      }
      endActive(following, firstSequence);
    }
    byte[] buffer = spare == null ? new byte[64 << 10] : spare;
    spare = null;
    group = new LogGroup(active, active.placed, firstSequence, buffer);
    group.add(batch, count);
    group.lastSequence = lastSequence;
    active.placed += group.frameBytes();
    active.lastSequence = lastSequence;
    pending.groups.add(group);
    open = group;
    pendingBytes += count;
    return Placement.PLACED;
  }

  /// Bytes placed and not yet taken for writing. *append*
  public long pendingBytes() {
    return pendingBytes;
  }

  /// Whether a background thread should call [#prepare] now. *append*
  public boolean wantsPreparing() {
    if (active.room() > active.byteCount / 2) {
      return false;
    }
    synchronized (this) {
      return next == null && !preparing;
    }
  }

  /// Takes the groups placed so far, for [#write]. *append* and *commit*
  public LogGroups take() {
    LogGroups taken = pending;
    pending = new LogGroups();
    open = null;
    pendingBytes = 0;
    return taken;
  }

  /// Hands the groups to the operating system. *commit*
  public void write(LogGroups groups) throws IOException {
    for (LogGroup group : groups.groups) {
      if (group.segment != writing) {
        end(writing, group.segment.number);
        writing = group.segment;
      }
      if (group.payloadBytes() > 0) {
        writing.file.write(group.offset, group.frame(writing.synced));
        writing.written = group.offset + group.frameBytes();
        unsynced = true;
        unattested = true;
      }
    }
  }

  /// Keeps a written group's buffer for the next one. *append*
  public void reuse(LogGroups groups) {
    LogGroup last = groups.groups.peekLast();
    if (last != null
        && spare == null
        && last.payloadBytes() > 0
        && last.buffer().length <= KEPT_BUFFER_BYTES) {
      spare = last.buffer();
    }
  }

  /// Makes all that was written durable. *commit*
  public void sync() throws IOException {
    if (unsynced) {
      writing.file.sync();
      writing.synced = writing.written;
      unsynced = false;
    }
  }

  /// Takes the place of a frame that attests what was synced last, where no frame does so yet and
  /// nothing is on its way that would. *append* and *commit*
  ///
  /// @return for [#attest]; -1 when there is nothing to attest
  public long placeAttestation() {
    boolean idle = pending.groups.isEmpty() && active == writing && !unsynced;
    if (!idle || !unattested || active.room() < LogLayout.FRAME_HEADER_BYTES) {
      return -1;
    }
    long offset = active.placed;
    active.placed += LogLayout.FRAME_HEADER_BYTES;
    return offset;
  }

  /// Writes that frame. It need not be synced: where it is lost, nothing else is. *commit*
  public void attest(long offset) throws IOException {
    writing.file.write(offset, LogGroup.marker(writing, false, writing.lastSequence + 1));
    writing.written = offset + LogLayout.FRAME_HEADER_BYTES;
    unsynced = true;
    unattested = false;
  }

  /// Ends the log for good, so that damage to its last frames is later told from a torn tail.
  /// *append* and *commit*, nothing pending; afterwards only [#close].
  public void seal() throws IOException {
    end(writing, 0);
  }

  /// Takes over a segment of an earlier run, and makes durable what was read from it.
  ///
  /// That it could be read does not mean that it is on the disk: the sync of the run before may
  /// never have come, or have failed, and after a failed one the system holds the bytes for
  /// written. So what no frame attests to be synced is written again.
  ///
  /// @param following ends the segment where its last whole frame ends, naming the first segment of
  ///   this log as the one that follows; 0 to leave its end as it is
  void adopt(LogRecovery.Recovered found, long following) throws IOException {
    LogSegment segment = LogSegment.reopen(disk, found.path(), found.number(), found.validEnd());
    try (var file = segment.file) {
      long end = found.validEnd() + (found.ended() ? LogLayout.FRAME_HEADER_BYTES : 0);
      var unsure = ByteBuffer.allocate(Math.toIntExact(end - found.attested()));
      file.read(found.attested(), unsure);
      file.write(found.attested(), unsure.flip());
      file.sync();
      if (following != 0) {
        segment.synced = found.validEnd();
        file.write(found.validEnd(), LogGroup.marker(segment, true, following));
        file.sync();
      }
    }
    segment.lastSequence = found.lastSequence();
    byteCount += segment.byteCount;
    synchronized (this) {
      sealed.add(segment);
    }
  }

  /// Number of the segment that is written first.
  long firstNumber() {
    return writing.number;
  }

  /// Takes the space of the next segment. Blocks; at most one call works at a time.
  ///
  /// @return whether there is space now
  public boolean prepare() {
    long bytes;
    Path old;
    long number;
    synchronized (this) {
      if (preparing) {
        return false;
      }
      if (next != null && next.byteCount >= wantedBytes) {
        return true;
      }
      preparing = true;
      bytes = Math.max(segmentBytes, wantedBytes);
      old = bytes == segmentBytes ? free.pollFirst() : null;
      number = nextNumber++;
    }
    LogSegment made = null;
    IOException failure = null;
    try {
      made =
          old != null
              ? LogSegment.recycle(disk, directory, old, number)
              : LogSegment.create(disk, directory, number, bytes);
    } catch (IOException e) {
      failure = e;
    }
    LogSegment displaced = null;
    synchronized (this) {
      preparing = false;
      prepareFailure = failure;
      if (made != null) {
        displaced = next;
        next = made;
        wantedBytes = 0;
        if (old == null) {
          byteCount += made.byteCount;
        }
      }
    }
    if (displaced != null) {
      discard(displaced);
    }
    return made != null;
  }

  /// Why the last [#prepare] failed; null when it did not.
  public synchronized @Nullable IOException prepareFailure() {
    return prepareFailure;
  }

  /// Segments before number `oldest`, where recovery begins by the manifest in force, are kept for
  /// reuse or deleted. Any thread.
  public void release(long oldest) throws IOException {
    List<Path> deletable = new ArrayList<>();
    synchronized (this) {
      while (!sealed.isEmpty() && sealed.getFirst().number < oldest) {
        LogSegment obsolete = sealed.removeFirst();
        if (obsolete.byteCount == segmentBytes && free.size() < FREE_FILES_MAX) {
          free.addLast(obsolete.path);
        } else {
          deletable.add(obsolete.path);
          byteCount -= obsolete.byteCount;
        }
      }
    }
    for (Path path : deletable) {
      disk.delete(path);
    }
  }

  /// The oldest segment that recovery needs once everything up to `flushedSequence` is in tables.
  /// Any thread.
  public synchronized long oldestNumber(long flushedSequence) {
    for (LogSegment segment : sealed) {
      if (segment.lastSequence > flushedSequence) {
        return segment.number;
      }
    }
    return writing.number;
  }

  /// Bytes of segment files.
  public long byteCount() {
    return byteCount;
  }

  @Override
  public void close() throws IOException {
    List<LogSegment> open;
    synchronized (this) {
      open = new ArrayList<>(unsealed);
      unsealed.clear();
      if (next != null) {
        open.add(next);
        next = null;
      }
    }
    for (LogSegment segment : open) {
      segment.file.close();
    }
  }

  private void endActive(LogSegment following, long sequence) {
    // An empty group tells the writer of the change even when nothing else is pending.
    LogGroup change = new LogGroup(following, following.placed, sequence, new byte[24]);
    pending.groups.add(change);
    open = null;
    active = following;
  }

  /// @param following number of the next segment, 0 when the log is closed
  private void end(LogSegment segment, long following) throws IOException {
    sync();
    segment.file.write(segment.written, LogGroup.marker(segment, true, following));
    segment.file.sync();
    segment.file.close();
    synchronized (this) {
      unsealed.remove(segment);
      sealed.add(segment);
    }
  }

  private synchronized @Nullable LogSegment takeNext(int frameBytes) {
    LogSegment prepared = next;
    if (prepared == null || frameBytes > prepared.room()) {
      return null;
    }
    next = null;
    unsealed.add(prepared);
    return prepared;
  }

  private synchronized Placement outOfSpace(int frameBytes) {
    long needed = frameBytes + LogLayout.FILE_HEADER_BYTES + LogLayout.FRAME_HEADER_BYTES;
    if (needed > segmentBytes) {
      wantedBytes = Math.max(wantedBytes, needed);
    }
    return prepareFailure instanceof DiskFullException
        ? Placement.DISK_FULL
        : Placement.NEEDS_SPACE;
  }

  private void discard(LogSegment unused) {
    try {
      unused.file.close();
      disk.delete(unused.path);
      byteCount -= unused.byteCount;
    } catch (IOException leftForRecovery) {
      // An empty segment that stays is found empty by the next recovery and deleted there.
    }
  }
}
