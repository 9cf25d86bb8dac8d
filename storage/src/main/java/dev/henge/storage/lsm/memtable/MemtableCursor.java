package dev.henge.storage.lsm.memtable;

import dev.henge.storage.lsm.table.InternalCursor;

/// Walks a skip list; copies each key, and a value only when it is asked for.
final class MemtableCursor extends InternalCursor {
  private final SkipList list;
  private int node;
  private byte[] value = new byte[64];
  private int valueNode;

  MemtableCursor(SkipList list) {
    this.list = list;
  }

  @Override
  public void seek(byte[] target, int targetLength, long targetTrailer) {
    show(list.ceiling(target, targetLength, targetTrailer));
  }

  @Override
  public void seekBefore(byte[] target, int targetLength, long targetTrailer) {
    show(list.lower(target, targetLength, targetTrailer));
  }

  @Override
  public void first() {
    show(list.first());
  }

  @Override
  public void last() {
    show(list.last());
  }

  @Override
  public void next() {
    show(list.after(node));
  }

  @Override
  public void previous() {
    show(list.lower(key, keyLength, trailer));
  }

  @Override
  public byte[] valueBytes() {
    if (valueNode != node) {
      int length = list.valueLength(node);
      if (value.length < length) {
        value = new byte[Math.max(length, value.length * 2)];
      }
      list.copyValue(node, value);
      valueNode = node;
    }
    return value;
  }

  @Override
  public int valueOffset() {
    return 0;
  }

  @Override
  public int valueLength() {
    return list.valueLength(node);
  }

  @Override
  public void close() {
    valid = false;
    node = 0;
  }

  private void show(int found) {
    node = found;
    valueNode = 0;
    valid = found != 0;
    if (valid) {
      keyLength = list.keyLength(found);
      growKey(keyLength, 0);
      list.copyKey(found, key);
      trailer = list.trailer(found);
    }
  }
}
