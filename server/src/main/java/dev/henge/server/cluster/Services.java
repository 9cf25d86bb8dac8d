package dev.henge.server.cluster;

import dev.henge.server.peer.PeerCalls;

/// Numbers of the services that nodes give each other. Persisted on the wire: never renumber.
public final class Services {
  /// A [dev.henge.consensus.metadata.MetadataCommand] for the metadata's leader.
  static final int COMMAND = 1;

  /// A keyspace to be declared, by the metadata's leader.
  static final int DECLARE = 2;

  /// A node that is no member wants in.
  static final int JOIN = 3;

  /// What a node knows of itself and its groups.
  static final int REPORT = 4;

  /// Hands a group's leadership over.
  static final int TRANSFER = 5;

  /// Which cluster a node belongs to: the body of the answer is its id. For guests.
  static final int IDENTIFY = 6;

  /// Who lives: a message of gossip, without an answer.
  static final int GOSSIP = 7;

  /// From here on services of the data.
  public static final int FIRST_OF_DATA = 16;

  /// The node called does not lead; the body is the number of who does, 8 bytes, 0 for unknown.
  static final int NOT_LEADER = PeerCalls.FIRST_OF_SERVICES;

  /// It will never be done; the body is a sentence.
  static final int REFUSED = PeerCalls.FIRST_OF_SERVICES + 1;

  /// Not now; the body is a sentence.
  static final int UNAVAILABLE = PeerCalls.FIRST_OF_SERVICES + 2;

  private Services() {}
}
