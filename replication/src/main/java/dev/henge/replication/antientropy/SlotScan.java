package dev.henge.replication.antientropy;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.StoredKey;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.hashtree.HashedKey;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.Reader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A walk over the objects of some leaves of a slot, in the order of their keys.
///
/// - Cost: reads every object between the two keys.
/// - Threads: one; it blocks on the disk.
/// - Lifetime: closed by its maker, soon.
final class SlotScan implements AutoCloseable {
  private final Reader reader;
  private final Cursor cursor;
  private final byte[] end;
  private final int mask;
  private final byte[] start;
  private boolean begun;
  private @Nullable HashedKey here;
  private byte[] stored = {};

  /// @param from user key, inclusive
  /// @param to user key, exclusive; null for the end of the slot
  SlotScan(KeyspaceReplica replica, int slot, int mask, byte[] from, byte @Nullable [] to) {
    int keyspaceId = replica.options().keyspaceId();
    byte[] first = StoredKey.kindStart(keyspaceId, slot, StoredKey.OBJECT);
    this.start = with(first, from);
    this.end =
        to == null ? StoredKey.kindStart(keyspaceId, slot, StoredKey.OBJECT + 1) : with(first, to);
    this.mask = mask;
    this.reader = replica.engine().latest(Access.DISK);
    this.cursor = reader.cursor();
  }

  /// To the next object of the leaves; whether there is one.
  boolean next() {
    while (true) {
      if (begun) {
        cursor.next();
      } else {
        cursor.seek(start);
        begun = true;
      }
      if (!cursor.valid()) {
        return false;
      }
      byte[] key = cursor.key();
      if (Arrays.compareUnsigned(key, end) >= 0) {
        return false;
      }
      var hashed = new HashedKey(key);
      if ((mask & 1 << hashed.leaf()) != 0) {
        here = hashed;
        stored = cursor.value();
        return true;
      }
    }
  }

  byte[] key() {
    return StoredKey.userKey(object().storedKey());
  }

  byte[] stored() {
    return stored;
  }

  /// Of the object, half of it.
  long hash() {
    try {
      return object().hash(StoredVersions.decode(stored)).half();
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }

  @Override
  public void close() {
    cursor.close();
    reader.close();
  }

  private HashedKey object() {
    if (here == null) {
      throw new IllegalStateException("the scan has not begun");
    }
    return here;
  }

  private static byte[] with(byte[] head, byte[] key) {
    byte[] both = Arrays.copyOf(head, head.length + key.length);
    System.arraycopy(key, 0, both, head.length, key.length);
    return both;
  }
}
