package dev.henge.server.peer;

/// Where a node listens for other nodes.
///
/// @param host a name or a numeric address; resolved anew for every connection
public record PeerAddress(String host, int port) {
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
