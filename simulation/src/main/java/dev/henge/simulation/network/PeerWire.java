package dev.henge.simulation.network;

import dev.henge.consensus.group.PeerMessage;
import dev.henge.server.peer.BadFrameException;
import dev.henge.server.peer.Envelope;
import dev.henge.server.peer.PeerCodec;

/// What a message is after it travelled as bytes.
final class PeerWire {
  private PeerWire() {}

  /// @throws IllegalStateException when the codec does not understand what it wrote
  static PeerMessage through(long from, long to, PeerMessage message) {
    byte[] bytes = PeerCodec.encode(new Envelope(1, from, to, 1, 1, 1, message), 0);
    PeerMessage received;
    try {
      received = PeerCodec.decode(bytes, 0, bytes.length).message();
    } catch (BadFrameException e) {
      throw new IllegalStateException("not understood: " + message, e);
    }
    if (received == null) {
      throw new IllegalStateException("gone on the way: " + message);
    }
    return received;
  }
}
