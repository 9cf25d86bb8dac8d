package dev.henge.data.codec;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads what a [CodecWriter] wrote; trusts nothing of it.
///
/// - Shape: allocates no more than a small multiple of the bytes that are there, whatever lengths
///   and counts they claim.
/// - Errors: [CorruptionException] for what cannot have been written so, [FormatException] for
///   numbers that a newer program may have written.
/// - Threads: one. The array is borrowed; byte strings are copied out of it.
public final class CodecReader {
  private final String what;
  private final byte[] bytes;
  private final int start;
  private final int end;
  private int position;

  /// @param what is read, for errors
  public CodecReader(String what, byte[] bytes) {
    this(what, bytes, 0, bytes.length);
  }

  public CodecReader(String what, byte[] bytes, int offset, int length) {
    this.what = what;
    this.bytes = bytes;
    this.start = offset;
    this.end = offset + length;
    this.position = offset;
  }

  /// A byte, 0-255.
  public int one() throws CorruptionException {
    if (position == end) {
      throw damaged("it ends too early");
    }
    return bytes[position++] & 0xff;
  }

  /// Facts in one byte, of which `count` may be set.
  public int flags(int count) throws FormatException, CorruptionException {
    int value = one();
    if (value >>> count != 0) {
      throw unknown("flags", value);
    }
    return value;
  }

  public long varint() throws CorruptionException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = one();
      if (shift == 63 && next > 1) {
        break;
      }
      value |= (next & 0x7fL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw damaged("a number has more than 64 bits");
  }

  public long signed() throws CorruptionException {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  /// A number from `least` to `most`, written as varint.
  public int between(int least, int most) throws CorruptionException {
    long value = varint();
    if (value < least || value > most) {
      throw damaged("a number is " + value + ", not from " + least + " to " + most);
    }
    return (int) value;
  }

  /// As [#between], written as a signed number.
  public int signedBetween(int least, int most) throws CorruptionException {
    long value = signed();
    if (value < least || value > most) {
      throw damaged("a number is " + value + ", not from " + least + " to " + most);
    }
    return (int) value;
  }

  /// How many of something follow, each of at least a byte.
  public int count() throws CorruptionException {
    long count = varint();
    if (count < 0 || count > remaining()) {
      throw damaged("it claims to hold " + Long.toUnsignedString(count) + " more of something");
    }
    return (int) count;
  }

  public byte[] bytes() throws CorruptionException {
    return raw(count());
  }

  /// So many bytes, without a length before them.
  public byte[] raw(int count) throws CorruptionException {
    if (count > remaining()) {
      throw damaged("it ends too early");
    }
    position += count;
    return Arrays.copyOfRange(bytes, position - count, position);
  }

  public String text() throws CorruptionException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  public List<byte[]> bytesList() throws CorruptionException {
    int count = count();
    List<byte[]> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(bytes());
    }
    return list;
  }

  public int remaining() {
    return end - position;
  }

  /// Nothing may follow.
  public void end() throws CorruptionException {
    if (position != end) {
      throw damaged(remaining() + " bytes follow its end");
    }
  }

  /// The first byte of a format that knows one version.
  public void version(int known) throws FormatException, CorruptionException {
    int found = one();
    if (found != known) {
      throw unknown("format version", found);
    }
  }

  /// What cannot have been written so.
  public CorruptionException damaged(String found) {
    return new CorruptionException(what, position - start, found);
  }

  /// What a newer program may have written.
  public FormatException unknown(String field, int found) {
    return new FormatException(
        "%s: %s %d is not known to this program: a newer version of Henge wrote it; use that one"
            .formatted(what, field, found));
  }
}
