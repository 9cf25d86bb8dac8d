package dev.henge.simulation.chaos;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The nodes under test: `henge server` processes that form one cluster. Node 0 founds it.
///
/// - Threads: one; [#address], [#status] and [#leader] from any.
/// - Lifetime: [#close] ends the processes.
final class Fleet implements AutoCloseable {
  /// The group of databases 0-15.
  private static final long DATABASES = 1;

  /// Replicas of a group, where there are as many members.
  private static final int REPLICAS = 3;

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int CONNECT_MILLIS = 1_000;

  private final Hosting hosting;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final ObjectMapper json = new ObjectMapper();

  /// Who leads databases 0-15, as one node sees it.
  ///
  /// @param node index of the leader's node; -1 for none
  /// @param term 0 where it is not told
  record Leader(int node, long term) {}

  /// Whether something has come true.
  interface Condition {
    boolean holds() throws IOException;
  }

  /// @param server the words of `henge server`, without flags
  /// @param directory gets `node-<i>`, and the logs beside them
  Fleet(Hosting hosting, List<String> server, List<String> flags, Path directory, int count)
      throws IOException {
    this.hosting = hosting;
    for (int i = 0; i < count; i++) {
      List<String> command = new ArrayList<>(hosting.commandPrefix(i));
      command.addAll(server);
      command.addAll(List.of("--data", directory.resolve("node-" + i).toString()));
      command.addAll(List.of("--host", hosting.host(i)));
      command.addAll(List.of("--port", Integer.toString(hosting.port(i))));
      command.addAll(hosting.serverFlags());
      command.addAll(flags);
      if (i > 0) {
        command.addAll(List.of("--join", hosting.host(0) + ":" + hosting.port(0)));
      }
      Path out = directory.resolve("node-" + i + ".out");
      Files.createFile(out);
      nodes.add(new NodeProcess(command, out, directory.resolve("node-" + i + ".log")));
    }
  }

  Hosting hosting() {
    return hosting;
  }

  int count() {
    return nodes.size();
  }

  NodeProcess node(int index) {
    return nodes.get(index);
  }

  /// Where node `index` takes RESP.
  InetSocketAddress address(int index) {
    return new InetSocketAddress(hosting.host(index), hosting.port(index));
  }

  RespConnection connect(int index, int answerMillis) throws IOException {
    return new RespConnection(address(index), CONNECT_MILLIS, answerMillis);
  }

  /// Starts all nodes and waits until they are one cluster, all groups with their replicas.
  void form(int seconds) throws IOException {
    for (NodeProcess node : nodes) {
      node.start();
    }
    for (int i = 0; i < count(); i++) {
      NodeProcess node = nodes.get(i);
      await("node " + i + " does not serve", seconds, node::isReady);
    }
    awaitFormed(seconds);
  }

  /// Waits until every node sees all members up and every group with its replicas and a leader.
  void awaitFormed(int seconds) throws IOException {
    for (int i = 0; i < count(); i++) {
      int index = i;
      await(
          "node " + i + " does not see a cluster of " + count() + " nodes",
          seconds,
          () -> isFormed(status(index)));
    }
  }

  /// Waits for `condition`; an [IOException] counts as not yet.
  void await(String otherwise, int seconds, Condition condition) throws IOException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    String last = "";
    while (System.nanoTime() < endNanos) {
      complain();
      try {
        if (condition.holds()) {
          return;
        }
        last = "";
      } catch (IOException notYet) {
        last = ": " + notYet.getMessage();
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException(otherwise + " after " + seconds + " seconds" + last);
  }

  /// What node `index` answers to `GET /v1/cluster`.
  JsonNode status(int index) throws IOException {
    URI uri =
        URI.create(
            "http://" + hosting.host(index) + ":" + (hosting.port(index) + 1) + "/v1/cluster");
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(uri + " answered " + answer.statusCode());
      }
      return json.readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /// Who leads, as node `index` sees it.
  Leader leader(int index) throws IOException {
    JsonNode status = status(index);
    for (JsonNode group : status.path("groups")) {
      if (group.path("id").asLong(-1) == DATABASES) {
        return new Leader(
            nodeOf(status, group.path("leader").asLong(0)), group.path("term").asLong(0));
      }
    }
    return new Leader(-1, 0);
  }

  /// Fails where a node has ended although nobody wanted that.
  void complain() throws IOException {
    String complaint = complaint();
    if (complaint != null) {
      throw new ViolationException(complaint);
    }
  }

  @Nullable String complaint() throws IOException {
    for (int i = 0; i < count(); i++) {
      String complaint = nodes.get(i).complaint();
      if (complaint != null) {
        return "node " + i + " " + complaint;
      }
    }
    return null;
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
    http.close();
  }

  private boolean isFormed(JsonNode status) {
    int up = 0;
    for (JsonNode member : status.path("members")) {
      if (member.path("state").asString("").equals("up")) {
        up++;
      }
    }
    if (up < count()) {
      return false;
    }
    for (JsonNode group : status.path("groups")) {
      if (group.path("voters").size() < Math.min(REPLICAS, count())
          || group.path("leader").asLong(0) == 0
          || !group.path("settled").asBoolean(true)) {
        return false;
      }
    }
    return true;
  }

  /// The node that has the addresses of a member; -1 for none.
  private int nodeOf(JsonNode status, long member) {
    for (JsonNode each : status.path("members")) {
      if (each.path("number").asLong(-1) == member) {
        for (int i = 0; i < count(); i++) {
          if (each.path("respPort").asInt(0) == hosting.port(i)
              && each.path("host").asString("").equals(hosting.host(i))) {
            return i;
          }
        }
      }
    }
    return -1;
  }
}
