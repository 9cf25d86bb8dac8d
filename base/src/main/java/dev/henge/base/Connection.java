package dev.henge.base;

import java.net.InetSocketAddress;

/// One byte stream to a peer, as its [ConnectionHandler] sees it.
///
/// - Threads: owned by its event thread; only [#execute], [#close] and the addresses may be used
///   from other threads.
public interface Connection {
  InetSocketAddress remoteAddress();

  InetSocketAddress localAddress();

  /// Queues a copy of the bytes for sending; [#flush] sends them.
  void write(byte[] source, int offset, int length);

  /// Sends what was written.
  void flush();

  /// Bytes written and not yet taken by the peer's socket.
  long unsentBytes();

  /// Whether [#unsentBytes] is below the high-water mark; a change is told by
  /// [ConnectionHandler#writabilityChanged].
  boolean writable();

  /// While off, no more input is read: back-pressure on the peer.
  void readEnabled(boolean enabled);

  /// Runs `task` on the event thread, in the order of the calls.
  void execute(Runnable task);

  boolean inEventThread();

  /// Sends what is flushed, then closes.
  void close();
}
