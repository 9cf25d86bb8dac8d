package dev.henge.benchmark.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import dev.henge.base.system.FreePorts;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Loops;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Peer;
import dev.henge.benchmark.cluster.Processes;
import dev.henge.benchmark.cluster.Sample;
import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Three nodes of Cassandra at 127.0.0.1 to 127.0.0.3 and a table with three copies of each row,
/// asked at QUORUM through its own driver, which knows all nodes and picks a copy to ask.
public final class CassandraPeer implements Peer {
  private static final int NODES = 3;
  private static final int TOKENS = 16;
  private static final int READY_SECONDS = 300;
  private static final String KEYSPACE = "bench";

  private final Processes processes = new Processes();
  private final CassandraInstallation installation;
  private final CommitLog commitLog;
  private final String heap;
  private final int storagePort;
  private final int nativePort;
  private final CqlSession session;
  private final CassandraLoop loop;

  /// @param directory gets data and logs
  /// @param heap of each node, as the JVM's flags have it
  public CassandraPeer(
      CassandraInstallation installation,
      Path directory,
      CommitLog commitLog,
      String heap,
      Pairs pairs)
      throws IOException {
    this.installation = installation;
    this.commitLog = commitLog;
    this.heap = heap;
    storagePort = FreePorts.first(2, 1, 1);
    nativePort = storagePort + 1;
    try {
      for (int i = 0; i < NODES; i++) {
        start(directory, i);
      }
      session = connect(NODES);
    } catch (IOException e) {
      processes.close();
      throw e;
    }
    session.execute(
        "CREATE KEYSPACE "
            + KEYSPACE
            + " WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': "
            + NODES
            + "}");
    session.execute("CREATE TABLE " + KEYSPACE + ".pairs (k blob PRIMARY KEY, v blob)");
    loop = new CassandraLoop(session, KEYSPACE + ".pairs", pairs);
  }

  @Override
  public String name() {
    return "cassandra";
  }

  @Override
  public String describe() throws IOException {
    return "cassandra: "
        + installation.describe()
        + ", three nodes, heap of "
        + heap
        + " each, "
        + commitLog
        + ", otherwise as in its cassandra_latest.yaml (trie memtables off the heap, BTI tables,"
        + " unified compaction); three copies, read and written at QUORUM by its own driver,"
        + " prepared statements, token-aware";
  }

  @Override
  public Sample run(Load load) throws IOException {
    return Loops.run(load, loop);
  }

  @Override
  public ProcessUse use() {
    return processes.use();
  }

  @Override
  public void close() throws IOException {
    session.close();
    processes.close();
  }

  private void start(Path directory, int index) throws IOException {
    Path own = directory.resolve("node-" + index);
    Map<String, String> values =
        Map.of(
            "address", address(index),
            "seed", address(0),
            "storagePort", Integer.toString(storagePort),
            "nativePort", Integer.toString(nativePort),
            "tokens", tokens(index),
            "directory", own.toString(),
            "commitlog", commitLog.configuration());
    var builder = new ProcessBuilder(installation.node(own, heap, values));
    processes.start(directory.resolve("node-" + index + ".log"), builder);
    connect(index + 1).close();
  }

  /// Waits until the last of the first `nodes` nodes is up and knows the others.
  private CqlSession connect(int nodes) throws IOException {
    List<CqlSession> made = new ArrayList<>();
    processes.await(
        nodes + " nodes of Cassandra",
        READY_SECONDS,
        () -> {
          CqlSession candidate = session(nodes);
          int others = candidate.execute("SELECT peer FROM system.peers").all().size();
          if (others == nodes - 1 && candidate.getMetadata().getNodes().size() == nodes) {
            return made.add(candidate);
          }
          candidate.close();
          return false;
        });
    return made.getFirst();
  }

  private CqlSession session(int nodes) {
    var builder =
        CqlSession.builder()
            .withLocalDatacenter("datacenter1")
            .withConfigLoader(
                DriverConfigLoader.programmaticBuilder()
                    .withString(
                        DefaultDriverOption.REQUEST_CONSISTENCY,
                        DefaultConsistencyLevel.QUORUM.name())
                    .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(15))
                    .withDuration(
                        DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(15))
                    .withDuration(
                        DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(15))
                    .build());
    // The last node started is asked first: it is the one that may not be up.
    builder.addContactPoint(new InetSocketAddress(address(nodes - 1), nativePort));
    return builder.build();
  }

  private static String address(int index) {
    return "127.0.0." + (index + 1);
  }

  /// The node's share of tokens, all nodes' spread evenly.
  private static String tokens(int index) {
    BigInteger step = BigInteger.TWO.pow(64).divide(BigInteger.valueOf((long) NODES * TOKENS));
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < TOKENS; i++) {
      BigInteger place = BigInteger.valueOf((long) i * NODES + index);
      tokens.add(step.multiply(place).subtract(BigInteger.TWO.pow(63)).toString());
    }
    return String.join(",", tokens);
  }
}
