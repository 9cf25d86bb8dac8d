package dev.henge.benchmark.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.Meta;
import org.lmdbjava.Txn;

/// LMDB through lmdbjava: a transaction for each write, a renewed one for each read. It has neither
/// block cache nor compression nor log; the operating system's page cache holds as much as it
/// likes.
final class LmdbStore implements Store {
  private static final int READERS_MAX = 16;

  private final boolean synced;
  private final Env<ByteBuffer> environment;
  private final Dbi<ByteBuffer> database;

  private LmdbStore(Settings settings) {
    synced = settings.synced();
    List<EnvFlags> flags = new ArrayList<>(List.of(EnvFlags.MDB_NOTLS, EnvFlags.MDB_NORDAHEAD));
    if (!synced) {
      flags.add(EnvFlags.MDB_NOSYNC);
      flags.add(EnvFlags.MDB_WRITEMAP);
      flags.add(EnvFlags.MDB_MAPASYNC);
    }
    environment =
        Env.create()
            .setMapSize(settings.bytesMax())
            .setMaxReaders(READERS_MAX)
            .setMaxDbs(1)
            .open(settings.directory().toFile(), flags.toArray(EnvFlags[]::new));
    database = environment.openDbi("pairs", DbiFlags.MDB_CREATE);
  }

  static Store open(Settings settings) {
    return new LmdbStore(settings);
  }

  @Override
  public String describe() {
    return "LMDB "
        + Meta.version().major
        + "."
        + Meta.version().minor
        + "."
        + Meta.version().patch
        + " (lmdbjava): a transaction a write, NOTLS, NORDAHEAD"
        + (synced ? "" : ", NOSYNC, WRITEMAP, MAPASYNC")
        + "; no block cache, no compression and no log to set";
  }

  @Override
  public Session session() {
    return new LmdbSession();
  }

  @Override
  public void settle() {
    environment.sync(true);
  }

  @Override
  public void close() throws IOException {
    environment.close();
  }

  private final class LmdbSession implements Session {
    private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(Workload.KEY_BYTES);
    private final ByteBuffer valueBuffer = ByteBuffer.allocateDirect(Workload.VALUE_BYTES);
    private final byte[] value = new byte[Workload.VALUE_BYTES];
    private final byte[] scannedKey = new byte[Workload.KEY_BYTES];
    private final Txn<ByteBuffer> reading = environment.txnRead();
    private final Cursor<ByteBuffer> cursor = database.openCursor(reading);

    private LmdbSession() {
      reading.reset();
    }

    @Override
    public void put(byte[] key, byte[] newValue) {
      keyBuffer.clear().put(key).flip();
      valueBuffer.clear().put(newValue).flip();
      database.put(keyBuffer, valueBuffer);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      keyBuffer.clear().put(key).flip();
      reading.renew();
      try {
        ByteBuffer found = database.get(reading, keyBuffer);
        if (found == null) {
          return null;
        }
        found.get(value, 0, found.remaining());
        return value;
      } finally {
        reading.reset();
      }
    }

    @Override
    public long scan(byte[] key, int count) {
      long sum = 0;
      keyBuffer.clear().put(key).flip();
      reading.renew();
      try {
        cursor.renew(reading);
        boolean valid = cursor.get(keyBuffer, GetOp.MDB_SET_RANGE);
        for (int i = 0; i < count && valid; i++) {
          ByteBuffer foundKey = cursor.key();
          ByteBuffer foundValue = cursor.val();
          int keyLength = foundKey.remaining();
          int valueLength = foundValue.remaining();
          foundKey.get(scannedKey, 0, keyLength);
          foundValue.get(value, 0, valueLength);
          sum += Workload.digest(scannedKey, keyLength) + Workload.digest(value, valueLength);
          valid = cursor.next();
        }
      } finally {
        reading.reset();
      }
      return sum;
    }

    @Override
    public void close() {
      cursor.close();
      // Closing gives the reader's slot back only where the transaction is not reset.
      reading.renew();
      reading.close();
    }
  }
}
