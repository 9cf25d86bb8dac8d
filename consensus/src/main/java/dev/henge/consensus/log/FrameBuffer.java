package dev.henge.consensus.log;

import dev.henge.base.LittleEndian;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SortedSet;

/// Frames that go to one place of one segment with one write.
///
/// - Threads: the log thread's.
final class FrameBuffer {
  private static final int KEPT_BYTES = 8 << 20;

  private byte[] bytes = new byte[64 << 10];
  private int length;
  private int frame;
  private long number;
  private long base;
  private long synced;

  /// Begins anew: the first frame stands at `base` of segment `number`.
  ///
  /// @param synced what is known to be durable of that segment
  void begin(long number, long base, long synced) {
    this.number = number;
    this.base = base;
    this.synced = synced;
    this.length = 0;
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[64 << 10];
    }
  }

  boolean isEmpty() {
    return length == 0;
  }

  int length() {
    return length;
  }

  /// Where the next frame will stand in the segment.
  long offset() {
    return base + length;
  }

  ByteBuffer content() {
    return ByteBuffer.wrap(bytes, 0, length);
  }

  /// Begins a frame of entries; [#addEntry] and [#finish] follow.
  void beginEntries(long group, HardState state, long previousIndex, long previousTerm) {
    beginFrame(LogLayout.ENTRIES);
    putLong(group);
    putState(state);
    putLong(previousIndex);
    putLong(previousTerm);
  }

  void addEntry(Entry entry) {
    byte[] content = entry.bytes();
    int start = length;
    grow(LogLayout.ENTRY_HEADER_BYTES + content.length);
    LittleEndian.putInt(bytes, start + LogLayout.ENTRY_LENGTH, content.length);
    LittleEndian.putInt(bytes, start + LogLayout.ENTRY_KIND, entry.kind().code());
    LittleEndian.putLong(bytes, start + LogLayout.ENTRY_TERM, entry.term());
    System.arraycopy(content, 0, bytes, start + LogLayout.ENTRY_HEADER_BYTES, content.length);
  }

  /// Where the frame begun last stands in the segment.
  long frameOffset() {
    return base + frame;
  }

  /// What the frame begun last takes so far.
  int frameLength() {
    return length - frame;
  }

  /// Ends the frame begun last.
  ///
  /// @return bytes it takes
  int finish(int count) {
    int payload = length - frame - LogLayout.FRAME_HEADER_BYTES;
    int padded = LogLayout.frameBytes(payload);
    grow(frame + padded - length);
    LittleEndian.putInt(bytes, frame + LogLayout.FRAME_LENGTH, payload);
    LittleEndian.putInt(bytes, frame + LogLayout.FRAME_SEGMENT, (int) number);
    LittleEndian.putInt(bytes, frame + LogLayout.FRAME_SYNCED, (int) synced);
    LittleEndian.putInt(bytes, frame + LogLayout.FRAME_COUNT, count);
    LittleEndian.putInt(
        bytes,
        frame + LogLayout.FRAME_CRC,
        LogLayout.frameCrc(bytes, frame, payload, number, base + frame));
    return padded;
  }

  /// Begins the frame that says all of a group but its entries; kind [LogLayout#STATE], or
  /// [LogLayout#REWRITE] with the entries behind it.
  void beginState(
      int kind,
      long group,
      HardState state,
      long lastIndex,
      long lastTerm,
      boolean recovering,
      SnapshotMark mark) {
    beginFrame(kind);
    putLong(group);
    putState(state);
    putLong(lastIndex);
    putLong(lastTerm);
    putLong(recovering ? LogLayout.RECOVERING_FLAG : 0);
    putLong(mark.index());
    putLong(mark.term());
    Configuration configuration = mark.configuration();
    putLong(configuration.voters().size() | (long) configuration.outgoing().size() << 32);
    putLong(configuration.learners().size());
    putAll(configuration.voters());
    putAll(configuration.outgoing());
    putAll(configuration.learners());
  }

  void remove(long group) {
    beginFrame(LogLayout.REMOVE);
    putLong(group);
    finish(0);
  }

  /// @param groups ids of all groups that have a log
  void head(long oldest, Iterable<Long> groups) {
    beginFrame(LogLayout.HEAD);
    putLong(oldest);
    int count = 0;
    for (long group : groups) {
      putLong(group);
      count++;
    }
    finish(count);
  }

  void oldest(long oldest) {
    beginFrame(LogLayout.OLDEST);
    putLong(oldest);
    finish(0);
  }

  void end(boolean closed) {
    beginFrame(LogLayout.END);
    finish(closed ? 1 : 0);
  }

  /// Fills up so that the next frame begins in another page than the last one ended in.
  void padToPage() {
    int rest = (int) (LogLayout.PAGE_BYTES - offset() % LogLayout.PAGE_BYTES);
    beginFrame(LogLayout.PADDING);
    int payload = rest - LogLayout.FRAME_HEADER_BYTES;
    grow(payload >= 0 ? payload : payload + LogLayout.PAGE_BYTES);
    finish(0);
  }

  /// Bytes of a state frame.
  static int stateBytes(SnapshotMark mark) {
    Configuration configuration = mark.configuration();
    int members =
        configuration.voters().size()
            + configuration.outgoing().size()
            + configuration.learners().size();
    return LogLayout.frameBytes(LogLayout.MEMBERS_START + 8 * members);
  }

  private void beginFrame(int kind) {
    frame = length;
    grow(LogLayout.FRAME_HEADER_BYTES);
    LittleEndian.putInt(bytes, frame + LogLayout.FRAME_KIND, kind);
  }

  private void putState(HardState state) {
    putLong(state.term());
    putLong(state.vote());
    putLong(state.commit());
  }

  private void putAll(SortedSet<Long> members) {
    for (long member : members) {
      putLong(member);
    }
  }

  private void putLong(long value) {
    int position = length;
    grow(8);
    LittleEndian.putLong(bytes, position, value);
  }

  /// Adds zeros.
  private void grow(int count) {
    int wanted = length + count;
    if (wanted > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(wanted, bytes.length * 2));
    }
    Arrays.fill(bytes, length, wanted, (byte) 0);
    length = wanted;
  }
}
