package dev.henge.server.cluster;

import dev.henge.data.Reply;

/// Hears how one try to have a request done ended; exactly one method is called, once, on a thread
/// that must not be held up.
interface Attempt {
  /// @param index of the log entry, or of what a read saw
  /// @param ageMillis of a stale read: by how much at most the replica is behind
  void answered(Reply reply, long index, long ageMillis);

  /// Nothing was done, and another node or a later time may do it.
  ///
  /// @param leader member number of who leads, as far as known; 0 for nobody
  void moved(long leader);

  /// Nothing was done, and trying elsewhere is of no use.
  void refused(Reply.Failure why);

  /// Whether it was or will be done cannot be known.
  void unknown();
}
