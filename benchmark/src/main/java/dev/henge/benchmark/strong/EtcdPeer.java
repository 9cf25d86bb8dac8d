package dev.henge.benchmark.strong;

import dev.henge.base.system.FreePorts;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Loops;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Peer;
import dev.henge.benchmark.cluster.Processes;
import dev.henge.benchmark.cluster.Sample;
import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Three members of etcd with its own defaults (every write synced on a majority), asked over gRPC.
final class EtcdPeer implements Peer {
  private static final int MEMBERS = 3;
  private static final String HOST = "127.0.0.1";
  private static final int READY_SECONDS = 60;

  private final Processes processes = new Processes();
  private final int port;
  private final Pairs pairs;

  /// @param directory gets data and logs
  EtcdPeer(Path directory, Pairs pairs) throws IOException {
    this.pairs = pairs;
    // Members' client ports in a row, then their peer ports.
    port = FreePorts.first(2 * MEMBERS, 1, 1);
    List<String> cluster = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      cluster.add("m" + i + "=" + url(port + MEMBERS + i));
    }
    try {
      for (int i = 0; i < MEMBERS; i++) {
        processes.start(directory.resolve("m" + i + ".log"), member(directory, i, cluster));
      }
      processes.await("three etcd members", READY_SECONDS, () -> leader() >= 0);
    } catch (IOException e) {
      processes.close();
      throw e;
    }
  }

  /// Its version, as it says it.
  ///
  /// @throws IOException when it is not on the path
  static String version() throws IOException {
    Process process = new ProcessBuilder("etcd", "--version").start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.lines().findFirst().orElse("etcd of an unknown version");
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public String describe() throws IOException {
    return version() + ": three members with its own defaults, over gRPC";
  }

  @Override
  public Sample run(Load load) throws IOException {
    int leader = leader();
    return Loops.run(
        load,
        part -> {
          try (var client = new EtcdClient(HOST, port + leader)) {
            new EtcdLoop(client, pairs, part).run();
          }
        });
  }

  @Override
  public ProcessUse use() {
    return processes.use();
  }

  @Override
  public void close() throws IOException {
    processes.close();
  }

  private int leader() throws IOException {
    for (int i = 0; i < MEMBERS; i++) {
      try (var client = new EtcdClient(HOST, port + i)) {
        if (client.leads()) {
          return i;
        }
      }
    }
    throw new IOException("etcd has no leader");
  }

  private ProcessBuilder member(Path directory, int index, List<String> cluster) {
    String peer = url(port + MEMBERS + index);
    String client = url(port + index);
    return new ProcessBuilder(
        "etcd",
        "--name=m" + index,
        "--data-dir=" + directory.resolve("m" + index),
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=" + String.join(",", cluster),
        "--initial-cluster-state=new",
        "--log-level=error");
  }

  private static String url(int port) {
    return "http://" + HOST + ":" + port;
  }
}
