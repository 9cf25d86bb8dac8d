package dev.henge.storage.lsm.log;

import dev.henge.base.CorruptionException;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.util.Arrays;

/// Decodes the operations of a frame with every length checked: for tools, which trust nothing.
final class LogOperations {
  private final byte[] bytes;
  private final int end;
  private final String file;
  private int position;

  private LogOperations(byte[] bytes, int offset, int end, String file) {
    this.bytes = bytes;
    this.position = offset;
    this.end = end;
    this.file = file;
  }

  interface Visitor {
    /// @param offset where the operation begins in `bytes`
    /// @param end where it ends
    /// @param kind one of those of [WriteBatch]
    /// @param first key, or start of the range
    /// @param second value, or end of the range; empty for a deletion
    void operation(long sequence, int offset, int end, byte kind, byte[] first, byte[] second)
        throws IOException;
  }

  /// @param offset of the payload in `bytes`, which is the whole file
  /// @return the number of the last operation
  static long visit(
      String file, byte[] bytes, int offset, int end, long firstSequence, Visitor visitor)
      throws IOException {
    var operations = new LogOperations(bytes, offset, end, file);
    long sequence = firstSequence;
    while (operations.position < end) {
      operations.visitOne(sequence, visitor);
      sequence++;
    }
    return sequence - 1;
  }

  private void visitOne(long sequence, Visitor visitor) throws IOException {
    int start = position;
    byte kind = bytes[position++];
    if (kind != WriteBatch.PUT && kind != WriteBatch.DELETE && kind != WriteBatch.DELETE_RANGE) {
      throw new CorruptionException(file, start, "a kind of operation expected, found " + kind);
    }
    byte[] first = slice();
    byte[] second = kind == WriteBatch.DELETE ? new byte[0] : slice();
    visitor.operation(sequence, start, position, kind, first, second);
  }

  private byte[] slice() throws CorruptionException {
    int start = position;
    long length = 0;
    for (int shift = 0; position < end && shift < 35; shift += 7) {
      byte next = bytes[position++];
      length |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        if (length > end - position) {
          break;
        }
        byte[] slice = Arrays.copyOfRange(bytes, position, position + (int) length);
        position += (int) length;
        return slice;
      }
    }
    throw new CorruptionException(
        file, start, "a length and as many bytes expected, found the end of the frame");
  }
}
