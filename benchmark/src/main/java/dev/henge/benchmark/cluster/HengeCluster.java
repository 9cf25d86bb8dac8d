package dev.henge.benchmark.cluster;

import dev.henge.base.system.FreePorts;
import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Three `henge server` processes that form a cluster.
///
/// - Threads: one.
public final class HengeCluster implements AutoCloseable {
  public static final int NODES = 3;
  public static final String HOST = "127.0.0.1";
  private static final int READY_SECONDS = 120;

  private final Processes processes = new Processes();
  private final Path program;
  private final Path directory;
  private final String javaOptions;
  private final int port;
  private final Process[] nodes = new Process[NODES];

  /// @param program the `henge` command
  /// @param directory gets data and logs
  /// @param javaOptions flags for the JVM of each node, behind its own
  public HengeCluster(Path program, Path directory, String javaOptions) throws IOException {
    if (!Files.isExecutable(program)) {
      throw new IOException(program + " is not there: say where with --henge");
    }
    this.program = program;
    this.directory = directory;
    this.javaOptions = javaOptions;
    port = FreePorts.ofNodes(NODES);
    try {
      for (int i = 0; i < NODES; i++) {
        start(i);
      }
      awaitReplicas();
    } catch (IOException e) {
      processes.close();
      throw e;
    }
  }

  /// RESP port of node `index`, from 0.
  public int port(int index) {
    return port + index * FreePorts.NODE_STEP;
  }

  public int httpPort(int index) {
    return port(index) + 1;
  }

  /// Starts node `index`, which does not run.
  public void start(int index) throws IOException {
    var builder = new ProcessBuilder(words(index));
    builder.environment().put("HENGE_JAVA_OPTS", javaOptions);
    nodes[index] = processes.start(directory.resolve("node-" + index + ".log"), builder);
  }

  /// SIGKILL.
  public void kill(int index) throws IOException {
    end(index, nodes[index].destroyForcibly());
  }

  /// SIGTERM, and waits for the end.
  public void stop(int index) throws IOException {
    nodes[index].destroy();
    end(index, nodes[index]);
  }

  /// SIGSTOP, or SIGCONT.
  public void pause(int index, boolean paused) throws IOException {
    Processes.signal(nodes[index], paused ? "STOP" : "CONT");
  }

  /// What node `index` uses.
  public ProcessUse use(int index) {
    return ProcessUse.of(nodes[index].toHandle());
  }

  public long processId(int index) {
    return nodes[index].pid();
  }

  /// Which node leads databases 0-15: waits until every node that runs says the same.
  public int leader() throws IOException {
    int[] found = {-1};
    processes.await(
        "a leader that all nodes agree on",
        READY_SECONDS,
        () -> {
          found[0] = agreed();
          return found[0] >= 0;
        });
    return found[0];
  }

  /// The node that says it leads, where all others that run name it, and are connected to it; else
  /// -1. One node's word is not enough: a leader that was just replaced may not know it yet.
  private int agreed() throws IOException {
    int leader = -1;
    int leaders = 0;
    Set<String> named = new HashSet<>();
    for (int i = 0; i < NODES; i++) {
      if (!nodes[i].isAlive()) {
        continue;
      }
      Map<String, String> info = info(i);
      if ("master".equals(info.get("role"))) {
        leader = i;
        leaders++;
      } else if ("up".equals(info.get("master_link_status"))) {
        named.add(String.valueOf(info.get("master_port")));
      } else {
        return -1;
      }
    }
    boolean agreed = leaders == 1 && named.equals(Set.of(Integer.toString(port(leader))));
    return agreed ? leader : -1;
  }

  /// Waits until a write is on all three nodes.
  public void awaitReplicas() throws IOException {
    processes.await(
        "three nodes that hold the same",
        READY_SECONDS,
        () -> {
          try (var connection = new RespConnection(HOST, port(leader()))) {
            connection.ask("SET", "henge-bench", "1");
            return connection.ask("WAIT", "2", "1000").equals(":2");
          }
        });
  }

  /// Waits until `condition` holds.
  public void await(String what, Processes.Condition condition) throws IOException {
    processes.await(what, READY_SECONDS, condition);
  }

  /// How its nodes were started.
  public String describe() {
    return "henge: three times `"
        + (javaOptions.isEmpty() ? "" : "HENGE_JAVA_OPTS=\"" + javaOptions + "\" ")
        + String.join(" ", words(1))
        + "`";
  }

  /// Declares a named keyspace.
  ///
  /// @param declaration its JSON
  public void declare(String keyspace, String declaration) throws IOException {
    URI uri = URI.create("http://" + HOST + ":" + httpPort(0) + "/v1/keyspaces/" + keyspace);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri)
                  .header("Content-Type", "application/json")
                  .PUT(HttpRequest.BodyPublishers.ofString(declaration))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new IOException(uri + " answered " + answer.statusCode() + " " + answer.body());
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  /// What all nodes use, together.
  public ProcessUse use() {
    return processes.use();
  }

  @Override
  public void close() throws IOException {
    processes.close();
  }

  private void end(int index, Process process) throws IOException {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    processes.forget(nodes[index]);
  }

  private List<String> words(int index) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(program.toString(), "server", "--port", Integer.toString(port(index))));
    words.addAll(List.of("--data", directory.resolve("node-" + index).toString()));
    if (index > 0) {
      words.addAll(List.of("--join", HOST + ":" + port));
    }
    return words;
  }

  private Map<String, String> info(int index) throws IOException {
    Map<String, String> lines = new HashMap<>();
    try (var connection = new RespConnection(HOST, port(index))) {
      for (String line : connection.ask("INFO", "replication").split("\r\n", -1)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          lines.put(line.substring(0, colon), line.substring(colon + 1));
        }
      }
    }
    return lines;
  }
}
