package dev.henge.storage.lsm.table;

import dev.henge.base.Invariant;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Decompressed blocks, bounded in bytes, shared by the tables of one or more engines.
///
/// A block lives in a [Frame], whose array is taken over by later blocks instead of being left to
/// the garbage collector: a random-read load would otherwise allocate hundreds of MB a second that
/// live just long enough to be copied. A frame is pinned while it is read; only unpinned ones are
/// evicted.
///
/// - Shape: 16 shards, each an open-addressed table of frames and a clock hand (second chance).
///   Arrays are rounded up to 512 bytes, so that blocks of about one size reuse each other's.
/// - Bound: `capacityBytes` over unpinned frames; pinned ones can exceed it by what readers hold, a
///   few blocks each.
/// - Threads: any; a shard's lock is held for the lookup only.
public final class BlockCache {
  private static final int SHARDS = 16;

  /// Reused arrays kept per shard, beyond which they are dropped.
  private static final int FREE_COUNT_MAX = 64;

  /// Block readers kept for reuse: about as many as threads read at the same time.
  private static final int READERS_MAX = 32;

  private final Shard[] shards = new Shard[SHARDS];
  private final AtomicLong nextOwner = new AtomicLong(1);
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  // guarded by itself
  private final ArrayDeque<BlockReader> readers = new ArrayDeque<>();

  public BlockCache(long capacityBytes) {
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard(capacityBytes / SHARDS);
    }
  }

  public long hits() {
    return hits.sum();
  }

  public long misses() {
    return misses.sum();
  }

  /// Bytes of blocks held now.
  public long byteCount() {
    long total = 0;
    for (Shard shard : shards) {
      total += shard.byteCount();
    }
    return total;
  }

  /// A reader for one block; [#giveBack] it.
  BlockReader takeReader() {
    synchronized (readers) {
      BlockReader reader = readers.pollLast();
      return reader != null ? reader : new BlockReader();
    }
  }

  void giveBack(BlockReader reader) {
    synchronized (readers) {
      if (readers.size() < READERS_MAX) {
        readers.addLast(reader);
      }
    }
  }

  /// A number for a table, distinct among all that use this cache.
  long newOwner() {
    return nextOwner.getAndIncrement();
  }

  static long keyOf(long owner, int blockIndex) {
    return owner << 28 | blockIndex;
  }

  /// The block under `key`, pinned, or null. [Frame#release] it.
  @Nullable Frame acquire(long key) {
    Frame frame = shard(key).acquire(key);
    if (frame == null) {
      misses.increment();
    } else {
      hits.increment();
    }
    return frame;
  }

  /// A pinned frame with room for `bytes`, not yet to be found; fill it and [#publish] or
  /// [Frame#release] it.
  Frame allocate(long key, int bytes) {
    return shard(key).allocate(key, bytes);
  }

  /// Makes a filled frame findable. Where another thread was first, its frame is returned, pinned,
  /// and `frame` released.
  Frame publish(Frame frame) {
    return frame.shard.publish(frame);
  }

  private Shard shard(long key) {
    return shards[(int) (mix(key) >>> 60)];
  }

  private static long mix(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return mixed ^ mixed >>> 32;
  }

  /// One block in memory.
  static final class Frame {
    private final Shard shard;
    final byte[] bytes;
    int length;

    // guarded by the shard's lock
    private long key;
    private int pins = 1;
    private boolean cached;
    private boolean referenced;
    private int clockIndex;

    private Frame(Shard shard, int capacity) {
      this.shard = shard;
      this.bytes = new byte[capacity];
    }

    void release() {
      shard.release(this);
    }
  }

  private static final class Shard {
    private final ReentrantLock lock = new ReentrantLock();
    private final long capacityBytes;

    // guarded by lock
    private @Nullable Frame[] table = new Frame[64];
    private @Nullable Frame[] clock = new Frame[64];
    private final ArrayDeque<Frame> free = new ArrayDeque<>();
    private int count;
    private int hand;
    private long bytes;

    Shard(long capacityBytes) {
      this.capacityBytes = capacityBytes;
    }

    long byteCount() {
      lock.lock();
      try {
        return bytes;
      } finally {
        lock.unlock();
      }
    }

    @Nullable Frame acquire(long key) {
      lock.lock();
      try {
        Frame frame = find(key);
        if (frame != null) {
          frame.pins++;
          frame.referenced = true;
        }
        return frame;
      } finally {
        lock.unlock();
      }
    }

    Frame allocate(long key, int wanted) {
      int capacity = (wanted + 511) & ~511;
      lock.lock();
      try {
        while (bytes + capacity > capacityBytes && evictOne()) {
          // makes room, and usually frees an array of the right size
        }
        Frame frame = takeFree(capacity);
        if (frame == null) {
          frame = new Frame(this, capacity);
        }
        frame.key = key;
        frame.pins = 1;
        frame.referenced = false;
        frame.length = wanted;
        return frame;
      } finally {
        lock.unlock();
      }
    }

    Frame publish(Frame frame) {
      lock.lock();
      try {
        Frame first = find(frame.key);
        if (first != null) {
          first.pins++;
          frame.pins = 0;
          recycle(frame);
          return first;
        }
        if (frame.bytes.length <= capacityBytes) {
          insert(frame);
        }
        return frame;
      } finally {
        lock.unlock();
      }
    }

    void release(Frame frame) {
      lock.lock();
      try {
        Invariant.check(frame.pins > 0, "a frame is released once per pin");
        if (--frame.pins == 0 && !frame.cached) {
          recycle(frame);
        }
      } finally {
        lock.unlock();
      }
    }

    private @Nullable Frame takeFree(int capacity) {
      for (int i = Math.min(8, free.size()); i > 0; i--) {
        Frame frame = free.pollLast();
        if (frame != null && frame.bytes.length == capacity) {
          return frame;
        }
        if (frame != null) {
          free.addFirst(frame);
        }
      }
      return null;
    }

    private void recycle(Frame frame) {
      if (free.size() < FREE_COUNT_MAX && frame.bytes.length <= 64 << 10) {
        free.addLast(frame);
      }
    }

    /// Gives every frame a second chance, then takes the first that nobody pins.
    private boolean evictOne() {
      for (int step = 2 * count; step > 0; step--) {
        if (hand >= count) {
          hand = 0;
        }
        Frame frame = clock[hand];
        if (frame == null) {
          return false;
        }
        if (frame.pins == 0 && !frame.referenced) {
          remove(frame);
          recycle(frame);
          return true;
        }
        frame.referenced = false;
        hand++;
      }
      return false;
    }

    private @Nullable Frame find(long key) {
      int mask = table.length - 1;
      for (int i = (int) mix(key) & mask; ; i = (i + 1) & mask) {
        Frame frame = table[i];
        if (frame == null || frame.key == key) {
          return frame;
        }
      }
    }

    private void insert(Frame frame) {
      if (count * 2 >= table.length) {
        grow();
      }
      int mask = table.length - 1;
      int i = (int) mix(frame.key) & mask;
      while (table[i] != null) {
        i = (i + 1) & mask;
      }
      table[i] = frame;
      frame.cached = true;
      frame.clockIndex = count;
      clock[count++] = frame;
      bytes += frame.bytes.length;
    }

    private void remove(Frame frame) {
      int mask = table.length - 1;
      int i = (int) mix(frame.key) & mask;
      while (table[i] != frame) {
        i = (i + 1) & mask;
      }
      table[i] = null;
      // Close the gap, so that later probes do not stop at it.
      for (int j = (i + 1) & mask; ; j = (j + 1) & mask) {
        Frame moved = table[j];
        if (moved == null) {
          break;
        }
        int home = (int) mix(moved.key) & mask;
        if (((j - home) & mask) >= ((j - i) & mask)) {
          table[i] = moved;
          table[j] = null;
          i = j;
        }
      }
      Frame last = clock[--count];
      clock[count] = null;
      if (last != frame && last != null) {
        clock[frame.clockIndex] = last;
        last.clockIndex = frame.clockIndex;
      }
      frame.cached = false;
      bytes -= frame.bytes.length;
    }

    private void grow() {
      @Nullable Frame[] old = clock;
      table = new Frame[table.length * 2];
      clock = new Frame[table.length];
      int mask = table.length - 1;
      for (int c = 0; c < count; c++) {
        Frame frame = Objects.requireNonNull(old[c]);
        clock[c] = frame;
        int i = (int) mix(frame.key) & mask;
        while (table[i] != null) {
          i = (i + 1) & mask;
        }
        table[i] = frame;
      }
    }
  }
}
