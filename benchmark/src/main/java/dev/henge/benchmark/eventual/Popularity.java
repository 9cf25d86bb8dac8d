package dev.henge.benchmark.eventual;

import java.util.SplittableRandom;
import java.util.function.ToLongFunction;

/// Which keys are asked for how often.
enum Popularity {
  /// A few often, most seldom; which those are is scattered over the keys.
  ZIPFIAN,
  /// All alike.
  UNIFORM;

  /// Chooses one of keys 0 to `keys`.
  ToLongFunction<SplittableRandom> chooser(long keys) {
    return switch (this) {
      case ZIPFIAN -> {
        var ranks = new Zipfian(keys);
        yield random -> scatter(ranks.next(random), keys);
      }
      case UNIFORM -> random -> random.nextLong(keys);
    };
  }

  /// The key of a rank; a few ranks share one.
  private static long scatter(long rank, long keys) {
    long hash = (rank + 1) * 0x9e3779b97f4a7c15L;
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return Math.floorMod(hash ^ (hash >>> 31), keys);
  }
}
