package dev.henge.consensus.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.LittleEndian;
import dev.henge.consensus.raft.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Reads one frame of entries back from a live segment.
final class FrameReader {
  private FrameReader() {}

  /// Adds the frame's entries from `from` to `to`, as far as they count, to `found`.
  ///
  /// @throws CorruptionException when the frame is not what was written
  static void read(
      LogSegment segment, WrittenLog.Place place, long from, long to, List<Entry> found)
      throws IOException {
    var bytes = new byte[place.bytes()];
    int there = segment.file.read(place.offset(), ByteBuffer.wrap(bytes));
    int payloadBytes =
        there < LogLayout.FRAME_HEADER_BYTES
            ? -1
            : LittleEndian.getInt(bytes, LogLayout.FRAME_LENGTH);
    if (payloadBytes < LogLayout.ENTRIES_START
        || payloadBytes > there - LogLayout.FRAME_HEADER_BYTES
        || LittleEndian.getInt(bytes, LogLayout.FRAME_CRC)
            != LogLayout.frameCrc(bytes, 0, payloadBytes, segment.number, place.offset())) {
      throw new CorruptionException(
          segment.path.toString(), place.offset(), "a whole frame expected, found a broken one");
    }
    int payload = LogLayout.FRAME_HEADER_BYTES;
    boolean rewrite = LittleEndian.getInt(bytes, LogLayout.FRAME_KIND) == LogLayout.REWRITE;
    int at = payload + LogLayout.ENTRIES_START;
    long index = LittleEndian.getLong(bytes, payload + LogLayout.PREVIOUS_INDEX);
    if (rewrite) {
      at = GroupFrame.rewriteEntries(bytes, payload);
      index = LittleEndian.getLong(bytes, payload + LogLayout.MARK_INDEX);
    }
    long last = Math.min(to, place.last());
    int count = LittleEndian.getInt(bytes, LogLayout.FRAME_COUNT);
    for (int i = 0; i < count && index < last; i++) {
      index++;
      if (index >= from) {
        found.add(GroupFrame.entry(bytes, at, index));
      }
      at += GroupFrame.entryBytes(bytes, at);
    }
  }
}
