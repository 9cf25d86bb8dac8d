package dev.henge.cli.process;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Ports of this machine that nobody listens at.
public final class FreePorts {
  /// A node's ports: RESP, HTTP, peers, RESP as a Redis Cluster.
  private static final int OF_A_NODE = 4;

  /// From the ports of one node to those of the next.
  public static final int NODE_STEP = 10;

  private static final int ATTEMPTS = 100;
  private static final int HIGHEST = 65535;

  private FreePorts() {}

  /// A base port that is free together with those behind it that `nodes` nodes need.
  public static int base(int nodes) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int base;
      try (ServerSocket first = new ServerSocket(0, 1, loopback)) {
        base = first.getLocalPort();
      }
      if (base + NODE_STEP * nodes <= HIGHEST && areFree(loopback, base, nodes)) {
        return base;
      }
    }
    throw UserError.failed("found no free ports in a row; name the first with --port");
  }

  private static boolean areFree(InetAddress address, int base, int nodes) throws IOException {
    for (int node = 0; node < nodes; node++) {
      for (int i = 0; i < OF_A_NODE; i++) {
        try (ServerSocket probe = new ServerSocket()) {
          probe.bind(new InetSocketAddress(address, base + NODE_STEP * node + i));
        } catch (IOException taken) {
          return false;
        }
      }
    }
    return true;
  }
}
