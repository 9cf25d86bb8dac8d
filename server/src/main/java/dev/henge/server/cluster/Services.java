package dev.henge.server.cluster;

import dev.henge.server.peer.PeerCalls;

/// Numbers of the services that nodes offer to each other. On the wire: never renumber.
public final class Services {
  /// Operations on strong groups: [StrongService].
  public static final int STRONG = 1;

  /// The receiver does not lead the group; the body is the member number of who does.
  static final int MOVED = PeerCalls.FIRST_OF_SERVICES;

  /// Whether it was done cannot be known.
  static final int UNKNOWN = PeerCalls.FIRST_OF_SERVICES + 1;

  /// It was refused for good; the body is a reply.
  static final int REFUSED = PeerCalls.FIRST_OF_SERVICES + 2;

  private Services() {}
}
