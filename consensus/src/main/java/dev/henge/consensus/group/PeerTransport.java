package dev.henge.consensus.group;

import java.util.function.BiConsumer;

/// Carries messages to other members: at most once, in order while a connection lasts, never
/// blocking. What cannot be queued or delivered is dropped: every protocol above it copes.
///
/// - Threads: any; received messages come on a thread of the transport, which the receiver must not
///   hold up.
public interface PeerTransport {
  /// @param deadlineMillis how long the message is of use from now on; dropped when it cannot leave
  ///   by then
  void send(long member, PeerMessage message, long deadlineMillis);

  /// As the other.
  ///
  /// @param neverLeft runs, on any thread, where it is certain that the message was dropped before
  ///   it left this node; a transport that cannot tell never calls it
  default void send(long member, PeerMessage message, long deadlineMillis, Runnable neverLeft) {
    send(member, message, deadlineMillis);
  }

  /// Who hears what arrives: sender's member number and message. Set once, before anything is sent.
  void onReceive(BiConsumer<Long, PeerMessage> receiver);

  /// Who hears that the connection to a member was lost or refused: quiet groups wake up by it.
  void onUnreachable(java.util.function.LongConsumer listener);
}
