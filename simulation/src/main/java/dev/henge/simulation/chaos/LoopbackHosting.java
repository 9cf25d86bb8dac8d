package dev.henge.simulation.chaos;

import dev.henge.base.system.FreePorts;
import java.io.IOException;
import java.util.List;

/// All nodes at the loopback address, at ports of their own. Nothing can come between them.
final class LoopbackHosting implements Hosting {
  private final String host = "127.0.0.1";
  private final int port;

  LoopbackHosting(int seats) throws IOException {
    port = FreePorts.ofNodes(seats);
  }

  @Override
  public String host(int index) {
    return host;
  }

  @Override
  public int port(int index) {
    return port + FreePorts.NODE_STEP * index;
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
}
