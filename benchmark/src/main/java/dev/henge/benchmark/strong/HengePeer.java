package dev.henge.benchmark.strong;

import dev.henge.benchmark.cluster.HengeCluster;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Loops;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Peer;
import dev.henge.benchmark.cluster.RespConnection;
import dev.henge.benchmark.cluster.RespLoop;
import dev.henge.benchmark.cluster.Sample;
import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.nio.file.Path;

/// Three Henge nodes, asked at the leader of databases 0-15 over RESP.
final class HengePeer implements Peer {
  private final HengeCluster cluster;
  private final Pairs pairs;

  HengePeer(Path program, Path directory, String javaOptions, Pairs pairs) throws IOException {
    this.cluster = new HengeCluster(program, directory, javaOptions);
    this.pairs = pairs;
  }

  @Override
  public String name() {
    return "henge";
  }

  @Override
  public String describe() {
    return cluster.describe() + ", over RESP";
  }

  @Override
  public Sample run(Load load) throws IOException {
    return run(load, pairs, cluster.port(cluster.leader()));
  }

  /// Runs `load` against the node at `respPort`.
  static Sample run(Load load, Pairs pairs, int respPort) throws IOException {
    return Loops.run(
        load,
        part -> {
          try (var connection = new RespConnection(HengeCluster.HOST, respPort)) {
            new RespLoop(connection, pairs).run(part);
          }
        });
  }

  @Override
  public ProcessUse use() {
    return cluster.use();
  }

  @Override
  public void close() throws IOException {
    cluster.close();
  }
}
