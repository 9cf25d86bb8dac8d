package dev.henge.storage.lsm.table;

import dev.henge.base.LittleEndian;
import java.util.Arrays;

/// Walks the entries of one block that lies decompressed in an array.
///
/// The block has passed its checksum, so its inner lengths are trusted; a wrong one would be a bug
/// of the writer and ends in an index error, never in wrong data of another block.
final class BlockCursor extends InternalCursor {
  private byte[] block = new byte[0];
  private int restartsOffset;
  private int restartCount;
  private int entryOffset;
  private int nextOffset;
  private int valueOffset;
  private int valueLength;

  /// Looks at another block: `length` bytes of `block`, borrowed until the next call.
  void open(byte[] newBlock, int length) {
    block = newBlock;
    restartCount = LittleEndian.getInt(newBlock, length - 4);
    restartsOffset = length - 4 - restartCount * 4;
    valid = false;
  }

  @Override
  public void seek(byte[] target, int targetLength, long targetTrailer) {
    int low = 0;
    int high = restartCount - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (compareRestart(middle, target, targetLength, targetTrailer) < 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    toRestart(low);
    while (valid && compareHere(target, targetLength, targetTrailer) < 0) {
      next();
    }
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
    toRestart(0);
  }

  @Override
  public void last() {
    toRestart(restartCount - 1);
    while (nextOffset < restartsOffset) {
      next();
    }
  }

  @Override
  public void next() {
    decode(nextOffset);
  }

  @Override
  public void previous() {
    int here = entryOffset;
    int low = 0;
    int high = restartCount - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (restart(middle) < here) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    if (restart(low) >= here) {
      valid = false;
      return;
    }
    toRestart(low);
    while (nextOffset < here) {
      next();
    }
  }

  @Override
  public byte[] valueBytes() {
    return block;
  }

  @Override
  public int valueOffset() {
    return valueOffset;
  }

  @Override
  public int valueLength() {
    return valueLength;
  }

  @Override
  public void close() {
    block = new byte[0];
    valid = false;
  }

  /// Where the current entry begins in the block.
  int entryOffset() {
    return entryOffset;
  }

  /// Where the current entry ends in the block.
  int entryEnd() {
    return nextOffset;
  }

  /// Where the entries end and the restart points begin.
  int restartsOffset() {
    return restartsOffset;
  }

  int restartCount() {
    return restartCount;
  }

  private int restart(int index) {
    return LittleEndian.getInt(block, restartsOffset + index * 4);
  }

  private void toRestart(int index) {
    keyLength = 0;
    decode(restart(index));
  }

  private int compareHere(byte[] target, int targetLength, long targetTrailer) {
    return compare(key, keyLength, trailer, target, targetLength, targetTrailer);
  }

  /// Compares the entry at a restart point in place; its key is whole there.
  private int compareRestart(int index, byte[] target, int targetLength, long targetTrailer) {
    int position = restart(index) + 1; // shared is 0: one byte
    int unshared = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = block[position++];
      unshared |= (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    while (block[position++] < 0) {
      // the value's length
    }
    int order =
        Arrays.compareUnsigned(block, position, position + unshared, target, 0, targetLength);
    if (order != 0) {
      return order;
    }
    position += unshared;
    long found = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = block[position++];
      found |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return Long.compare(targetTrailer, found);
  }

  private void decode(int offset) {
    if (offset >= restartsOffset) {
      valid = false;
      entryOffset = restartsOffset;
      return;
    }
    byte[] bytes = block;
    int position = offset;
    int shared = bytes[position++];
    if (shared < 0) {
      shared &= 0x7f;
      for (int shift = 7; ; shift += 7) {
        byte next = bytes[position++];
        shared |= (next & 0x7f) << shift;
        if (next >= 0) {
          break;
        }
      }
    }
    int unshared = bytes[position++];
    if (unshared < 0) {
      unshared &= 0x7f;
      for (int shift = 7; ; shift += 7) {
        byte next = bytes[position++];
        unshared |= (next & 0x7f) << shift;
        if (next >= 0) {
          break;
        }
      }
    }
    int length = bytes[position++];
    if (length < 0) {
      length &= 0x7f;
      for (int shift = 7; ; shift += 7) {
        byte next = bytes[position++];
        length |= (next & 0x7f) << shift;
        if (next >= 0) {
          break;
        }
      }
    }
    growKey(shared + unshared, shared);
    System.arraycopy(bytes, position, key, shared, unshared);
    keyLength = shared + unshared;
    position += unshared;
    long packed = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[position++];
      packed |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    trailer = packed;
    valueOffset = position;
    valueLength = length;
    entryOffset = offset;
    nextOffset = position + length;
    valid = true;
  }
}
