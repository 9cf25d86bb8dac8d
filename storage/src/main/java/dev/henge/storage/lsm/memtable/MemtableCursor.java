package dev.henge.storage.lsm.memtable;

import dev.henge.storage.lsm.table.InternalCursor;
import java.util.Arrays;

/// Walks a skip list and the version chains of its nodes; copies each key once, and a value only
/// when it is asked for.
final class MemtableCursor extends InternalCursor {
  private final SkipList list;
  private int node;
  private int version;
  private byte[] value = new byte[64];
  private int copiedVersion;

  // Chains lead from new to old only; walking back, that of the node is laid out here.
  private int[] chain = new int[4];
  private int chainNode;
  private int chainIndex;

  MemtableCursor(SkipList list) {
    this.list = list;
  }

  @Override
  public void seek(byte[] target, int targetLength, long targetTrailer) {
    int found = list.ceiling(target, targetLength);
    if (found == 0) {
      clear();
      return;
    }
    if (list.keyEquals(found, target, 0, targetLength)) {
      for (int one = list.newest(found); one != 0; one = list.older(one)) {
        if (list.trailer(one) <= targetTrailer) {
          show(found, one);
          return;
        }
      }
      found = list.after(found);
    }
    showNewest(found);
  }

  @Override
  public void seekBefore(byte[] target, int targetLength, long targetTrailer) {
    int found = list.ceiling(target, targetLength);
    if (found != 0 && list.keyEquals(found, target, 0, targetLength)) {
      int last = 0;
      for (int one = list.newest(found);
          one != 0 && list.trailer(one) > targetTrailer;
          one = list.older(one)) {
        last = one;
      }
      if (last != 0) {
        show(found, last);
        return;
      }
    }
    showOldest(list.lower(target, targetLength));
  }

  @Override
  public void first() {
    showNewest(list.first());
  }

  @Override
  public void last() {
    showOldest(list.last());
  }

  @Override
  public void next() {
    int older = list.older(version);
    if (older != 0) {
      showVersion(older);
    } else {
      showNewest(list.after(node));
    }
  }

  @Override
  public void previous() {
    if (chainNode != node || chain[chainIndex] != version) {
      layOutChain(node, version);
    }
    if (chainIndex > 0) {
      showVersion(chain[--chainIndex]);
    } else {
      showOldest(list.lower(key, keyLength));
    }
  }

  @Override
  public byte[] valueBytes() {
    if (copiedVersion != version) {
      int length = list.valueLength(version);
      if (value.length < length) {
        value = new byte[Math.max(length, value.length * 2)];
      }
      list.copyValue(version, value);
      copiedVersion = version;
    }
    return value;
  }

  @Override
  public int valueOffset() {
    return 0;
  }

  @Override
  public int valueLength() {
    return list.valueLength(version);
  }

  @Override
  public byte[] copyValueHead(int bytesMax) {
    var head = new byte[Math.min(list.valueLength(version), bytesMax)];
    list.copyValueHead(version, head);
    return head;
  }

  @Override
  public void close() {
    clear();
  }

  private void clear() {
    valid = false;
    node = 0;
    version = 0;
  }

  private void showNewest(int found) {
    if (found == 0) {
      clear();
    } else {
      show(found, list.newest(found));
    }
  }

  private void showOldest(int found) {
    if (found == 0) {
      clear();
      return;
    }
    layOutChain(found, 0);
    show(found, chain[chainIndex]);
  }

  /// Writes the versions of `of` down, newest first, as far as `through` (0: to the oldest), and
  /// points at the last written.
  private void layOutChain(int of, int through) {
    int count = 0;
    for (int one = list.newest(of); one != 0; one = list.older(one)) {
      if (count == chain.length) {
        chain = Arrays.copyOf(chain, count * 2);
      }
      chain[count++] = one;
      if (one == through) {
        break;
      }
    }
    chainNode = of;
    chainIndex = count - 1;
  }

  private void show(int found, int foundVersion) {
    node = found;
    keyLength = list.keyLength(found);
    growKey(keyLength, 0);
    list.copyKey(found, key);
    showVersion(foundVersion);
  }

  private void showVersion(int found) {
    version = found;
    trailer = list.trailer(found);
    valid = true;
  }
}
