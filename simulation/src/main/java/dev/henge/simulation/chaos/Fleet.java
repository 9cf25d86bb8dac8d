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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The nodes under test: `henge server` processes that form one cluster. Node 0 founds it.
///
/// A node sits at a seat: an address, which another node may have after it, with a directory of its
/// own. The open seats are those of the members that clients use.
///
/// - Threads: one; [#open], [#connect], [#status] and [#leader] from any.
/// - Lifetime: [#close] ends the processes.
final class Fleet implements AutoCloseable {
  /// The group of databases 0-15.
  static final long DATABASES = 1;

  /// Replicas of a group, where there are as many members.
  static final int REPLICAS = 3;

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Duration CHANGE = Duration.ofSeconds(15);
  private static final int CONNECT_MILLIS = 1_000;

  private final Hosting hosting;
  private final List<String> server;
  private final List<String> flags;
  private final Path directory;
  private final @Nullable NodeProcess[] nodes;
  private final int[] nodeCounts;
  private volatile List<Integer> open = List.of();
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
  /// @param directory gets `node-<seat>`, and the logs beside them
  /// @param seats the nodes that there may be at a time
  Fleet(Hosting hosting, List<String> server, List<String> flags, Path directory, int seats) {
    this.hosting = hosting;
    this.server = List.copyOf(server);
    this.flags = List.copyOf(flags);
    this.directory = directory;
    this.nodes = new NodeProcess[seats];
    this.nodeCounts = new int[seats];
  }

  Hosting hosting() {
    return hosting;
  }

  int seats() {
    return nodes.length;
  }

  /// The seats of the members that clients use, in order.
  List<Integer> open() {
    return open;
  }

  /// How many members clients use.
  int count() {
    return open.size();
  }

  /// Seats that no node has.
  List<Integer> free() {
    return IntStream.range(0, nodes.length).filter(seat -> nodes[seat] == null).boxed().toList();
  }

  /// Seats that are not free.
  List<Integer> taken() {
    return IntStream.range(0, nodes.length).filter(seat -> nodes[seat] != null).boxed().toList();
  }

  /// The node at a seat that is not free.
  NodeProcess node(int seat) {
    return Objects.requireNonNull(nodes[seat], "there is no node at seat " + seat);
  }

  /// Starts a node with an empty directory at a free seat; it founds the cluster where it is the
  /// first, and joins it otherwise. Its seat is opened by [#admit].
  void begin(int seat) throws IOException {
    String name = "node-" + seat + (nodeCounts[seat] == 0 ? "" : "-" + nodeCounts[seat]);
    nodeCounts[seat]++;
    List<String> command = new ArrayList<>(hosting.commandPrefix(seat));
    command.addAll(server);
    command.addAll(List.of("--data", directory.resolve(name).toString()));
    command.addAll(List.of("--host", hosting.host(seat)));
    command.addAll(List.of("--port", Integer.toString(hosting.port(seat))));
    command.addAll(hosting.serverFlags());
    command.addAll(flags);
    if (Stream.of(nodes).anyMatch(Objects::nonNull)) {
      int member = open.isEmpty() ? 0 : open.getFirst();
      command.addAll(List.of("--join", hosting.host(member) + ":" + hosting.port(member)));
    }
    Path out = directory.resolve(name + ".out");
    Files.createFile(out);
    var node = new NodeProcess(command, out, directory.resolve(name + ".log"));
    nodes[seat] = node;
    node.start();
  }

  /// From now on clients use the node at `seat`.
  void admit(int seat) {
    open = Stream.concat(open.stream(), Stream.of(seat)).sorted().toList();
  }

  /// From now on clients leave the node at `seat` alone.
  void retire(int seat) {
    open = open.stream().filter(other -> other != seat).toList();
  }

  /// Forgets the node at `seat`, which has ended: the seat is free.
  void leave(int seat) {
    node(seat).close();
    nodes[seat] = null;
  }

  /// Where node `index` takes RESP.
  InetSocketAddress address(int index) {
    return new InetSocketAddress(hosting.host(index), hosting.port(index));
  }

  RespConnection connect(int index, int answerMillis) throws IOException {
    return new RespConnection(address(index), CONNECT_MILLIS, answerMillis);
  }

  /// Starts nodes at the first seats and waits until they are one cluster, all groups with their
  /// replicas.
  void form(int count, int seconds) throws IOException {
    for (int seat = 0; seat < count; seat++) {
      begin(seat);
    }
    for (int seat = 0; seat < count; seat++) {
      await("node " + seat + " does not serve", seconds, node(seat)::isReady);
      admit(seat);
    }
    awaitFormed(seconds);
  }

  /// Waits until every node sees all members up and every group with its replicas and a leader.
  void awaitFormed(int seconds) throws IOException {
    for (int seat : open) {
      await(
          "node " + seat + " does not see a cluster of " + count() + " nodes",
          seconds,
          () -> isFormed(status(seat)));
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
    URI uri = uri(index, "/v1/cluster");
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
    return leaderIn(status(index));
  }

  /// Who leads, as a status has it.
  Leader leaderIn(JsonNode status) {
    for (JsonNode group : status.path("groups")) {
      if (group.path("id").asLong(-1) == DATABASES) {
        return new Leader(
            seatOf(status, group.path("leader").asLong(0)), group.path("term").asLong(0));
      }
    }
    return new Leader(-1, 0);
  }

  /// Waits until all members agree on a leader.
  Leader awaitLeader(int seconds) throws IOException {
    Leader[] agreed = {new Leader(-1, 0)};
    await(
        "the nodes do not agree on a leader",
        seconds,
        () -> {
          agreed[0] = leader(open.getFirst());
          for (int seat : open) {
            if (!leader(seat).equals(agreed[0])) {
              return false;
            }
          }
          return agreed[0].node() >= 0;
        });
    return agreed[0];
  }

  /// Whether the member at `seat` has a vote in databases 0-15, as a status has it.
  boolean holds(int seat, JsonNode status) {
    long member = memberAt(seat, status);
    for (JsonNode group : status.path("groups")) {
      if (group.path("id").asLong(-1) == DATABASES) {
        for (JsonNode voter : group.path("voters")) {
          if (voter.asLong(0) == member) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /// The number of the member at `seat`, as a status has it; 0 for none.
  long memberAt(int seat, JsonNode status) {
    for (JsonNode member : status.path("members")) {
      if (isAt(seat, member)) {
        return member.path("number").asLong(0);
      }
    }
    return 0;
  }

  /// Fails where a node has ended although nobody wanted that.
  void complain() throws IOException {
    String complaint = complaint();
    if (complaint != null) {
      throw new ViolationException(complaint);
    }
  }

  @Nullable String complaint() throws IOException {
    for (int seat = 0; seat < nodes.length; seat++) {
      NodeProcess node = nodes[seat];
      String complaint = node == null ? null : node.complaint();
      if (complaint != null) {
        return "node " + seat + " " + complaint;
      }
    }
    return null;
  }

  /// Asks the node at `seat` for a change of the cluster, without waiting.
  ///
  /// @param path with its parameters
  /// @return the status of the answer; fails where none came
  CompletableFuture<Integer> change(int seat, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(uri(seat, path))
            .timeout(CHANGE)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
        .thenApply(HttpResponse::statusCode);
  }

  @Override
  public void close() {
    for (NodeProcess node : nodes) {
      if (node != null) {
        node.close();
      }
    }
    http.shutdownNow();
  }

  /// Whether the members are those of the open seats, and every group has what it should.
  private boolean isFormed(JsonNode status) {
    int up = 0;
    for (JsonNode member : status.path("members")) {
      if (!member.path("state").asString("").equals("up")) {
        return false;
      }
      up++;
    }
    if (up != count()) {
      return false;
    }
    return isSettled(status, Math.min(REPLICAS, count()));
  }

  /// Whether every group has its replicas and a leader, and nothing moves.
  static boolean isSettled(JsonNode status, int replicas) {
    for (JsonNode group : status.path("groups")) {
      if (group.path("voters").size() < replicas
          || group.path("leader").asLong(0) == 0
          || !group.path("settled").asBoolean(true)) {
        return false;
      }
    }
    return true;
  }

  /// The seat of a member; -1 for none.
  private int seatOf(JsonNode status, long member) {
    for (JsonNode each : status.path("members")) {
      if (each.path("number").asLong(-1) == member) {
        for (int seat = 0; seat < nodes.length; seat++) {
          if (isAt(seat, each)) {
            return seat;
          }
        }
      }
    }
    return -1;
  }

  private boolean isAt(int seat, JsonNode member) {
    return member.path("respPort").asInt(0) == hosting.port(seat)
        && member.path("host").asString("").equals(hosting.host(seat));
  }

  private URI uri(int seat, String path) {
    return URI.create("http://" + hosting.host(seat) + ":" + (hosting.port(seat) + 1) + path);
  }
}
