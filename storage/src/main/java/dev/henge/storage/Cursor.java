package dev.henge.storage;

/// Walks the keys of a [Reader] in both directions, deleted ones left out.
///
/// - Threads: one at a time, that of its reader.
/// - Errors: as [Reader].
public interface Cursor extends AutoCloseable {
  /// To the first key that is not below `key`.
  void seek(byte[] key);

  /// To the last key that is not above `key`.
  void seekForPrevious(byte[] key);

  void first();

  void last();

  /// To the next key; the cursor must be valid.
  void next();

  /// To the key before; the cursor must be valid.
  void previous();

  /// Whether the cursor stands on a key.
  boolean valid();

  /// A copy of the key; the cursor must be valid.
  byte[] key();

  /// A copy of the value; the cursor must be valid.
  byte[] value();

  /// A copy of the first bytes of the value, at most so many; the cursor must be valid. For those
  /// who look at the head of large values only.
  byte[] valueHead(int bytesMax);

  @Override
  void close();
}
