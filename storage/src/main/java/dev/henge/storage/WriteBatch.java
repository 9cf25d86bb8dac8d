package dev.henge.storage;

import dev.henge.base.Invariant;
import java.util.Arrays;

/// Puts, deletions and range deletions that happen together or not at all.
///
/// - Shape: operations one after another in one array, in the form in which the log stores them
///   (persisted: never renumber): kind (1), then for a put `varint key length, key, varint value
///   length, value`, for a deletion `varint key length, key`, for a range deletion `varint start
///   length, start, varint end length, end`.
/// - Errors: [IllegalArgumentException] for a key above [#KEY_BYTES_MAX]; the batch is as before.
/// - Threads: one at a time. Reusable after [#clear].
public final class WriteBatch {
  /// Kinds of operation. Persisted: never renumber.
  public static final byte DELETE = 0;

  public static final byte PUT = 1;
  public static final byte DELETE_RANGE = 2;

  /// Longest key: engines keep its length in 24 bits.
  public static final int KEY_BYTES_MAX = (1 << 24) - 1;

  private byte[] bytes;
  private int length;
  private int count;

  public WriteBatch() {
    this(256);
  }

  public WriteBatch(int initialBytes) {
    bytes = new byte[initialBytes];
  }

  /// Sets `key` to `value`; both are copied.
  public WriteBatch put(byte[] key, byte[] value) {
    check(key);
    begin(PUT, key.length + value.length);
    append(key);
    append(value);
    return this;
  }

  /// Removes `key`, present or not.
  public WriteBatch delete(byte[] key) {
    check(key);
    begin(DELETE, key.length);
    append(key);
    return this;
  }

  /// Removes every key from `start`, inclusive, to `end`, exclusive.
  public WriteBatch deleteRange(byte[] start, byte[] end) {
    Invariant.check(Arrays.compareUnsigned(start, end) < 0, "a range ends after its start");
    check(start);
    check(end);
    begin(DELETE_RANGE, start.length + end.length);
    append(start);
    append(end);
    return this;
  }

  /// Adds all operations of `other` behind those here.
  public WriteBatch append(WriteBatch other) {
    ensure(other.length);
    System.arraycopy(other.bytes, 0, bytes, length, other.length);
    length += other.length;
    count += other.count;
    return this;
  }

  public void clear() {
    length = 0;
    count = 0;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /// Number of operations.
  public int count() {
    return count;
  }

  /// Bytes of the encoded form.
  public int byteCount() {
    return length;
  }

  /// The encoded form, valid in `[0, byteCount())`; borrowed until the batch changes.
  public byte[] array() {
    return bytes;
  }

  /// Calls `visitor` for each operation in order.
  public void forEach(Visitor visitor) {
    int position = 0;
    while (position < length) {
      byte kind = bytes[position++];
      int firstLength = varint(position);
      int first = position + varintBytes(firstLength);
      position = first + firstLength;
      if (kind == DELETE) {
        visitor.delete(copy(first, firstLength));
        continue;
      }
      int secondLength = varint(position);
      int second = position + varintBytes(secondLength);
      position = second + secondLength;
      if (kind == PUT) {
        visitor.put(copy(first, firstLength), copy(second, secondLength));
      } else {
        visitor.deleteRange(copy(first, firstLength), copy(second, secondLength));
      }
    }
  }

  /// Sees the operations of a batch, as copies.
  public interface Visitor {
    void put(byte[] key, byte[] value);

    void delete(byte[] key);

    void deleteRange(byte[] start, byte[] end);
  }

  private byte[] copy(int offset, int count) {
    return Arrays.copyOfRange(bytes, offset, offset + count);
  }

  private int varint(int position) {
    int result = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[position++];
      result |= (next & 0x7f) << shift;
      if (next >= 0) {
        return result;
      }
    }
  }

  private static int varintBytes(int value) {
    return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
  }

  private static void check(byte[] key) {
    if (key.length > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a key of " + key.length + " bytes; at most " + KEY_BYTES_MAX + " are allowed");
    }
  }

  private void begin(byte kind, int payloadBytes) {
    ensure(11 + payloadBytes);
    bytes[length++] = kind;
    count++;
  }

  private void append(byte[] part) {
    int rest = part.length;
    while (rest > 0x7f) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    System.arraycopy(part, 0, bytes, length, part.length);
    length += part.length;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      long wanted = Math.max(bytes.length * 2L, (long) length + more);
      Invariant.check((long) length + more <= Integer.MAX_VALUE - 16, "a batch is below 2 GiB");
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
    }
  }
}
