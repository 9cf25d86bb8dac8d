package dev.henge.base.simulated;

import java.util.SplittableRandom;

/// How a power loss treats what was not synced: chosen by the seed, then the same for the whole
/// disk.
public enum CrashStyle {
  /// Nothing unsynced survives.
  LOSE_ALL,
  /// Everything survives: only the process lost its memory.
  KEEP_ALL,
  /// Any change survives or not, whatever came before it: lost and reordered.
  REORDER,
  /// As [#REORDER], and writes survive by 512-byte sectors.
  TEAR_SECTORS,
  /// As [#REORDER], and writes survive by 4 KiB pages; a file may grow without its data (zeros).
  TEAR_PAGES,
  /// Changes survive up to some point, the last one torn.
  PREFIX;

  public static CrashStyle of(SplittableRandom random) {
    return values()[random.nextInt(values().length)];
  }
}
