package dev.henge.server.peer;

import java.time.Duration;

/// Bounds and times of the transport.
///
/// @param frameBytesMax longest message, sent or received
/// @param queueBytesMax what may wait for one member; more is dropped when it is offered
/// @param lightBytesMax room above that for messages without user data (votes, heartbeats,
///   replies): the oldest of them make room for the newest
/// @param connectTimeout of one attempt, and of the handshake behind it
/// @param backoffMin before a connection that failed is tried again; doubles, with jitter
/// @param backoffMax at most so long
/// @param lifeInterval between signs of life on a connection
/// @param lifeTimeout a connection from which nothing came for so long is given up
/// @param incomingCountMax connections accepted at one time
public record PeerOptions(
    int frameBytesMax,
    long queueBytesMax,
    long lightBytesMax,
    Duration connectTimeout,
    Duration backoffMin,
    Duration backoffMax,
    Duration lifeInterval,
    Duration lifeTimeout,
    int incomingCountMax) {
  public static PeerOptions defaults() {
    return new PeerOptions(
        192 << 20,
        256L << 20,
        4L << 20,
        Duration.ofSeconds(2),
        Duration.ofMillis(20),
        Duration.ofSeconds(1),
        Duration.ofMillis(300),
        Duration.ofMillis(1500),
        1024);
  }

  PeerOptions withLife(Duration interval, Duration timeout) {
    return new PeerOptions(
        frameBytesMax,
        queueBytesMax,
        lightBytesMax,
        connectTimeout,
        backoffMin,
        backoffMax,
        interval,
        timeout,
        incomingCountMax);
  }
}
