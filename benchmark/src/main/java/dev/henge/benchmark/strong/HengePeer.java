package dev.henge.benchmark.strong;

import dev.henge.base.system.FreePorts;
import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/// Three `henge server` processes that form a cluster, asked over RESP.
final class HengePeer implements Peer {
  static final int NODES = 3;
  static final String HOST = "127.0.0.1";
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
  HengePeer(Path program, Path directory, String javaOptions) throws IOException {
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
  int port(int index) {
    return port + index * FreePorts.NODE_STEP;
  }

  int httpPort(int index) {
    return port(index) + 1;
  }

  /// Starts node `index`, which does not run.
  void start(int index) throws IOException {
    var builder = new ProcessBuilder(words(index));
    builder.environment().put("HENGE_JAVA_OPTS", javaOptions);
    nodes[index] = processes.start(directory.resolve("node-" + index + ".log"), builder);
  }

  /// SIGKILL.
  void kill(int index) throws IOException {
    end(index, nodes[index].destroyForcibly());
  }

  /// SIGTERM, and waits for the end.
  void stop(int index) throws IOException {
    nodes[index].destroy();
    end(index, nodes[index]);
  }

  /// SIGSTOP, or SIGCONT.
  void pause(int index, boolean paused) throws IOException {
    Processes.signal(nodes[index], paused ? "STOP" : "CONT");
  }

  /// What node `index` uses.
  ProcessUse use(int index) {
    return ProcessUse.of(nodes[index].toHandle());
  }

  long processId(int index) {
    return nodes[index].pid();
  }

  /// Which node leads databases 0-15: waits until every node that runs says the same.
  int leader() throws IOException {
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
  void awaitReplicas() throws IOException {
    processes.await(
        "three nodes that hold the same",
        READY_SECONDS,
        () -> {
          try (var connection = new RespLoop(HOST, port(leader()))) {
            connection.ask("SET", "henge-bench", "1");
            return connection.ask("WAIT", "2", "1000").equals(":2");
          }
        });
  }

  @Override
  public String name() {
    return "henge";
  }

  @Override
  public String describe() {
    return "henge: three times `"
        + (javaOptions.isEmpty() ? "" : "HENGE_JAVA_OPTS=\"" + javaOptions + "\" ")
        + String.join(" ", words(1))
        + "`, over RESP";
  }

  @Override
  public Sample run(Load load) throws IOException {
    return run(load, port(leader()));
  }

  /// Runs `load` against the node at `respPort`.
  static Sample run(Load load, int respPort) throws IOException {
    Histogram all = Sample.histogram();
    long errors = 0;
    long start = System.nanoTime();
    long end = start + (long) (load.seconds() * 1e9);
    try (ExecutorService threads = Executors.newFixedThreadPool(load.connections())) {
      List<Future<Long>> runs = new ArrayList<>();
      List<Histogram> parts = new ArrayList<>();
      for (int i = 0; i < load.connections(); i++) {
        int connection = i;
        Histogram part = Sample.histogram();
        parts.add(part);
        runs.add(
            threads.submit(() -> {
              try (var loop = new RespLoop(HOST, respPort)) {
                return loop.run(load, load.window(connection), start + connection, end, part);
              }
            }));
      }
      for (Future<Long> run : runs) {
        errors += run.get();
      }
      parts.forEach(all::add);
    } catch (ExecutionException e) {
      throw new IOException("a connection failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    return Sample.of(all, (System.nanoTime() - start) / 1e9, errors);
  }

  @Override
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
    try (var connection = new RespLoop(HOST, port(index))) {
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
