package dev.henge.replication.membership;

import dev.henge.base.Invariant;
import java.time.Duration;

/// How often and how much is told, and when silence is doubted.
///
/// @param interval between two ticks
/// @param fanout members told at a tick
/// @param entryCount heartbeats in a message at most; with more members than that, a message
///   carries those that changed last and those that were sent longest ago
/// @param accusationCount accusations in a message at most
/// @param phi how unlikely a silence must be to be doubted: 8 is one in 10^8, by its history
public record GossipOptions(
    Duration interval, int fanout, int entryCount, int accusationCount, double phi) {
  /// A message is at most 512 entries of about 7 bytes and 64 accusations of about 9: 4.2 KB (and
  /// never more than 21 bytes and 31 bytes each: 13 KB). Three of them at a tick are 25 KB a second
  /// for a member of a cluster of 512 members or 5,000.
  public static final GossipOptions USUAL =
      new GossipOptions(Duration.ofMillis(500), 3, 512, 64, 8);

  public GossipOptions {
    Invariant.check(interval.toNanos() > 0 && fanout > 0, "somebody is told at some time");
    Invariant.check(entryCount >= 2 && accusationCount >= 1, "a message carries something");
    Invariant.check(phi > 0, "silence is doubted at some time");
  }
}
