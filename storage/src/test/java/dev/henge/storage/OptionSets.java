package dev.henge.storage;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import dev.henge.storage.lsm.table.Compression;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;

/// Engines under test, with options small enough that every history meets flushes, log rotations
/// and compactions over several levels.
@NullMarked
final class OptionSets {
  private OptionSets() {}

  /// The LSM engine with fixed options.
  record Lsm(LsmOptions options) implements EngineMaker {
    @Override
    public Engine open(Path directory, Disk disk, Clock clock, Threads threads) throws IOException {
      return LsmEngine.open(directory, options, disk, clock, threads);
    }
  }

  static EngineMaker lsmDefaults() {
    return new Lsm(LsmOptions.defaults().withMemtableBytes(1 << 20).withLogSegmentBytes(1 << 20));
  }

  /// Small in everything, the same each time.
  static EngineMaker lsmSmall() {
    return new Lsm(
        LsmOptions.defaults()
            .withMemtableBytes(4 << 10)
            .withLogSegmentBytes(16 << 10)
            .withBlocks(512, 4)
            .withBlockCacheBytes(64 << 10)
            .withLevels(4 << 10, 16 << 10, 4)
            .withLevel0(2, 6, 10));
  }

  static EngineMaker lsmRandom(long seed) {
    var random = new SplittableRandom(seed ^ 0x0bd1);
    int compact = 1 + random.nextInt(4);
    int slow = compact + 1 + random.nextInt(6);
    return new Lsm(
        LsmOptions.defaults()
            .withMemtableBytes(pick(random, 512, 2 << 10, 8 << 10, 64 << 10))
            .withLogSegmentBytes(pick(random, 4 << 10, 8 << 10, 32 << 10, 128 << 10))
            .withBlocks(pick(random, 32, 256, 1 << 10, 4 << 10), pick(random, 1, 2, 3, 16))
            .withBloomBitsPerKey(pick(random, 0, 0, 1, 10, 20))
            .withBlockCacheBytes(pick(random, 0, 8 << 10, 1 << 20))
            .withCompression(compression(random))
            .withLevels(
                pick(random, 1 << 10, 4 << 10, 32 << 10),
                pick(random, 2 << 10, 16 << 10, 128 << 10),
                pick(random, 2, 4, 10))
            .withLevel0(compact, slow, slow + 1 + random.nextInt(6)));
  }

  private static Compression[] compression(SplittableRandom random) {
    List<Compression> levels = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      levels.add(Compression.values()[random.nextInt(Compression.values().length)]);
    }
    return levels.toArray(new Compression[0]);
  }

  private static int pick(SplittableRandom random, int... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
