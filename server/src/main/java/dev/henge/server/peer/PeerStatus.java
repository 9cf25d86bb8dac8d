package dev.henge.server.peer;

/// How the way to a member is.
///
/// @param connected whether messages can leave now
/// @param lastError why they could not; empty when they can
/// @param queuedBytes that wait to leave
/// @param droppedCount messages refused, dropped or too late since the start
public record PeerStatus(
    boolean connected, String lastError, long queuedBytes, long droppedCount) {}
