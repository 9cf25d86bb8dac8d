package dev.henge.data;

import dev.henge.storage.Cursor;
import dev.henge.storage.Reader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A walk over the objects of a [KeyRange], expired ones included; records of other kinds are
/// skipped.
///
/// - Lifetime: closed by its maker, before the reader.
final class ObjectWalk implements AutoCloseable {
  private final Cursor cursor;
  private final KeyRange range;
  private final long now;
  private byte @Nullable [] here;
  private byte @Nullable [] before;

  ObjectWalk(Evaluation evaluation, KeyRange range) {
    this(evaluation.reader(), range, evaluation.now());
  }

  ObjectWalk(Reader reader, KeyRange range, long now) {
    this.cursor = reader.cursor();
    this.range = range;
    this.now = now;
  }

  /// To the next object (at first to the first one); whether there is one.
  boolean next() {
    before = here;
    if (here == null) {
      cursor.seek(range.start());
    } else {
      cursor.next();
    }
    while (cursor.valid()) {
      byte[] key = cursor.key();
      if (Arrays.compareUnsigned(key, range.end()) >= 0) {
        return false;
      }
      if (StoredKey.kind(key) == StoredKey.OBJECT) {
        here = key;
        return true;
      }
      // objects have the lowest kind, so those of this slot are behind us
      cursor.seek(StoredKey.slotEnd(range.keyspaceId(), StoredKey.slot(key)));
    }
    return false;
  }

  byte[] storedKey() {
    if (here == null) {
      throw new IllegalStateException("the walk has not begun");
    }
    return here;
  }

  byte[] userKey() {
    return StoredKey.userKey(storedKey());
  }

  /// When the object expires, or expired; 0 for never.
  long expiryMillis() {
    return StoredObject.expiryMillis(cursor.valueHead(StoredObject.EXPIRY_HEAD_BYTES));
  }

  /// Whether the object has not expired.
  boolean isAlive() {
    return !StoredObject.isExpired(cursor.valueHead(StoredObject.EXPIRY_HEAD_BYTES), now);
  }

  /// The place of the object before this one, from where a later walk goes on with this one.
  ScanPosition before() {
    if (before == null) {
      throw new IllegalStateException("the walk has not come past an object");
    }
    return new ScanPosition(StoredKey.slot(before), StoredKey.userKey(before));
  }

  @Override
  public void close() {
    cursor.close();
  }
}
