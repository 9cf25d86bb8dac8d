package dev.henge.storage.lsm.table;

import java.util.Arrays;

/// Walks entries of one source in order: key ascending as unsigned bytes, then trailer descending,
/// so that the newest version of a key comes first.
///
/// The current entry stands in fields, because a merge compares them far more often than it moves:
/// the key in `key[0, keyLength)` (reused by the next move), the trailer beside it.
///
/// - Trailer: `sequence << 1 | kind`, kind 1 for a put, 0 for a deletion. Persisted: never change.
/// - Threads: one at a time.
public abstract class InternalCursor implements AutoCloseable {
  /// The largest trailer: before every entry of its key.
  public static final long TRAILER_MAX = Long.MAX_VALUE;

  public byte[] key = new byte[64];
  public int keyLength;
  public long trailer;
  protected boolean valid;

  public static long trailer(long sequence, int kind) {
    return sequence << 1 | kind;
  }

  public static long sequence(long trailer) {
    return trailer >>> 1;
  }

  public static boolean isPut(long trailer) {
    return (trailer & 1) != 0;
  }

  /// Compares entries; the newer one of the same key comes first.
  public static int compare(
      byte[] left,
      int leftLength,
      long leftTrailer,
      byte[] right,
      int rightLength,
      long rightTrailer) {
    int order = Arrays.compareUnsigned(left, 0, leftLength, right, 0, rightLength);
    return order != 0 ? order : Long.compare(rightTrailer, leftTrailer);
  }

  public final boolean valid() {
    return valid;
  }

  /// To the first entry at or after (`target`, `targetTrailer`).
  public abstract void seek(byte[] target, int targetLength, long targetTrailer);

  /// To the last entry before (`target`, `targetTrailer`).
  public abstract void seekBefore(byte[] target, int targetLength, long targetTrailer);

  public abstract void first();

  public abstract void last();

  /// The cursor must be valid.
  public abstract void next();

  /// The cursor must be valid.
  public abstract void previous();

  /// The array that holds the current value; borrowed until the next move.
  public abstract byte[] valueBytes();

  /// Where in [#valueBytes] the value begins.
  public abstract int valueOffset();

  public abstract int valueLength();

  public final byte[] copyKey() {
    return Arrays.copyOf(key, keyLength);
  }

  public final byte[] copyValue() {
    int offset = valueOffset();
    return Arrays.copyOfRange(valueBytes(), offset, offset + valueLength());
  }

  /// The first bytes of the value, at most so many.
  public byte[] copyValueHead(int bytesMax) {
    int offset = valueOffset();
    return Arrays.copyOfRange(valueBytes(), offset, offset + Math.min(valueLength(), bytesMax));
  }

  @Override
  public abstract void close();

  /// Makes `key` hold `length` bytes, keeping the first `keep`.
  protected final void growKey(int length, int keep) {
    if (key.length < length) {
      byte[] larger = new byte[Math.max(length, key.length * 2)];
      System.arraycopy(key, 0, larger, 0, keep);
      key = larger;
    }
  }
}
