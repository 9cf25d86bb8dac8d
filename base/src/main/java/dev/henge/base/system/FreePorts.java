package dev.henge.base.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Ports of this machine that nobody listens at, for servers that are started, killed and started
/// again: a demonstration, a benchmark, a test.
///
/// They lie below the range from which a system takes the ports of outgoing connections (from 32768
/// on Linux, from 49152 elsewhere). A port of that range may be free when it is looked at, and be
/// some client's when the server that was killed wants it back.
public final class FreePorts {
  /// The ports that one node needs in a row: RESP, HTTP, peers, RESP as a Redis Cluster.
  public static final int OF_A_NODE = 4;

  /// From the first port of one node to that of the next, where several run on a machine.
  public static final int NODE_STEP = 10;

  private static final int LOWEST = 12_000;
  private static final int END = 32_000;
  private static final int ATTEMPTS = 200;

  private FreePorts() {}

  /// The first port of `nodes` nodes, each [#NODE_STEP] behind the one before.
  ///
  /// @throws IOException if too many ports of this machine are taken
  public static int ofNodes(int nodes) throws IOException {
    return first(nodes, NODE_STEP, OF_A_NODE);
  }

  /// The first of `count` rows of `width` free ports each, whose beginnings are `step` apart.
  /// Nothing keeps others from taking them once this returns.
  ///
  /// @throws IOException if too many ports of this machine are taken
  public static int first(int count, int step, int width) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int first = ThreadLocalRandom.current().nextInt(LOWEST, END - count * step - width);
      if (areFree(first, count, step, width)) {
        return first;
      }
    }
    throw new IOException("found no free ports between " + LOWEST + " and " + END);
  }

  private static boolean areFree(int first, int count, int step, int width) {
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < width; i++) {
        try (var probe = new ServerSocket()) {
          probe.bind(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), first + row * step + i));
        } catch (IOException taken) {
          return false;
        }
      }
    }
    return true;
  }
}
