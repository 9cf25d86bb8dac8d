package dev.henge.base.simulated;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// What one file holds: as programs see it, as it is on the disk for certain, and the changes
/// between the two, one by one.
///
/// - Threads: guarded by its [SimulatedDisk].
final class SimulatedContent implements SimulatedDisk.Node {
  private sealed interface Change {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Write(int offset, byte[] bytes) implements Change {}

  private record Truncate(int length) implements Change {}

  private final Image live;
  private final Image synced;
  private final List<Change> unsynced = new ArrayList<>();

  SimulatedContent() {
    this(new Image(), new Image());
  }

  private SimulatedContent(Image live, Image synced) {
    this.live = live;
    this.synced = synced;
  }

  int length() {
    return live.length;
  }

  int read(long offset, ByteBuffer target) {
    if (offset >= live.length) {
      return 0;
    }
    int count = (int) Math.min(target.remaining(), live.length - offset);
    target.put(live.bytes, (int) offset, count);
    return count;
  }

  void write(long offset, byte[] bytes) {
    var change = new Write(Math.toIntExact(offset), bytes);
    unsynced.add(change);
    live.apply(change);
  }

  void truncate(long length) {
    if (length < live.length) {
      var change = new Truncate((int) length);
      unsynced.add(change);
      live.apply(change);
    }
  }

  void sync() {
    unsynced.forEach(synced::apply);
    unsynced.clear();
  }

  /// The sync failed: the system forgets what it had to write, and says so only once.
  void forgetUnsynced() {
    unsynced.clear();
  }

  byte[] bytes() {
    return Arrays.copyOf(live.bytes, live.length);
  }

  /// The medium itself changes: no program wrote this.
  void rot(byte[] bytes) {
    unsynced.clear();
    live.set(bytes);
    synced.set(bytes);
  }

  SimulatedContent copy() {
    var copy = new SimulatedContent(live.copy(), synced.copy());
    copy.unsynced.addAll(unsynced);
    return copy;
  }

  /// What is found after a power loss.
  SimulatedContent afterCrash(CrashStyle style, SplittableRandom random) {
    Image image = synced.copy();
    int kept = style == CrashStyle.PREFIX ? random.nextInt(unsynced.size() + 1) : 0;
    for (int i = 0; i < unsynced.size(); i++) {
      Change change = unsynced.get(i);
      switch (style) {
        case LOSE_ALL -> {}
        case KEEP_ALL -> image.apply(change);
        case REORDER -> {
          if (random.nextBoolean()) {
            image.apply(change);
          }
        }
        case TEAR_SECTORS -> tear(image, change, 512, random);
        case TEAR_PAGES -> tear(image, change, 4096, random);
        case PREFIX -> {
          if (i < kept) {
            image.apply(change);
          } else if (i == kept) {
            tear(image, change, 512, random);
          }
        }
      }
    }
    return new SimulatedContent(image.copy(), image);
  }

  private static void tear(Image image, Change change, int unit, SplittableRandom random) {
    if (!(change instanceof Write write)) {
      if (random.nextBoolean()) {
        image.apply(change);
      }
      return;
    }
    int end = write.offset + write.bytes.length;
    if (random.nextInt(4) == 0) {
      image.grow(end);
    }
    int fate = random.nextInt(4);
    for (int from = write.offset; from < end; ) {
      int to = Math.min(end, (from / unit + 1) * unit);
      boolean keep = fate == 0 || (fate != 1 && random.nextBoolean());
      if (keep) {
        image.apply(
            new Write(
                from, Arrays.copyOfRange(write.bytes, from - write.offset, to - write.offset)));
      }
      from = to;
    }
  }

  /// Bytes that grow, zeros where nothing was written.
  private static final class Image {
    byte[] bytes = new byte[0];
    int length;

    void apply(Change change) {
      switch (change) {
        case Write write -> {
          grow(write.offset + write.bytes.length);
          System.arraycopy(write.bytes, 0, bytes, write.offset, write.bytes.length);
        }
        case Truncate truncate -> {
          if (truncate.length < length) {
            Arrays.fill(bytes, truncate.length, length, (byte) 0);
            length = truncate.length;
          }
        }
      }
    }

    void grow(int wanted) {
      if (wanted > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(wanted, bytes.length * 2));
      }
      length = Math.max(length, wanted);
    }

    void set(byte[] content) {
      bytes = content.clone();
      length = content.length;
    }

    Image copy() {
      var copy = new Image();
      copy.bytes = Arrays.copyOf(bytes, length);
      copy.length = length;
      return copy;
    }
  }
}
