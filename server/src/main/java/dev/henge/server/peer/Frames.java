package dev.henge.server.peer;

import dev.henge.base.LittleEndian;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Cuts a stream of bytes into frames: length, checksum, payload (FORMAT.md).
///
/// - Memory: a frame's array grows with what has arrived, never by what a header claims.
/// - Threads: one instance for one direction of one connection, used by its event thread.
final class Frames {
  /// What both sides send first: whoever speaks another protocol is found out at once.
  static final byte[] PREAMBLE = "HENGE/P\n".getBytes(StandardCharsets.US_ASCII);

  /// Bytes before the payload.
  static final int HEADER_BYTES = 8;

  private static final int FIRST_BYTES = 16 << 10;
  private static final byte[] NONE = {};

  /// Takes one frame's payload.
  interface Sink {
    /// @param payload of the frame: its first `length` bytes, owned by the receiver
    void frame(byte[] payload, int length) throws BadFrameException;
  }

  private final byte[] header = new byte[HEADER_BYTES];
  private int bytesMax;
  private boolean begun;
  private int headerCount;
  private byte[] payload = NONE;
  private int payloadCount;

  /// @param bytesMax longest payload
  Frames(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /// From the next frame on.
  void bytesMax(int bytes) {
    bytesMax = bytes;
  }

  /// Makes a frame of `frame`, in which the payload stands behind [#HEADER_BYTES].
  static byte[] seal(byte[] frame) {
    int length = frame.length - HEADER_BYTES;
    LittleEndian.putInt(frame, 0, length);
    LittleEndian.putInt(frame, 4, checksum(frame, 0, frame, HEADER_BYTES, length));
    return frame;
  }

  /// Takes all bytes of `in`; complete frames go to `sink`.
  void read(ByteBuffer in, Sink sink) throws BadFrameException {
    while (in.hasRemaining()) {
      if (headerCount < HEADER_BYTES) {
        int part = Math.min(HEADER_BYTES - headerCount, in.remaining());
        in.get(header, headerCount, part);
        headerCount += part;
        if (headerCount == HEADER_BYTES) {
          headed();
        }
      } else {
        body(in);
      }
      if (begun && headerCount == HEADER_BYTES && payloadCount == length()) {
        complete(sink);
      }
    }
  }

  private void headed() throws BadFrameException {
    if (!begun) {
      if (!Arrays.equals(header, PREAMBLE)) {
        throw new BadFrameException("the other side does not speak Henge's protocol for peers");
      }
      begun = true;
      headerCount = 0;
      return;
    }
    if (length() < 0 || length() > bytesMax) {
      throw new BadFrameException(
          "a frame of %d bytes, at most %d are allowed"
              .formatted(Integer.toUnsignedLong(length()), bytesMax));
    }
    payload = NONE;
    payloadCount = 0;
  }

  private void body(ByteBuffer in) {
    int wanted = Math.min(length() - payloadCount, in.remaining());
    if (payloadCount + wanted > payload.length) {
      int twice = Math.max(FIRST_BYTES, 2 * payload.length);
      int size = Math.min(length(), Math.max(twice, payloadCount + wanted));
      payload = Arrays.copyOf(payload, size);
    }
    in.get(payload, payloadCount, wanted);
    payloadCount += wanted;
  }

  private void complete(Sink sink) throws BadFrameException {
    int expected = LittleEndian.getInt(header, 4);
    int found = checksum(header, 0, payload, 0, payloadCount);
    if (expected != found) {
      throw new BadFrameException(
          "a damaged frame: checksum %08x, expected %08x".formatted(found, expected));
    }
    byte[] whole = payload;
    int length = payloadCount;
    headerCount = 0;
    payload = NONE;
    payloadCount = 0;
    sink.frame(whole, length);
  }

  private int length() {
    return LittleEndian.getInt(header, 0);
  }

  /// Of the length in the header, and the payload.
  private static int checksum(byte[] head, int headOffset, byte[] bytes, int offset, int length) {
    var crc = new CRC32C();
    crc.update(head, headOffset, 4);
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
