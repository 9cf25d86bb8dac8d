package dev.henge.storage.lsm.log;

import dev.henge.base.LittleEndian;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Batches that go to the log as one frame: its place in a segment, and its bytes with room for the
/// header in front.
///
/// - Threads: filled under the append lock, written under the commit lock.
final class LogGroup {
  final LogSegment segment;
  final long offset;
  final long firstSequence;
  long lastSequence;
  boolean endsSegment;
  private byte[] bytes;
  private int length = LogLayout.FRAME_HEADER_BYTES;

  LogGroup(LogSegment segment, long offset, long firstSequence, byte[] buffer) {
    this.segment = segment;
    this.offset = offset;
    this.firstSequence = firstSequence;
    this.bytes = buffer;
  }

  void add(byte[] batch, int count) {
    if (bytes.length - length < count + 8) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count + 8));
    }
    System.arraycopy(batch, 0, bytes, length, count);
    length += count;
  }

  int payloadBytes() {
    return length - LogLayout.FRAME_HEADER_BYTES;
  }

  int frameBytes() {
    return LogLayout.frameBytes(payloadBytes());
  }

  /// The array, for the next group.
  byte[] buffer() {
    return bytes;
  }

  /// The finished frame.
  ByteBuffer frame(long syncedOffset) {
    int total = frameBytes();
    Arrays.fill(bytes, length, total, (byte) 0);
    writeHeader(bytes, payloadBytes(), payloadBytes(), segment.number, syncedOffset, firstSequence);
    return ByteBuffer.wrap(bytes, 0, total);
  }

  /// A frame without operations: only attests what is synced, or ends the segment too.
  static ByteBuffer marker(LogSegment segment, boolean end, long sequence) {
    var header = new byte[LogLayout.FRAME_HEADER_BYTES];
    writeHeader(header, 0, end ? LogLayout.END_FLAG : 0, segment.number, segment.synced, sequence);
    return ByteBuffer.wrap(header);
  }

  private static void writeHeader(
      byte[] target, int payload, int lengthField, long number, long synced, long sequence) {
    LittleEndian.putInt(target, LogLayout.FRAME_LENGTH, lengthField);
    LittleEndian.putInt(target, LogLayout.FRAME_SEGMENT, (int) number);
    LittleEndian.putInt(target, LogLayout.FRAME_SYNCED, (int) synced);
    LittleEndian.putLong(target, LogLayout.FRAME_SEQUENCE, sequence);
    LittleEndian.putInt(target, LogLayout.FRAME_CRC, LogLayout.frameCrc(target, 0, payload));
  }
}
