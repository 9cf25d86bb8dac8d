package dev.henge.server.eventual;

import dev.henge.server.peer.PeerCalls;

/// Numbers of the services of eventual keyspaces. On the wire: never renumber.
final class EventualServices {
  /// Adds a [EventualWire.Copy] to the receiver's own copy; answered when that is durable.
  static final int MERGE = 32;

  /// What the receiver knows of a key, durably: stored versions, nothing where it knows nothing.
  static final int FETCH = 33;

  /// Keeps a [EventualWire.Copy] for its target.
  static final int HINT = 34;

  /// Coordinates a [EventualWire.Forwarded] request.
  static final int COORDINATE = 35;

  /// A page of keys, or their number.
  static final int WALK = 36;

  /// A question about hash trees, as `replication.antientropy` has it.
  static final int TREES = 37;

  /// The receiver has no copies of the keyspace, or of the slot, as far as it knows.
  static final int NO_COPY = PeerCalls.FIRST_OF_SERVICES;

  /// It does not do it; nothing was stored.
  static final int REFUSED = PeerCalls.FIRST_OF_SERVICES + 1;

  private EventualServices() {}
}
