package dev.henge.simulation.world;

import java.nio.charset.StandardCharsets;

/// A number that stands for everything that happened in a run, in its order: two runs of one seed
/// have the same, or something in them does not come from the seed.
///
/// - Source: FNV-1a over 64-bit words, finished as in MurmurHash3.
public final class TraceHash {
  private static final long PRIME = 0x100000001b3L;

  private long state = 0xcbf29ce484222325L;

  public void add(long word) {
    state = (state ^ word) * PRIME;
    state ^= state >>> 29;
  }

  public void add(String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      state = (state ^ b) * PRIME;
    }
    add(text.length());
  }

  public long value() {
    long mixed = (state ^ (state >>> 33)) * 0xff51afd7ed558ccdL;
    return mixed ^ (mixed >>> 33);
  }
}
