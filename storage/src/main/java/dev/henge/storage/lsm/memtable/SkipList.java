package dev.henge.storage.lsm.memtable;

import dev.henge.base.Invariant;
import dev.henge.storage.lsm.table.Table;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A skip list of keys in native memory, each with the chain of its versions, newest first: one
/// writer, any number of readers that never wait.
///
/// - Shape: a node or a version is an 8-byte-aligned run of bytes in a chunk, named by its position
///   in 8-byte units (so 32 bits reach 16 GiB); 0 is none. Offsets:
///
///   ```
///   node     0 prefix: first 8 key bytes, big-endian, zero-filled; most comparisons end here
///            8 key length (24 bits) and height (8 bits)
///           12 newest version
///           16 next[height], 4 bytes each, then the key
///   version  0 trailer: sequence << 1 | kind
///            8 value length
///           12 next older version
///           16 value
///   ```
///
/// - Invariants: (1) level 0 links all nodes in key order; (2) a node is in level i+1 only if it is
///   in level i; (3) trailers fall along a chain; (4) of a linked node only links and the newest
///   version change, of a version nothing; (5) a link is stored with release after what it leads to
///   is complete, and read with acquire.
/// - Threads: [#insert] and [#addVersion] by one thread at a time; everything else from any.
/// - Lifetime: the chunks go back by [#release], when no reader is left.
/// - Source: Pugh, "Skip Lists" (1990); LevelDB's `skiplist.h` for the publication order.
final class SkipList {
  private static final int HEIGHT_MAX = 12; // 4^12 keys: more than a memtable holds

  private static final int PREFIX = 0;
  private static final int KEY_LENGTH = 8;
  private static final int NEWEST = 12;
  private static final int NEXT = 16;

  private static final int TRAILER = 0;
  private static final int VALUE_LENGTH = 8;
  private static final int OLDER = 12;
  private static final int VALUE = 16;

  private static final int CHUNK_SHIFT = 17; // 2^17 units of 8 bytes: a chunk
  private static final int UNIT_MASK = (1 << CHUNK_SHIFT) - 1;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfLong KEY_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
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
    nextUnit++; // unit 0 is "none"
    head = allocate(NEXT + HEIGHT_MAX * 4);
    segment(head).asSlice(base(head), NEXT + HEIGHT_MAX * 4L).fill((byte) 0);
  }

  /// Bytes taken.
  long byteCount() {
    return (long) nextUnit << 3;
  }

  /// Adds a key that is not there yet, with its first version: `source` holds key and value.
  ///
  /// @return its node
  int insert(
      byte[] source, int keyOffset, int keyLength, long trailer, int valueOffset, int valueLength) {
    long prefix = prefix(source, keyOffset, keyLength);
    int node = head;
    for (int level = height - 1; level >= 0; level--) {
      while (true) {
        int next = next(node, level);
        if (next == 0 || compare(next, source, keyOffset, keyLength, prefix) >= 0) {
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
    int added = allocate(NEXT + levels * 4L + keyLength);
    int version = newVersion(trailer, source, valueOffset, valueLength, 0);
    MemorySegment segment = segment(added);
    long base = base(added);
    segment.set(LONG, base + PREFIX, prefix);
    segment.set(INT, base + KEY_LENGTH, keyLength | levels << 24);
    segment.set(INT, base + NEWEST, version);
    MemorySegment.copy(source, keyOffset, segment, BYTE, base + NEXT + levels * 4L, keyLength);
    for (int level = 0; level < levels; level++) {
      segment.set(INT, base + NEXT + level * 4L, next(before[level], level));
    }
    for (int level = 0; level < levels; level++) {
      LINK.setRelease(segment(before[level]), base(before[level]) + NEXT + level * 4L, added);
    }
    return added;
  }

  /// Adds a version that is newer than all others of the node's key.
  void addVersion(int node, long trailer, byte[] source, int valueOffset, int valueLength) {
    int version = newVersion(trailer, source, valueOffset, valueLength, newest(node));
    LINK.setRelease(segment(node), base(node) + NEWEST, version);
  }

  /// The first node at or after `key`; 0 when there is none.
  int ceiling(byte[] key, int keyLength) {
    return next(findLower(key, keyLength), 0);
  }

  /// The last node before `key`; 0 when there is none.
  int lower(byte[] key, int keyLength) {
    int node = findLower(key, keyLength);
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

  /// The newest version of the node's key.
  int newest(int node) {
    return (int) LINK.getAcquire(segment(node), base(node) + NEWEST);
  }

  /// The version before `version`; 0 when it is the oldest.
  int older(int version) {
    return segment(version).get(INT, base(version) + OLDER);
  }

  long trailer(int version) {
    return segment(version).get(LONG, base(version) + TRAILER);
  }

  int valueLength(int version) {
    return segment(version).get(INT, base(version) + VALUE_LENGTH);
  }

  int keyLength(int node) {
    return segment(node).get(INT, base(node) + KEY_LENGTH) & 0xffffff;
  }

  /// @param target at least [#keyLength] bytes
  void copyKey(int node, byte[] target) {
    MemorySegment segment = segment(node);
    long base = base(node);
    int packed = segment.get(INT, base + KEY_LENGTH);
    MemorySegment.copy(segment, BYTE, keyStart(base, packed), target, 0, packed & 0xffffff);
  }

  /// @param target at least [#valueLength] bytes
  void copyValue(int version, byte[] target) {
    MemorySegment segment = segment(version);
    long base = base(version);
    MemorySegment.copy(
        segment, BYTE, base + VALUE, target, 0, segment.get(INT, base + VALUE_LENGTH));
  }

  /// Fills `target`, which is at most [#valueLength] bytes, with the first of them.
  void copyValueHead(int version, byte[] target) {
    MemorySegment.copy(segment(version), BYTE, base(version) + VALUE, target, 0, target.length);
  }

  boolean keyEquals(int node, byte[] bytes, int offset, int length) {
    MemorySegment segment = segment(node);
    long base = base(node);
    int packed = segment.get(INT, base + KEY_LENGTH);
    return (packed & 0xffffff) == length
        && segment.get(LONG, base + PREFIX) == prefix(bytes, offset, length)
        && compareTail(segment, base, packed, bytes, offset, length) == 0;
  }

  /// The hash of the node's key.
  long hash(int node) {
    var key = new byte[keyLength(node)];
    copyKey(node, key);
    return Table.hash(key);
  }

  void release() {
    MemorySegment[] all = chunks;
    for (int i = 0; i < chunkCount; i++) {
      if (all[i] != null && all[i].byteSize() == MemtableMemory.CHUNK_BYTES) {
        memory.giveBack(all[i]);
      } else if (all[i] != null) {
        memory.countOversized(-all[i].byteSize());
      }
    }
    oversized.forEach(Arena::close);
    chunks = new MemorySegment[0];
  }

  private int findLower(byte[] key, int keyLength) {
    long prefix = prefix(key, 0, keyLength);
    int node = head;
    for (int level = HEIGHT_MAX - 1; level >= 0; level--) {
      while (true) {
        int next = next(node, level);
        if (next == 0 || compare(next, key, 0, keyLength, prefix) >= 0) {
          break;
        }
        node = next;
      }
    }
    return node;
  }

  private int newVersion(long trailer, byte[] source, int valueOffset, int valueLength, int older) {
    int version = allocate(VALUE + (long) valueLength);
    MemorySegment segment = segment(version);
    long base = base(version);
    segment.set(LONG, base + TRAILER, trailer);
    segment.set(INT, base + VALUE_LENGTH, valueLength);
    segment.set(INT, base + OLDER, older);
    if (valueLength > 0) {
      MemorySegment.copy(source, valueOffset, segment, BYTE, base + VALUE, valueLength);
    }
    return version;
  }

  private static long prefix(byte[] key, int offset, int length) {
    if (length >= 8) {
      return (long) BIG_ENDIAN_LONG.get(key, offset);
    }
    long prefix = 0;
    for (int i = 0; i < length; i++) {
      prefix |= (key[offset + i] & 0xffL) << (56 - 8 * i);
    }
    return prefix;
  }

  private int compare(int node, byte[] key, int offset, int length, long prefix) {
    MemorySegment segment = segment(node);
    long base = base(node);
    long nodePrefix = segment.get(LONG, base + PREFIX);
    if (nodePrefix != prefix) {
      return Long.compareUnsigned(nodePrefix, prefix);
    }
    int packed = segment.get(INT, base + KEY_LENGTH);
    return compareTail(segment, base, packed, key, offset, length);
  }

  /// Compares keys whose prefixes are equal.
  private static int compareTail(
      MemorySegment segment, long base, int packed, byte[] key, int offset, int length) {
    int nodeLength = packed & 0xffffff;
    long start = keyStart(base, packed);
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
      int order = (segment.get(BYTE, start + i) & 0xff) - (key[offset + i] & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return nodeLength - length;
  }

  private static long keyStart(long base, int packed) {
    return base + NEXT + (packed >>> 24) * 4L;
  }

  private int next(int node, int level) {
    return (int) LINK.getAcquire(segment(node), base(node) + NEXT + level * 4L);
  }

  private MemorySegment segment(int unit) {
    return chunks[unit >>> CHUNK_SHIFT];
  }

  private static long base(int unit) {
    return (long) (unit & UNIT_MASK) << 3;
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

  /// A run bigger than a chunk gets a chunk of its own, which takes as many chunk numbers as it is
  /// long and is only ever addressed by its first: nothing else is put behind the run.
  private void newChunk(int bytes) {
    int numbers = (bytes + MemtableMemory.CHUNK_BYTES - 1) / MemtableMemory.CHUNK_BYTES;
    MemorySegment chunk;
    if (numbers == 1) {
      chunk = memory.take();
    } else {
      Arena arena = Arena.ofShared();
      oversized.add(arena);
      chunk = arena.allocate((long) numbers * MemtableMemory.CHUNK_BYTES, 64);
      memory.countOversized(chunk.byteSize());
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
    endUnit = numbers == 1 ? chunkCount << CHUNK_SHIFT : nextUnit + ((bytes + 7) >>> 3);
  }

  private int randomHeight() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return Math.min(HEIGHT_MAX, 1 + Long.numberOfTrailingZeros(random | 1L << 40) / 2);
  }
}
