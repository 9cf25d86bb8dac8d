package dev.henge.storage.lsm.table;

import dev.henge.storage.Access;
import dev.henge.storage.EngineException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Walks all entries of one table, one pinned block at a time; with no [Access] it reads blocks
/// into an array of its own, for a single pass that would only wash the cache out.
final class TableCursor extends InternalCursor {
  private final Table table;
  private final @Nullable Access access;
  private final BlockCursor inBlock = new BlockCursor();
  private BlockCache.@Nullable Frame frame;
  private byte[] own = new byte[0];
  private int block = -1;

  TableCursor(Table table, @Nullable Access access) {
    this.table = table;
    this.access = access;
  }

  @Override
  public void seek(byte[] target, int targetLength, long targetTrailer) {
    int at = table.index().find(target, targetLength, targetTrailer);
    if (at == table.index().blockCount()) {
      valid = false;
      return;
    }
    load(at);
    inBlock.seek(target, targetLength, targetTrailer);
    show();
  }

  @Override
  public void seekBefore(byte[] target, int targetLength, long targetTrailer) {
    seek(target, targetLength, targetTrailer);
    if (valid) {
      previous();
    } else {
      last();
    }
  }

  @Override
  public void first() {
    if (table.index().blockCount() == 0) {
      valid = false;
      return;
    }
    load(0);
    inBlock.first();
    show();
  }

  @Override
  public void last() {
    int count = table.index().blockCount();
    if (count == 0) {
      valid = false;
      return;
    }
    load(count - 1);
    inBlock.last();
    show();
  }

  @Override
  public void next() {
    inBlock.next();
    if (!inBlock.valid && block + 1 < table.index().blockCount()) {
      load(block + 1);
      inBlock.first();
    }
    show();
  }

  @Override
  public void previous() {
    inBlock.previous();
    if (!inBlock.valid && block > 0) {
      load(block - 1);
      inBlock.last();
    }
    show();
  }

  @Override
  public byte[] valueBytes() {
    return inBlock.valueBytes();
  }

  @Override
  public int valueOffset() {
    return inBlock.valueOffset();
  }

  @Override
  public int valueLength() {
    return inBlock.valueLength();
  }

  @Override
  public void close() {
    if (frame != null) {
      frame.release();
      frame = null;
    }
    block = -1;
    valid = false;
  }

  /// Takes over the inner cursor's key by reference: it grows there.
  private void show() {
    valid = inBlock.valid;
    key = inBlock.key;
    keyLength = inBlock.keyLength;
    trailer = inBlock.trailer;
  }

  private void load(int wanted) {
    if (wanted == block) {
      return;
    }
    if (access == null) {
      int raw = table.index().rawBytes(wanted);
      if (own.length < raw) {
        own = new byte[raw + raw / 4];
      }
      try {
        table.readBlock(wanted, own);
      } catch (IOException e) {
        throw new EngineException(e);
      }
      inBlock.open(own, raw);
    } else {
      BlockCache.Frame loaded = table.block(wanted, access);
      if (frame != null) {
        frame.release();
      }
      frame = loaded;
      inBlock.open(loaded.bytes, loaded.length);
    }
    block = wanted;
  }
}
