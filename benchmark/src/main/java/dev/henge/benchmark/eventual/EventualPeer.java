package dev.henge.benchmark.eventual;

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

/// A keyspace of three Henge nodes, asked over RESP at nodes in turn.
final class EventualPeer implements Peer {
  private static final String KEYSPACE = "bench";

  private final HengeCluster cluster;
  private final String declaration;
  private final Pairs pairs;

  /// @param program the `henge` command
  /// @param directory gets data and logs
  /// @param declaration of the keyspace, in JSON
  EventualPeer(Path program, Path directory, String javaOptions, String declaration, Pairs pairs)
      throws IOException {
    this.cluster = new HengeCluster(program, directory, javaOptions);
    this.declaration = declaration;
    this.pairs = pairs;
    try {
      cluster.declare(KEYSPACE, declaration);
      cluster.await("the keyspace on all nodes", this::isServed);
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
  }

  HengeCluster cluster() {
    return cluster;
  }

  @Override
  public String name() {
    return "henge";
  }

  @Override
  public String describe() {
    return cluster.describe() + ", keyspace `" + declaration + "`, over RESP at all three nodes";
  }

  @Override
  public Sample run(Load load) throws IOException {
    return Loops.run(load, loop(HengeCluster.NODES));
  }

  /// Asks the first `nodes` nodes, a connection each in turn.
  Loops.Loop loop(int nodes) {
    return part -> {
      try (var connection = connect(part.connection() % nodes)) {
        new RespLoop(connection, pairs).run(part);
      }
    };
  }

  @Override
  public ProcessUse use() {
    return cluster.use();
  }

  @Override
  public void close() throws IOException {
    cluster.close();
  }

  private RespConnection connect(int node) throws IOException {
    var connection = new RespConnection(HengeCluster.HOST, cluster.port(node));
    String answer = connection.ask("SELECT", KEYSPACE);
    if (!answer.equals("+OK")) {
      connection.close();
      throw new IOException("SELECT " + KEYSPACE + " answers " + answer);
    }
    return connection;
  }

  private boolean isServed() throws IOException {
    for (int i = 0; i < HengeCluster.NODES; i++) {
      try (RespConnection connection = connect(i)) {
        String answer = connection.ask("SET", "served", "yes");
        if (!answer.equals("+OK")) {
          throw new IOException("node " + i + " answers " + answer);
        }
      }
    }
    return true;
  }
}
