package dev.henge.consensus.raft;

import java.util.ArrayDeque;

/// What a leader knows of one member, and what is under way to it. Each transition between states
/// is one method here.
///
/// - Shape: PROBE sends one message and waits for an answer or the next heartbeat's; REPLICATE
///   sends ahead within the window; SNAPSHOT sends offers only.
/// - Invariants: (1) `match < next`; (2) `match` never falls within a term.
final class Progress {
  enum State {
    PROBE,
    REPLICATE,
    SNAPSHOT
  }

  private record InFlight(long last, long bytes) {}

  private final RaftOptions options;
  private final ArrayDeque<InFlight> window = new ArrayDeque<>();
  private long windowBytes;

  private State state = State.PROBE;
  private long match;
  private long next;

  /// Whether a probe or an offer waits for its answer.
  private boolean waits;

  /// Whether entries for this member are being fetched.
  boolean fetching;

  /// Whether it was heard since the quorum was last checked.
  boolean active = true;

  /// The newest round of heartbeats it answered.
  long round;

  /// What its last answer carried; 0 for nothing yet.
  long stamp;

  /// The highest commit index that was sent to it.
  long commitSent;

  Progress(RaftOptions options, long next) {
    this.options = options;
    this.next = next;
  }

  State state() {
    return state;
  }

  /// The last index at which it is known to agree with the leader, durably.
  long match() {
    return match;
  }

  /// Where the next entries for it begin.
  long next() {
    return next;
  }

  boolean maySend() {
    return switch (state) {
      case PROBE, SNAPSHOT -> !waits;
      case REPLICATE ->
          window.size() < options.windowMessagesMax() && windowBytes < options.windowBytesMax();
    };
  }

  /// A message with entries up to `last` (or none, then `last` is the index before them) has left.
  void sent(long last, long bytes) {
    switch (state) {
      case PROBE, SNAPSHOT -> waits = true;
      case REPLICATE -> {
        if (last >= next) {
          next = last + 1;
          window.add(new InFlight(last, bytes));
          windowBytes += bytes;
        }
      }
    }
  }

  /// It answered a heartbeat: a probe or an offer may have been lost.
  void answered() {
    waits = false;
  }

  /// It holds everything up to `index`.
  ///
  /// @param begin where the leader's log begins: with less it still needs an image
  void accepted(long index, long begin) {
    match = Math.max(match, index);
    next = Math.max(next, match + 1);
    switch (state) {
      case PROBE -> becomeReplicate();
      case SNAPSHOT -> {
        if (match >= begin) {
          becomeReplicate();
        }
      }
      case REPLICATE -> {
        while (!window.isEmpty() && window.getFirst().last() <= match) {
          windowBytes -= window.removeFirst().bytes();
        }
      }
    }
  }

  /// It refused entries behind `refused`; the logs may agree at `hint`.
  void refused(long refused, long hint) {
    switch (state) {
      case REPLICATE -> {
        if (refused > match) {
          becomeProbe(match + 1);
        }
      }
      case PROBE -> {
        if (refused == next - 1) {
          becomeProbe(Math.max(match + 1, Math.min(refused, hint + 1)));
        }
      }
      case SNAPSHOT -> {}
    }
  }

  void becomeProbe(long from) {
    state = State.PROBE;
    next = from;
    waits = false;
    clearWindow();
  }

  private void becomeReplicate() {
    state = State.REPLICATE;
    next = match + 1;
    waits = false;
    clearWindow();
  }

  /// What it needs is compacted.
  void becomeSnapshot() {
    state = State.SNAPSHOT;
    waits = false;
    clearWindow();
  }

  private void clearWindow() {
    window.clear();
    windowBytes = 0;
  }

  @Override
  public String toString() {
    return state + " match " + match + " next " + next + (waits ? " waits" : "");
  }
}
