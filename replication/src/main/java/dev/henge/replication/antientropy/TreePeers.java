package dev.henge.replication.antientropy;

/// Reaches the [TreeService]s of other nodes.
///
/// - Threads: any; a listener is called once, on any thread, and must not block.
public interface TreePeers {
  /// @param request as [TreeMessages] has it
  void ask(long member, byte[] request, long timeoutMillis, Listener listener);

  /// Hears of a question.
  interface Listener {
    void answered(byte[] answer);

    /// It was refused, or nobody knows.
    void failed(String why);
  }
}
