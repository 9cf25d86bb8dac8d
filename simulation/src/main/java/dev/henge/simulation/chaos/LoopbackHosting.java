package dev.henge.simulation.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/// All nodes at the loopback address, at ports of their own. Nothing can come between them.
final class LoopbackHosting implements Hosting {
  private static final int NODE_STEP = 10;
  private static final int PORTS_OF_A_NODE = 4;
  private static final int ATTEMPTS = 200;
  private static final int HIGHEST = 65535;

  private final String host = "127.0.0.1";
  private final int port;

  LoopbackHosting(int nodes) throws IOException {
    port = freePorts(nodes);
  }

  @Override
  public String host(int index) {
    return host;
  }

  @Override
  public int port(int index) {
    return port + NODE_STEP * index;
  }

  @Override
  public List<String> commandPrefix(int index) {
    return List.of();
  }

  @Override
  public List<String> serverFlags() {
    return List.of();
  }

  @Override
  public boolean hasPartitions() {
    return false;
  }

  @Override
  public void block(int from, int to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void unblock(int from, int to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}

  private int freePorts(int nodes) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int base;
      try (var first = new ServerSocket(0, 1, address)) {
        base = first.getLocalPort();
      }
      if (base + NODE_STEP * nodes <= HIGHEST && areFree(address, base, nodes)) {
        return base;
      }
    }
    throw new IOException("found no free ports in a row");
  }

  private static boolean areFree(InetAddress address, int base, int nodes) throws IOException {
    for (int node = 0; node < nodes; node++) {
      for (int i = 0; i < PORTS_OF_A_NODE; i++) {
        try (var probe = new ServerSocket()) {
          probe.bind(new InetSocketAddress(address, base + NODE_STEP * node + i));
        } catch (IOException taken) {
          return false;
        }
      }
    }
    return true;
  }
}
