package dev.henge.storage.lsm;

import dev.henge.storage.Access;
import dev.henge.storage.lsm.table.InternalCursor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Walks a level whose tables do not overlap, opening one after another.
final class LevelCursor extends InternalCursor {
  private final TableFile[] files;
  private final @Nullable Access access;
  private int index = -1;
  private @Nullable InternalCursor current;

  /// @param access null for a single pass that leaves the cache alone
  LevelCursor(TableFile[] files, @Nullable Access access) {
    this.files = files;
    this.access = access;
  }

  static InternalCursor over(TableFile file, @Nullable Access access) {
    return access == null ? file.table.scanOnce() : file.table.cursor(access);
  }

  @Override
  public void seek(byte[] target, int targetLength, long targetTrailer) {
    byte[] exact = exact(target, targetLength);
    int at = LsmVersion.find(files, exact);
    if (at == files.length) {
      valid = false;
      return;
    }
    load(at).seek(target, targetLength, targetTrailer);
    skipForward();
  }

  @Override
  public void seekBefore(byte[] target, int targetLength, long targetTrailer) {
    if (files.length == 0) {
      valid = false;
      return;
    }
    int at = Math.min(LsmVersion.find(files, exact(target, targetLength)), files.length - 1);
    load(at).seekBefore(target, targetLength, targetTrailer);
    skipBack();
  }

  @Override
  public void first() {
    if (files.length == 0) {
      valid = false;
      return;
    }
    load(0).first();
    skipForward();
  }

  @Override
  public void last() {
    if (files.length == 0) {
      valid = false;
      return;
    }
    load(files.length - 1).last();
    skipBack();
  }

  @Override
  public void next() {
    here().next();
    skipForward();
  }

  @Override
  public void previous() {
    here().previous();
    skipBack();
  }

  @Override
  public byte[] valueBytes() {
    return here().valueBytes();
  }

  @Override
  public int valueOffset() {
    return here().valueOffset();
  }

  @Override
  public int valueLength() {
    return here().valueLength();
  }

  @Override
  public byte[] copyValueHead(int bytesMax) {
    return here().copyValueHead(bytesMax);
  }

  @Override
  public void close() {
    if (current != null) {
      current.close();
      current = null;
    }
    index = -1;
    valid = false;
  }

  private void skipForward() {
    while (!here().valid() && index + 1 < files.length) {
      load(index + 1).first();
    }
    show();
  }

  private void skipBack() {
    while (!here().valid() && index > 0) {
      load(index - 1).last();
    }
    show();
  }

  private void show() {
    InternalCursor cursor = here();
    valid = cursor.valid();
    key = cursor.key;
    keyLength = cursor.keyLength;
    trailer = cursor.trailer;
  }

  private InternalCursor here() {
    InternalCursor cursor = current;
    if (cursor == null) {
      throw new IllegalStateException("the cursor stands nowhere");
    }
    return cursor;
  }

  private InternalCursor load(int wanted) {
    InternalCursor cursor = current;
    if (index == wanted && cursor != null) {
      return cursor;
    }
    if (cursor != null) {
      cursor.close();
    }
    cursor = over(files[wanted], access);
    current = cursor;
    index = wanted;
    return cursor;
  }

  private static byte[] exact(byte[] bytes, int length) {
    return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
  }
}
