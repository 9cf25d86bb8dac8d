package dev.henge.replication.replica;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.ScanPosition;
import dev.henge.data.StoredKey;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.Reader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A walk over the keys that a copy of a keyspace knows of, in (slot, key) order, deleted and
/// expired ones among them.
///
/// - Threads: one; it may block on the disk.
/// - Lifetime: closed by its maker, soon.
public final class KeyWalk implements AutoCloseable {
  private final int keyspaceId;
  private final Reader reader;
  private final Cursor cursor;
  private final byte[] end;
  private final byte[] start;
  private byte @Nullable [] here;

  /// @param from everything up to there is left out
  /// @param slotTo where it ends, exclusive
  KeyWalk(KeyspaceReplica replica, ScanPosition from, int slotTo) {
    keyspaceId = replica.options().keyspaceId();
    byte[] afterKey = from.afterKey();
    if (afterKey == null) {
      start = StoredKey.slotStart(keyspaceId, from.slot());
    } else {
      // The first key behind it is itself with a zero at its end.
      byte[] seen = StoredKey.object(keyspaceId, afterKey);
      start = Arrays.copyOf(seen, seen.length + 1);
    }
    end = StoredKey.slotStart(keyspaceId, slotTo);
    reader = replica.engine().reader(0, Access.DISK);
    cursor = reader.cursor();
  }

  /// To the next key; whether there is one.
  public boolean next() {
    if (here == null) {
      cursor.seek(start);
    } else {
      cursor.next();
    }
    while (cursor.valid()) {
      byte[] stored = cursor.key();
      if (Arrays.compareUnsigned(stored, end) >= 0) {
        return false;
      }
      if (StoredKey.kind(stored) == StoredKey.OBJECT) {
        here = stored;
        return true;
      }
      // Objects have the lowest kind: those of this slot are behind.
      cursor.seek(StoredKey.slotEnd(keyspaceId, StoredKey.slot(stored)));
    }
    return false;
  }

  /// The user's key.
  public byte[] key() {
    return StoredKey.userKey(storedKey());
  }

  /// Behind this key.
  public ScanPosition position() {
    return new ScanPosition(StoredKey.slot(storedKey()), key());
  }

  public Versions versions() {
    try {
      return StoredVersions.decode(cursor.value());
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }

  @Override
  public void close() {
    cursor.close();
    reader.close();
  }

  private byte[] storedKey() {
    if (here == null) {
      throw new IllegalStateException("the walk has not begun");
    }
    return here;
  }
}
