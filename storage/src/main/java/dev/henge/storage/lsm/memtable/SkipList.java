package dev.henge.storage.lsm.memtable;

import dev.henge.base.Invariant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A skip list of entries in native memory: one writer, any number of readers that never wait.
///
/// - Shape: a node is an 8-byte-aligned run of bytes in a chunk, named by its position in 8-byte units
///   (so 32 bits reach 16 GiB); 0 is no node. Offsets in a node:
///   ```
///   0  prefix   first 8 key bytes, big-endian, zero-filled: most comparisons end here
///   8  trailer  sequence << 1 | kind
///   16 key length (24 bits) and height (8 bits), 20 value length
///   24 next[height], 4 bytes each, then key bytes, then value bytes
///   ```
/// - Invariants: (1) level 0 links all nodes in entry order; (2) a node is in level i+1 only if it is in
///   level i; (3) nothing of a node but its links changes once it is linked; (4) a link is stored with
///   release after the node behind it is complete, and read with acquire.
/// - Threads: [#insert] by one thread at a time; everything else from any.
/// - Lifetime: the chunks go back by [#release], when no reader is left.
/// - Source: Pugh, "Skip Lists" (1990); LevelDB's `skiplist.h` for the publication order.
final class SkipList {
  private static final int HEIGHT_MAX = 12; // 4^12 entries: more than a memtable holds

  private static final int PREFIX = 0;
  private static final int TRAILER = 8;
  private static final int KEY_LENGTH = 16;
  private static final int VALUE_LENGTH = 20;
  private static final int NEXT = 24;

  private static final int CHUNK_SHIFT = 17; // 2^17 units of 8 bytes: a chunk
  private static final int UNIT_MASK = (1 << CHUNK_SHIFT) - 1;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final VarHandle LINK = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle BIG_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MemtableMemory memory;
  private final List<Arena> oversized = new ArrayList<>();
  private final int head;

  // written by the writer, read by all through links
  private volatile MemorySegment[] chunks = new MemorySegment[8];

  // owned by the writer
  private int chunkCount;
  private int nextUnit;
  private int endUnit;
  private int height = 1;
  private long random = 0x9e3779b97f4a7c15L;
  private final int[] before = new int[HEIGHT_MAX];

  SkipList(MemtableMemory memory) {
    this.memory = memory;
    newChunk(MemtableMemory.CHUNK_BYTES);
    nextUnit++; // unit 0 is "no node"
    head = allocate(NEXT + HEIGHT_MAX * 4);
    MemorySegment segment = segment(head);
    long base = base(head);
    segment.set(INT, base + KEY_LENGTH, 0);
    segment.set(INT, base + VALUE_LENGTH, 0);
    for (int level = 0; level < HEIGHT_MAX; level++) {
      segment.set(INT, base + NEXT + level * 4L, 0);
    }
  }

  /// Bytes taken, in whole chunks.
  long byteCount() {
    return (long) nextUnit << 3;
  }

  /// Adds an entry that is not there yet.
  void insert(
      byte[] source, int keyOffset, int keyLength, long trailer, int valueOffset, int valueLength) {
    long prefix = prefix(source, keyOffset, keyLength);
    int node = head;
    for (int level = height - 1; level >= 0; level--) {
      while (true) {
        int next = next(node, level);
        if (next == 0 || compare(next, source, keyOffset, keyLength, prefix, trailer) >= 0) {
          break;
        }
        node = next;
      }
      before[level] = node;
    }
    int levels = randomHeight();
    while (height < levels) {
      before[height++] = head;
    }
    int added = allocate(NEXT + levels * 4L + keyLength + valueLength);
    MemorySegment segment = segment(added);
    long base = base(added);
    segment.set(LONG, base + PREFIX, prefix);
    segment.set(LONG, base + TRAILER, trailer);
    segment.set(INT, base + KEY_LENGTH, keyLength | levels << 24);
    segment.set(INT, base + VALUE_LENGTH, valueLength);
    long keyStart = base + NEXT + levels * 4L;
    MemorySegment.copy(source, keyOffset, segment, ValueLayout.JAVA_BYTE, keyStart, keyLength);
    if (valueLength > 0) {
      MemorySegment.copy(
          source, valueOffset, segment, ValueLayout.JAVA_BYTE, keyStart + keyLength, valueLength);
    }
    for (int level = 0; level < levels; level++) {
      segment.set(INT, base + NEXT + level * 4L, next(before[level], level));
    }
    for (int level = 0; level < levels; level++) {
      LINK.setRelease(segment(before[level]), base(before[level]) + NEXT + level * 4L, added);
    }
  }

  /// The first node at or after the entry; 0 when there is none.
  int ceiling(byte[] key, int keyLength, long trailer) {
    long prefix = prefix(key, 0, keyLength);
    int node = head;
    for (int level = HEIGHT_MAX - 1; level >= 0; level--) {
      while (true) {
        int next = next(node, level);
        if (next == 0 || compare(next, key, 0, keyLength, prefix, trailer) >= 0) {
          break;
        }
        node = next;
      }
    }
    return next(node, 0);
  }

  /// The last node before the entry; 0 when there is none.
  int lower(byte[] key, int keyLength, long trailer) {
    long prefix = prefix(key, 0, keyLength);
    int node = head;
    for (int level = HEIGHT_MAX - 1; level >= 0; level--) {
      while (true) {
        int next = next(node, level);
        if (next == 0 || compare(next, key, 0, keyLength, prefix, trailer) >= 0) {
          break;
        }
        node = next;
      }
    }
    return node == head ? 0 : node;
  }

  int first() {
    return next(head, 0);
  }

  int last() {
    int node = head;
    for (int level = HEIGHT_MAX - 1; level >= 0; level--) {
      for (int next = next(node, level); next != 0; next = next(node, level)) {
        node = next;
      }
    }
    return node == head ? 0 : node;
  }

  int after(int node) {
    return next(node, 0);
  }

  long trailer(int node) {
    return segment(node).get(LONG, base(node) + TRAILER);
  }

  int keyLength(int node) {
    return segment(node).get(INT, base(node) + KEY_LENGTH) & 0xffffff;
  }

  int valueLength(int node) {
    return segment(node).get(INT, base(node) + VALUE_LENGTH);
  }

  void copyKey(int node, byte[] target) {
    MemorySegment segment = segment(node);
    long base = base(node);
    int packed = segment.get(INT, base + KEY_LENGTH);
    MemorySegment.copy(
        segment,
        ValueLayout.JAVA_BYTE,
        base + NEXT + (packed >>> 24) * 4L,
        target,
        0,
        packed & 0xffffff);
  }

  /// @param target at least [#valueLength] bytes
  void copyValue(int node, byte[] target) {
    MemorySegment segment = segment(node);
    long base = base(node);
    int packed = segment.get(INT, base + KEY_LENGTH);
    int length = segment.get(INT, base + VALUE_LENGTH);
    MemorySegment.copy(
        segment,
        ValueLayout.JAVA_BYTE,
        base + NEXT + (packed >>> 24) * 4L + (packed & 0xffffff),
        target,
        0,
        length);
  }

  boolean keyEquals(int node, byte[] key, int length, long prefix) {
    MemorySegment segment = segment(node);
    long base = base(node);
    int packed = segment.get(INT, base + KEY_LENGTH);
    return segment.get(LONG, base + PREFIX) == prefix
        && (packed & 0xffffff) == length
        && compareTail(segment, base, packed, key, 0, length) == 0;
  }

  void release() {
    MemorySegment[] all = chunks;
    for (int i = 0; i < chunkCount; i++) {
      if (all[i] != null && all[i].byteSize() == MemtableMemory.CHUNK_BYTES) {
        memory.giveBack(all[i]);
      }
    }
    oversized.forEach(Arena::close);
    chunks = new MemorySegment[0];
  }

  static long prefix(byte[] key, int offset, int length) {
    if (length >= 8) {
      return (long) BIG_ENDIAN_LONG.get(key, offset);
    }
    long prefix = 0;
    for (int i = 0; i < length; i++) {
      prefix |= (key[offset + i] & 0xffL) << (56 - 8 * i);
    }
    return prefix;
  }

  private int compare(int node, byte[] key, int offset, int length, long prefix, long trailer) {
    MemorySegment segment = segment(node);
    long base = base(node);
    long nodePrefix = segment.get(LONG, base + PREFIX);
    if (nodePrefix != prefix) {
      return Long.compareUnsigned(nodePrefix, prefix);
    }
    int packed = segment.get(INT, base + KEY_LENGTH);
    int order = compareTail(segment, base, packed, key, offset, length);
    return order != 0 ? order : Long.compare(trailer, segment.get(LONG, base + TRAILER));
  }

  /// Compares keys whose prefixes are equal.
  private static int compareTail(
      MemorySegment segment, long base, int packed, byte[] key, int offset, int length) {
    int nodeLength = packed & 0xffffff;
    long start = base + NEXT + (packed >>> 24) * 4L;
    int limit = Math.min(nodeLength, length);
    int i = Math.min(8, limit);
    for (; i + 8 <= limit; i += 8) {
      long left = segment.get(KEY_LONG, start + i);
      long right = (long) BIG_ENDIAN_LONG.get(key, offset + i);
      if (left != right) {
        return Long.compareUnsigned(left, right);
      }
    }
    for (; i < limit; i++) {
      int order =
          (segment.get(ValueLayout.JAVA_BYTE, start + i) & 0xff) - (key[offset + i] & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return nodeLength - length;
  }

  private static final ValueLayout.OfLong KEY_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private int next(int node, int level) {
    return (int) LINK.getAcquire(segment(node), base(node) + NEXT + level * 4L);
  }

  private MemorySegment segment(int node) {
    return chunks[node >>> CHUNK_SHIFT];
  }

  private static long base(int node) {
    return (long) (node & UNIT_MASK) << 3;
  }

  private int allocate(long bytes) {
    int units = (int) ((bytes + 7) >>> 3);
    if (units > endUnit - nextUnit) {
      newChunk((int) Math.max(MemtableMemory.CHUNK_BYTES, bytes));
    }
    int unit = nextUnit;
    nextUnit += units;
    return unit;
  }

  /// A node bigger than a chunk gets a chunk of its own, which takes as many chunk numbers as it is
  /// long and is only ever addressed by its first.
  private void newChunk(int bytes) {
    int numbers = (bytes + MemtableMemory.CHUNK_BYTES - 1) / MemtableMemory.CHUNK_BYTES;
    MemorySegment chunk;
    if (numbers == 1) {
      chunk = memory.take();
    } else {
      Arena arena = Arena.ofShared();
      oversized.add(arena);
      chunk = arena.allocate((long) numbers * MemtableMemory.CHUNK_BYTES, 64);
    }
    MemorySegment[] all = chunks;
    if (chunkCount + numbers > all.length) {
      all = Arrays.copyOf(all, Math.max(all.length * 2, chunkCount + numbers));
    }
    Invariant.check(chunkCount + numbers < 1 << (31 - CHUNK_SHIFT), "a memtable is below 16 GiB");
    all[chunkCount] = chunk;
    chunks = all;
    nextUnit = chunkCount << CHUNK_SHIFT;
    chunkCount += numbers;
    endUnit = chunkCount << CHUNK_SHIFT;
  }

  private int randomHeight() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return Math.min(HEIGHT_MAX, 1 + Long.numberOfTrailingZeros(random | 1L << 40) / 2);
  }
}
