package dev.henge.consensus.group;

import dev.henge.consensus.raft.RaftOptions;
import java.time.Duration;

/// The bounds of a node's groups.
public record GroupOptions(Timing timing, Bounds bounds, Images images) {
  /// The usual bound of one command: twice the longest value that is usual. A follower takes an
  /// entry whole before it hears another heartbeat, so much more would cost leaders their office.
  public static final int COMMAND_BYTES_MAX = 32 << 20;

  /// For nodes in one data centre.
  public static GroupOptions defaults() {
    return new GroupOptions(Timing.defaults(), Bounds.defaults(), Images.defaults());
  }

  public GroupOptions with(Timing newTiming) {
    return new GroupOptions(newTiming, bounds, images);
  }

  public GroupOptions with(Bounds newBounds) {
    return new GroupOptions(timing, newBounds, images);
  }

  public GroupOptions with(Images newImages) {
    return new GroupOptions(timing, bounds, newImages);
  }

  /// @param tick unit of the others, and of those in `raft`
  /// @param raft of every group's core. All members must agree
  /// @param holdTicks how long a command is held after leadership was lost, before its fate is told
  ///   as unknown; also how long a request to another member for an image waits for its answer
  /// @param driftPermille how far the clocks of two members may run apart, in thousandths of the
  ///   time that passes: leases are shortened by it
  public record Timing(Duration tick, RaftOptions raft, int holdTicks, int driftPermille) {
    public static Timing defaults() {
      return new Timing(Duration.ofMillis(100), RaftOptions.DEFAULT, 30, 50);
    }

    /// How long a lease lasts from the sending of its round.
    long leaseNanos() {
      return tick.toNanos() * (raft.electionTicks() - 1) / 1000 * (1000 - driftPermille);
    }
  }

  /// Of one group, in bytes unless named otherwise.
  ///
  /// @param commandBytes of one command
  /// @param entryBytes of one entry: commands that wait are put together up to this size
  /// @param pendingBytes of commands that are accepted and not answered
  /// @param pendingCount of commands, and of reads, as the bytes
  /// @param inboxBytes of messages from other members that wait
  /// @param applyBytes of entries applied at once
  /// @param logBytes the log is compacted when it has grown by so much
  /// @param storeBytes when the log of all groups is larger, each is compacted as far as can be
  public record Bounds(
      int commandBytes,
      int entryBytes,
      long pendingBytes,
      int pendingCount,
      long inboxBytes,
      long applyBytes,
      long logBytes,
      long storeBytes) {
    public static Bounds defaults() {
      return new Bounds(
          COMMAND_BYTES_MAX, 1 << 20, 64L << 20, 100_000, 64L << 20, 1L << 20, 64L << 20, 1L << 30);
    }
  }

  /// Of all groups of the node together.
  ///
  /// @param chunkBytes of an image a message
  /// @param bytesPerSecond that all images sent by this node may take together
  /// @param countMax images held open for members that lag
  /// @param idle how long an image is kept after the last request for it
  public record Images(int chunkBytes, long bytesPerSecond, int countMax, Duration idle) {
    public static Images defaults() {
      return new Images(256 << 10, 64L << 20, 4, Duration.ofSeconds(30));
    }
  }
}
