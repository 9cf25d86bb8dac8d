package dev.henge.cli.process;

import dev.henge.base.system.FreePorts;
import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Several nodes on this machine that form one cluster, a process each.
///
/// - Shape: node 0 keeps its data in the directory itself, so that a single server's directory can
///   grow into a cluster; node i in `node-<i>` of it. Node i listens from `port + 10 i` on.
/// - Threads: one.
/// - Lifetime: [#close] stops the nodes, all at once.
public final class LocalCluster implements AutoCloseable {
  public static final int NODES_MAX = 9;

  /// Where all of them listen.
  public static final String HOST = "127.0.0.1";

  /// Replicas of a group, where there are as many members.
  private static final int REPLICAS = 3;

  private static final String PREFIX = "node-";
  private static final int FORM_SECONDS = 120;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REPAIR_TIMEOUT = Duration.ofMinutes(2);

  private final Path data;
  private final Path logs;
  private final int port;
  private final List<String> arguments;
  private final List<ServerProcess> nodes = new ArrayList<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final ObjectMapper json = new ObjectMapper();
  private volatile boolean closing;

  private LocalCluster(Path data, Path logs, int port, List<String> arguments) {
    this.data = data;
    this.logs = logs;
    this.port = port;
    this.arguments = arguments;
  }

  /// Told of nodes as they become ready.
  public interface ReadyListener {
    void ready(int index, ServerProcess node);
  }

  /// Starts `count` nodes and waits until each serves.
  ///
  /// @param data made where it is missing
  /// @param logs directory that gets `node-<i>.log`
  /// @param arguments of each `henge server`
  /// @throws IOException where a node ends instead; the others are stopped
  public static LocalCluster start(
      Path data, Path logs, int port, int count, List<String> arguments, ReadyListener listener)
      throws IOException {
    Files.createDirectories(data);
    Files.createDirectories(logs);
    var cluster = new LocalCluster(data, logs, port, arguments);
    try {
      // All at once: nodes that come back need each other to serve.
      for (int i = 0; i < count; i++) {
        cluster.nodes.add(cluster.begin(i));
      }
      for (int i = 0; i < count; i++) {
        cluster.nodes.get(i).awaitReady();
        listener.ready(i, cluster.nodes.get(i));
      }
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /// How many nodes have data in `directory`.
  public static int nodesIn(Path directory) {
    if (!Files.exists(directory.resolve("NODE"))) {
      return 0;
    }
    int count = 1;
    while (count < NODES_MAX && Files.exists(nodeDirectory(directory, count))) {
      count++;
    }
    return count;
  }

  /// Where node `index` of a cluster in `directory` keeps its data.
  public static Path nodeDirectory(Path directory, int index) {
    return index == 0 ? directory : directory.resolve(PREFIX + index);
  }

  /// What node `index` writes to its standard error stream, in the directory `logs`.
  public static Path logFile(Path logs, int index) {
    return logs.resolve(PREFIX + index + ".log");
  }

  public ServerProcess node(int index) {
    return nodes.get(index);
  }

  public int count() {
    return nodes.size();
  }

  /// Starts node `index` again and waits until it serves.
  public ServerProcess restart(int index) throws IOException {
    ServerProcess node = begin(index);
    nodes.set(index, node);
    node.awaitReady();
    return node;
  }

  /// Told of a node that has ended although nobody asked this cluster to end it.
  public interface EndListener {
    /// @param status of its process
    void ended(int index, int status);
  }

  /// Waits until no node runs any more.
  ///
  /// @param listener hears of each end, unless [#close] is the reason
  /// @return whether [#close] is the reason
  public boolean awaitEnd(EndListener listener) {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      int index = i;
      ends.add(
          nodes
              .get(i)
              .end()
              .thenAccept(status -> {
                if (!closing) {
                  listener.ended(index, status);
                }
              }));
    }
    CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).join();
    return closing;
  }

  /// Waits until every node is a member and every group has its replicas.
  public void awaitFormed() throws IOException {
    await("the cluster has not formed", this::isFormed);
  }

  /// Waits for something that a node's answer to `GET /v1/cluster` tells.
  public void await(String otherwise, Condition condition) throws IOException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(FORM_SECONDS);
    String last = "no node answers";
    while (System.nanoTime() < endNanos) {
      for (int i = 0; i < nodes.size(); i++) {
        try {
          JsonNode status = status(i);
          if (condition.holds(status)) {
            return;
          }
          last = status.toString();
        } catch (IOException unreachable) {
          last = "node " + i + " does not answer: " + unreachable.getMessage();
        }
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw UserError.failed(otherwise + " within " + FORM_SECONDS + " seconds: " + last);
  }

  /// Judges an answer to `GET /v1/cluster`.
  public interface Condition {
    boolean holds(JsonNode status);
  }

  /// What node `index` answers to `GET /v1/cluster`.
  public JsonNode status(int index) throws IOException {
    return ask(HttpRequest.newBuilder(uri(index, "/v1/cluster")).timeout(TIMEOUT).build());
  }

  /// Has node `index` compare its copies of an eventual keyspace with all others.
  ///
  /// @return what it answers to `POST /v1/cluster/repair`
  public JsonNode repair(int index, String keyspace) throws IOException {
    return ask(
        HttpRequest.newBuilder(uri(index, "/v1/cluster/repair?keyspace=" + keyspace))
            .timeout(REPAIR_TIMEOUT)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private URI uri(int index, String path) {
    return URI.create("http://" + HOST + ":" + nodes.get(index).httpPort() + path);
  }

  private JsonNode ask(HttpRequest request) throws IOException {
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(request.uri() + " answered " + answer.statusCode());
      }
      return json.readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.failed("interrupted");
    }
  }

  /// Stops every node, all at once.
  @Override
  public void close() {
    closing = true;
    nodes.forEach(ServerProcess::beginStop);
    nodes.forEach(ServerProcess::close);
    http.close();
  }

  private ServerProcess begin(int index) throws IOException {
    List<String> all = new ArrayList<>(arguments);
    if (index > 0) {
      all.addAll(List.of("--join", HOST + ":" + port));
    }
    return ServerProcess.begin(
        nodeDirectory(data, index), port + FreePorts.NODE_STEP * index, logFile(logs, index), all);
  }

  private boolean isFormed(JsonNode status) {
    int up = 0;
    for (JsonNode member : status.path("members")) {
      if (member.path("state").asString("").equals("up")) {
        up++;
      }
    }
    if (up < nodes.size()) {
      return false;
    }
    for (JsonNode group : status.path("groups")) {
      if (group.path("voters").size() < Math.min(REPLICAS, nodes.size())
          || group.path("leader").asLong(0) == 0) {
        return false;
      }
    }
    return true;
  }
}
