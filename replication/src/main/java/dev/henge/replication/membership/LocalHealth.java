package dev.henge.replication.membership;

/// How far this node can trust what it believes to hear, or not to hear.
///
/// Who was paused, or is slow, finds everybody else silent. So silence is measured in *listening
/// time*, which stands still while the node does not run; and each sign of trouble of its own makes
/// the node more patient with others.
///
/// - Units: nanoseconds.
/// - Threads: its owner's.
/// - Source: Dadgar et al., "Lifeguard: Local Health Awareness for More Accurate Failure Detection"
///   (2018), section IV.A. The listening time is ours: Lifeguard's members learn of their own pause
///   only by answers that they missed.
final class LocalHealth {
  static final int TROUBLE_MAX = 8;

  private final long intervalNanos;
  private long tickedNanos;
  private long listenedNanos;
  private int trouble;
  private boolean heard;

  LocalHealth(long intervalNanos, long nowNanos) {
    this.intervalNanos = intervalNanos;
    this.tickedNanos = nowNanos;
  }

  /// A tick has come.
  ///
  /// @return whether it came so late that the node has not been itself since the last one
  boolean tick(long nowNanos) {
    long sinceNanos = nowNanos - tickedNanos;
    listenedNanos = listening(nowNanos);
    tickedNanos = nowNanos;
    boolean late = sinceNanos > 2 * intervalNanos;
    if (late) {
      trouble = (int) Math.min(TROUBLE_MAX, trouble + sinceNanos / intervalNanos - 1);
    } else if (heard && trouble > 0) {
      trouble--;
    }
    heard = false;
    return late;
  }

  /// For how long the node has listened until now.
  long listening(long nowNanos) {
    return listenedNanos + Math.min(nowNanos - tickedNanos, intervalNanos * 3 / 2);
  }

  /// A message came.
  void heard() {
    heard = true;
  }

  /// Of those asked to help nobody was heard of: this node may be what is cut off.
  void unheard() {
    trouble = Math.min(TROUBLE_MAX, trouble + 1);
  }

  /// How many times longer than usual to wait before doubting others.
  int patience() {
    return 1 + trouble;
  }
}
