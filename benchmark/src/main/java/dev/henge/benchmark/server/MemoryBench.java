package dev.henge.benchmark.server;

import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.ProcessUse;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Promises;
import dev.henge.benchmark.report.TemporaryDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `henge bench memory`: how long a node takes to start, what it holds idle, and what it holds with
/// much more data than memory. Ends with status 1 when a promise is not kept.
@Command(
    name = "memory",
    description = "Measures memory and start time of one node.",
    mixinStandardHelpOptions = true)
public final class MemoryBench implements Callable<Integer> {
  private static final long IDLE_BYTES_MAX = 200L << 20;
  private static final long SERVING_BYTES_MAX = 1536L << 20;
  private static final double READY_SECONDS_MAX = 1.5;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(3);

  @Option(
      names = "--pairs",
      defaultValue = "10000000",
      description = "Pairs of 16 and 100 bytes. Default: ${DEFAULT-VALUE}.")
  private long pairs = 10_000_000;

  @Option(
      names = "--heap",
      defaultValue = "512m",
      description = "Heap of the node. Default: ${DEFAULT-VALUE}.")
  private String heap = "512m";

  @Option(
      names = "--cache",
      defaultValue = "256",
      description = "Block cache in MiB. Default: ${DEFAULT-VALUE}.")
  private long cacheMebibytes = 256;

  @Option(
      names = "--starts",
      defaultValue = "5",
      description = "How often the start is measured. Default: ${DEFAULT-VALUE}.")
  private int starts = 5;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      description = "Length of the reading. Default: ${DEFAULT-VALUE}.")
  private double seconds = 15;

  @Mixin private HengeOptions henge = new HengeOptions();

  private final Progress progress = new Progress();
  private final Promises promises = new Promises();

  @Override
  public Integer call() throws IOException {
    String machine = Machine.describe();
    try (var directory = new TemporaryDirectory("henge-bench-")) {
      start(directory);
      String command = serve(directory);
      progress.clear();
      System.out.println("Machine: " + machine);
      System.out.println("Server: `" + command + "`");
      System.out.println();
      System.out.println(promises);
    }
    return promises.kept() ? 0 : 1;
  }

  private void start(TemporaryDirectory directory) throws IOException {
    List<Double> ready = new ArrayList<>();
    List<Double> idle = new ArrayList<>();
    // One more than counted: the first may build, and trains what makes later ones fast.
    for (int i = 0; i <= starts; i++) {
      progress.show("start %d of %d".formatted(i, starts));
      try (Server server =
          Server.henge(henge.program(), directory.subdirectory("idle-" + i), "", List.of())) {
        if (i > 0) {
          LockSupport.parkNanos(IDLE_NANOS);
          ready.add(server.readySeconds());
          idle.add((double) use(server).residentBytes());
        }
      }
    }
    double seconds = Figures.median(ready.stream().mapToDouble(Double::doubleValue));
    promises.promise(
        "start to ready, median of " + starts,
        Figures.decimal(seconds, 2) + " s",
        "< 1.50 s",
        seconds < READY_SECONDS_MAX);
    double bytes = Figures.median(idle.stream().mapToDouble(Double::doubleValue));
    promises.promise(
        "resident memory, idle with default settings",
        Figures.mebibytes(bytes),
        "< 200 MiB",
        bytes < IDLE_BYTES_MAX);
  }

  /// @return the command line of the server
  private String serve(TemporaryDirectory directory) throws IOException {
    try (Server server =
            Server.henge(
                henge.program(),
                directory.subdirectory("serving"),
                "-Xmx" + heap,
                List.of("--cache", cacheMebibytes + "MiB", "--durability", "interval"));
        var client = new RespClient(server.host(), server.port())) {
      long startNanos = System.nanoTime();
      client.load(pairs, done -> progress.show("loading: %,d of %,d".formatted(done, pairs)));
      double loadSeconds = (System.nanoTime() - startNanos) / 1e9;
      promises.tell("SET, 1 connection, pipeline 256", Figures.count(pairs / loadSeconds) + " /s");
      promises.tell(
          "resident memory after loading", Figures.mebibytes(use(server).residentBytes()));
      progress.show("reading");
      double rate = client.read(pairs, seconds, 1);
      promises.tell("GET, all keys alike, 1 connection, pipeline 256", Figures.count(rate) + " /s");
      promises.tell(
          "resident memory after reading", Figures.mebibytes(use(server).residentBytes()));
      long most = use(server).residentBytesMax();
      promises.promise(
          "the most resident memory at any time, %,d pairs".formatted(pairs),
          Figures.mebibytes(most),
          "<= 1536 MiB",
          most <= SERVING_BYTES_MAX);
      return server.command();
    }
  }

  private static ProcessUse use(Server server) {
    return server.use().orElseThrow();
  }
}
