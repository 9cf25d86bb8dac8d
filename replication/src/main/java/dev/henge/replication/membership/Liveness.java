package dev.henge.replication.membership;

/// Whether a member may be asked, as this node believes at this moment.
///
/// It is advice: whoever asks a member that is up may get no answer, and one that is not up may
/// still answer. Nothing about ownership follows from it.
///
/// - Threads: any; answers at once.
public interface Liveness {
  /// Whether requests should go to `member`: it is neither suspected nor known to be down. This
  /// node itself is up. A member that is not in the metadata (yet, or any more) is not.
  boolean isUp(long member);
}
