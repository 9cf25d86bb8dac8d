package dev.henge.benchmark.strong;

import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/// Three Henge nodes started by `henge up`, asked over RESP.
final class HengePeer implements Peer {
  static final int NODES = 3;
  private static final int PORTS_OF_A_NODE = 10;
  private static final String HOST = "127.0.0.1";
  private static final int READY_SECONDS = 120;

  private final Processes processes = new Processes();
  private final String command;
  private final int port;

  /// @param program the `henge` command
  /// @param directory gets data and log
  /// @param javaOptions flags for the JVM of each node, behind its own
  HengePeer(Path program, Path directory, String javaOptions) throws IOException {
    if (!Files.isExecutable(program)) {
      throw new IOException(program + " is not there: say where with --henge");
    }
    port = Processes.freePorts(NODES, PORTS_OF_A_NODE, 4);
    List<String> words =
        List.of(
            program.toString(),
            "up",
            "--nodes",
            Integer.toString(NODES),
            "--port",
            Integer.toString(port),
            "--data",
            directory.resolve("data").toString());
    command =
        (javaOptions.isEmpty() ? "" : "HENGE_JAVA_OPTS=\"" + javaOptions + "\" ")
            + String.join(" ", words);
    Path log = directory.resolve("henge.log");
    var builder = new ProcessBuilder(words);
    builder.environment().put("HENGE_JAVA_OPTS", javaOptions);
    try {
      processes.start(log, builder);
      processes.await(
          "three Henge nodes",
          READY_SECONDS,
          () -> Files.readAllLines(log).stream().anyMatch(line -> line.contains("cluster ready")));
    } catch (IOException e) {
      processes.close();
      throw e;
    }
  }

  /// RESP port of node `index`, from 0.
  int port(int index) {
    return port + index * PORTS_OF_A_NODE;
  }

  /// Which node leads databases 0-15, waiting for one to.
  int leader() throws IOException {
    int[] found = {-1};
    processes.await(
        "a leader",
        READY_SECONDS,
        () -> {
          for (int i = 0; i < NODES; i++) {
            if (info(i).contains("role:master")) {
              found[0] = i;
            }
          }
          return found[0] >= 0;
        });
    return found[0];
  }

  @Override
  public String name() {
    return "henge";
  }

  @Override
  public String describe() {
    return "henge: `" + command + "`, over RESP";
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

  private String info(int index) throws IOException {
    try (var connection = new RespLoop(HOST, port(index))) {
      return connection.ask("INFO", "replication");
    }
  }
}
