package dev.henge.server.peer;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/// Who a node is among its peers.
///
/// @param clusterId 32 hexadecimal digits, drawn by the founding node
/// @param member the number that metadata gave to the node, from 1
/// @param nodeId 32 hexadecimal digits, drawn when the data directory was made
/// @param incarnation rises with every start of the node
/// @param address where the node listens for peers, as others reach it
public record PeerIdentity(
    String clusterId, long member, String nodeId, long incarnation, PeerAddress address) {

  /// Travels with every message in the place of the whole id.
  public int clusterHash() {
    var crc = new CRC32C();
    crc.update(HexFormat.of().parseHex(clusterId));
    return (int) crc.getValue();
  }
}
