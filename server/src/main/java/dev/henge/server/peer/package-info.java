/// What nodes say to each other, and how it travels.
///
/// `peer.proto` is the schema, FORMAT.md the framing and the handshake. [PeerCodec] turns messages
/// into bytes and back: the simulator's network uses it, too. [Peers] is the transport: a
/// [PeerLink] with its `OutgoingConnection` for each member that something is sent to, an
/// `IncomingConnection` for each that sends. [PeerCalls] puts requests with answers on top of any
/// transport; [GuestCall] is the one question that a node may ask before it is a member.
///
/// Threads: messages are encoded by who sends them, written and read by the network's event
/// threads. The lock of a link is held for a few instructions and under it no other is taken.
///
/// Read first: [Peers], then [PeerLink].
@NullMarked
package dev.henge.server.peer;

import org.jspecify.annotations.NullMarked;
