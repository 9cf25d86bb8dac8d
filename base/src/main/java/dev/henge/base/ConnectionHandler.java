package dev.henge.base;

import java.nio.ByteBuffer;

/// Reacts to one [Connection], always on its event thread.
public interface ConnectionHandler {
  /// Bytes have arrived. The buffer is borrowed until return: what is not consumed must be copied.
  void received(ByteBuffer bytes);

  /// All bytes that one wake-up brought have been given to [#received].
  void receiveComplete();

  /// The peer has ended its stream: no more bytes will come, answers can still be sent. The handler
  /// closes the connection when it has nothing more to say.
  void inputEnded();

  /// [Connection#writable] has changed.
  void writabilityChanged();

  /// The connection is gone; called once, last.
  void closed();
}
