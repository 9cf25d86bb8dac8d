package dev.henge.consensus.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Invariant;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns the requests of one round into frames, and keeps each group's [WrittenLog] in step.
///
/// Appends of one group that follow each other become one frame. Where a term, a vote, a mark or a
/// configuration changes, the state is said twice, in different pages.
///
/// - Threads: the log thread's.
class RoundWriter {
  /// A frame that grew beyond this is ended before the next entry.
  private static final int FRAME_BYTES = 1 << 20;

  /// What a round takes at most besides its requests: padding, and where the log begins.
  static final long ROUND_BYTES =
      LogLayout.PAGE_BYTES + LogLayout.FRAME_HEADER_BYTES + LogLayout.OLDEST_FRAME_BYTES;

  final FrameBuffer buffer = new FrameBuffer();
  private final SegmentFiles files;
  private final LinkedHashSet<GroupLog> copied = new LinkedHashSet<>();
  private final List<Moved> moved = new ArrayList<>();
  private boolean headCopied;
  private long segment;

  // the frame of entries under way
  private boolean open;
  private long frameFirst;
  private long frameLast;
  private long frameLastTerm;
  private int frameCount;

  /// Entries of a rewrite, which are read where they were until they are written.
  private record Moved(
      GroupLog group, long first, long last, long term, long segment, int offset, int bytes) {}

  RoundWriter(SegmentFiles files) {
    this.files = files;
  }

  /// Begins the frames of a round behind what is written of `active`.
  void begin(LogSegment active) {
    segment = active.number;
    buffer.begin(active.number, active.written, active.synced);
    copied.clear();
    moved.clear();
    headCopied = false;
  }

  /// What a segment begins with: all that must be known without the segments before it.
  void head(long oldest, Collection<GroupLog> groups) {
    buffer.head(oldest, groups.stream().map(GroupLog::id).toList());
    for (GroupLog group : groups) {
      state(group);
    }
    headCopied = true;
  }

  /// Bytes that [#head] and its copy take at most; room for groups founded meanwhile is within.
  static long headBytes(Collection<GroupLog> groups) {
    long bytes = 2L * (LogLayout.FRAME_HEADER_BYTES + 8) + LogLayout.PAGE_BYTES;
    for (GroupLog group : groups) {
      bytes += 2L * (8 + FrameBuffer.stateBytes(group.written.mark));
    }
    return bytes;
  }

  /// Bytes that `request` takes at most.
  static long bytes(Request request) {
    return switch (request) {
      case Request.Append append ->
          append.bytes()
              + (1 + append.bytes() / FRAME_BYTES)
                  * (LogLayout.frameBytes(LogLayout.ENTRIES_START) + 8)
              + (append.hardState() == null
                  ? 0
                  : 2L * FrameBuffer.stateBytes(append.group().written.mark));
      case Request.Begin begin -> 2L * FrameBuffer.stateBytes(begin.mark());
      case Request.Reset reset -> 2L * FrameBuffer.stateBytes(reset.mark());
      case Request.Rewrite rewrite ->
          rewrite.bytes() + 2L * FrameBuffer.stateBytes(rewrite.group().written.mark);
      case Request.Remove remove -> LogLayout.frameBytes(8);
      case Request.Sync sync -> 0;
    };
  }

  /// Writes what the round brought for one group.
  void group(GroupLog group) throws IOException {
    if (group.removed) {
      return;
    }
    List<Entry> old = null;
    for (Request request : group.round) {
      if (request instanceof Request.Rewrite) {
        // The disk is read before others have to wait for the group.
        old = entries(group.written);
      }
    }
    synchronized (group) {
      WrittenLog written = group.written;
      boolean said = true;
      HardState state = finalState(group);
      if (changes(written.hardState, state)) {
        said = false;
        copied.add(group);
      }
      written.hardState = state;
      for (Request request : group.round) {
        if (group.removed) {
          break;
        }
        if (request instanceof Request.Append append) {
          said |= append(group, append);
          continue;
        }
        finishFrame(group);
        switch (request) {
          case Request.Begin begin -> {
            if (begin.mark().index() >= written.mark.index()) {
              written.beginAt(begin.mark());
            }
            written.recovering = begin.recovering();
            state(group);
            said = true;
          }
          case Request.Reset reset -> {
            written.restartAt(reset.mark());
            state(group);
            said = true;
          }
          case Request.Remove remove -> {
            buffer.remove(group.id());
            copied.remove(group);
            group.removed = true;
          }
          case Request.Rewrite rewrite -> {
            if (old != null) {
              rewrite(group, old);
              said = true;
            }
          }
          case Request.Append append -> throw new IllegalStateException("seen above");
          case Request.Sync sync -> throw new IllegalStateException("a sync has no group");
        }
      }
      finishFrame(group);
      if (!said && !group.removed) {
        state(group);
      }
    }
  }

  /// Says again, in another page, what must survive damage to one copy.
  void copies(long oldest, Collection<GroupLog> groups) {
    if (copied.isEmpty() && !headCopied) {
      return;
    }
    buffer.padToPage();
    if (headCopied) {
      buffer.head(oldest, groups.stream().map(GroupLog::id).toList());
    }
    for (GroupLog group : copied) {
      stateFrame(group);
    }
  }

  /// The last hard state that the round brings; a seam for tests that plant a bug here.
  HardState finalState(GroupLog group) {
    HardState state = group.written.hardState;
    for (Request request : group.round) {
      if (request instanceof Request.Append append && append.hardState() != null) {
        state = append.hardState();
      }
    }
    return state;
  }

  private static boolean changes(HardState before, HardState after) {
    return before.term() != after.term() || before.vote() != after.vote();
  }

  private boolean append(GroupLog group, Request.Append append) {
    WrittenLog written = group.written;
    boolean any = false;
    long previousTerm = append.previousTerm();
    for (Entry entry : append.entries()) {
      Invariant.check(entry.index() > written.mark.index(), "entries are behind the mark");
      if (!open || entry.index() != frameLast + 1 || buffer.frameLength() > FRAME_BYTES) {
        finishFrame(group);
        buffer.beginEntries(group.id(), written.hardState, entry.index() - 1, previousTerm);
        open = true;
        frameFirst = entry.index();
        frameCount = 0;
      }
      buffer.addEntry(entry);
      frameCount++;
      frameLast = entry.index();
      frameLastTerm = entry.term();
      previousTerm = entry.term();
      any = true;
    }
    return any;
  }

  private void finishFrame(GroupLog group) {
    if (open) {
      open = false;
      int offset = (int) buffer.frameOffset();
      int bytes = buffer.finish(frameCount);
      group.written.add(frameFirst, frameLast, frameLastTerm, segment, offset, bytes);
    }
  }

  /// All entries of a log from the files; null when they could not be read.
  private @Nullable List<Entry> entries(WrittenLog written) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long from = written.mark.index() + 1;
    for (WrittenLog.Place place : written.places(from, written.lastIndex, Long.MAX_VALUE)) {
      LogSegment source = files.pin(place.segment());
      if (source == null) {
        return null;
      }
      try {
        FrameReader.read(source, place, from, written.lastIndex, entries);
      } catch (CorruptionException damaged) {
        return null;
      } finally {
        files.unpin(source);
      }
    }
    return entries;
  }

  private void rewrite(GroupLog group, List<Entry> entries) {
    WrittenLog written = group.written;
    entries.removeIf(entry -> entry.index() <= written.mark.index());
    buffer.beginState(
        LogLayout.REWRITE,
        group.id(),
        written.hardState,
        written.lastIndex,
        written.lastTerm,
        written.recovering,
        written.mark);
    entries.forEach(buffer::addEntry);
    int offset = (int) buffer.frameOffset();
    int bytes = buffer.finish(entries.size());
    if (!entries.isEmpty()) {
      Entry last = entries.getLast();
      long first = entries.getFirst().index();
      moved.add(new Moved(group, first, last.index(), last.term(), segment, offset, bytes));
    }
  }

  /// The round is written: its rewrites are read from there from now on.
  void moveRewritten() {
    for (Moved one : moved) {
      GroupLog group = one.group;
      synchronized (group) {
        if (one.last > group.written.mark.index()) {
          group.written.add(one.first, one.last, one.term, one.segment, one.offset, one.bytes);
          // A frame that the mark cuts is kept for the part behind it, which has moved.
          group.written.beginAt(group.written.mark);
        }
      }
    }
    moved.clear();
  }

  private void state(GroupLog group) {
    stateFrame(group);
    copied.add(group);
  }

  private void stateFrame(GroupLog group) {
    WrittenLog written = group.written;
    buffer.beginState(
        LogLayout.STATE,
        group.id(),
        written.hardState,
        written.lastIndex,
        written.lastTerm,
        written.recovering,
        written.mark);
    buffer.finish(0);
  }
}
