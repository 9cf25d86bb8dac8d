package dev.henge.server.store;

/// The newest write of one client: what its later reads must see and its replies must wait for.
///
/// - Threads: whoever owns the client's session.
public final class WriteMark {
  private long sequence;

  /// Engine sequence number of the group in use; 0 before the first write.
  public long sequence() {
    return sequence;
  }

  void advance(long written) {
    sequence = written;
  }

  /// The client has moved to another group, whose numbers are others.
  public void reset() {
    sequence = 0;
  }
}
