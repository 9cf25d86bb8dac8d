package dev.henge.benchmark.server;

import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.ProcessUse;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Table;
import dev.henge.benchmark.report.TemporaryDirectory;
import dev.henge.benchmark.server.RedisBenchmark.Load;
import dev.henge.benchmark.server.RedisBenchmark.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `henge bench resp`: one node and Redis under the same load in turn, at equal durability.
@Command(
    name = "resp",
    description = "Measures one node beside Redis, with redis-benchmark.",
    mixinStandardHelpOptions = true)
public final class RespBench implements Callable<Integer> {
  private static final int CLIENTS = 50;
  private static final int[] PIPELINES = {1, 16};
  private static final int PAIR_BYTES = PairText.KEY_BYTES + PairText.VALUE_BYTES;

  /// Durability of both servers, as each names it.
  enum Durability {
    FSYNC("fsync", "always"),
    INTERVAL("interval", "everysec");

    private final String ours;
    private final String theirs;

    Durability(String ours, String theirs) {
      this.ours = ours;
      this.theirs = theirs;
    }
  }

  @Option(
      names = "--ours",
      paramLabel = "HOST:PORT",
      description = "A Henge server that runs already, with its own durability and cache.")
  private @Nullable String ours;

  @Option(
      names = "--against",
      paramLabel = "HOST:PORT",
      description = "A Redis that runs already. Default: starts the redis-server on the path.")
  private @Nullable String against;

  @Option(
      names = "--durability",
      split = ",",
      defaultValue = "fsync,interval",
      description = "Which, of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<Durability> durabilities = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description =
          "How often each line is measured; medians are printed. Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "Length of each measurement. Default: ${DEFAULT-VALUE}.")
  private double seconds = 3;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Keys of the small set. Default: ${DEFAULT-VALUE}.")
  private long keys = 100_000;

  @Option(
      names = "--cache",
      defaultValue = "64",
      description =
          "Our block cache in MiB; the large set is twice that. Default: ${DEFAULT-VALUE}.")
  private long cacheMebibytes = 64;

  @Option(
      names = "--java-options",
      defaultValue = "",
      description = "More flags for our server's JVM, a profiler's for example.")
  private String javaOptions = "";

  @Mixin private HengeOptions henge = new HengeOptions();

  private final Progress progress = new Progress();
  private final List<String> notes = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();

  /// One line of the tables, and what was measured for it.
  private record Line(
      Durability durability, Load load, boolean large, List<Sample> ours, List<Sample> theirs) {
    String title() {
      return "%s, pipeline %d, %s"
          .formatted(
              load.test().toUpperCase(Locale.ROOT),
              load.pipeline(),
              load.test().equals("get")
                  ? (large ? "data twice the cache" : "data in the cache")
                  : durability.ours + " / " + durability.theirs);
    }
  }

  @Override
  public Integer call() throws IOException {
    String machine = Machine.describe();
    String version = RedisBenchmark.version();
    for (Durability durability : durabilities) {
      try (var directory = new TemporaryDirectory("henge-bench-");
          Server our = startOurs(directory, durability);
          Server their = startTheirs(directory, durability)) {
        measure(durability, our, their);
      }
    }
    progress.clear();
    print(machine, version);
    return 0;
  }

  private Server startOurs(TemporaryDirectory directory, Durability durability) throws IOException {
    progress.show("starting henge, " + durability.ours);
    return ours != null
        ? Server.running(ours)
        : Server.henge(
            henge.program(),
            directory.subdirectory("henge"),
            javaOptions,
            List.of("--durability", durability.ours, "--cache", cacheMebibytes + "MiB"));
  }

  private Server startTheirs(TemporaryDirectory directory, Durability durability)
      throws IOException {
    progress.show("starting redis, " + durability.theirs);
    return against != null
        ? Server.running(against)
        : Server.redis(
            directory.subdirectory("redis"),
            List.of("--appendonly", "yes", "--appendfsync", durability.theirs));
  }

  private void measure(Durability durability, Server our, Server their) throws IOException {
    // What a GET costs does not depend on durability: once is enough, where loading is fast.
    boolean withGets = durability == durabilities.getLast();
    long largeKeys = (cacheMebibytes << 20) * 2 / PAIR_BYTES;
    long loaded = withGets ? Math.max(keys, largeKeys) : keys;
    for (Server server : List.of(our, their)) {
      try (var client = new RespClient(server.host(), server.port())) {
        String name = server == our ? "henge" : "redis";
        client.load(loaded, done -> progress.show("loading %s: %,d".formatted(name, done)));
        notes.add(
            "%s %s: `%s`"
                .formatted(
                    name,
                    client.info(server == our ? "kv_version" : "redis_version"),
                    server.command()));
      }
    }
    List<Line> measured = new ArrayList<>();
    for (int pipeline : PIPELINES) {
      measured.add(line(durability, "set", pipeline, keys, false));
    }
    if (withGets) {
      for (int pipeline : PIPELINES) {
        measured.add(line(durability, "get", pipeline, keys, false));
      }
      for (int pipeline : PIPELINES) {
        measured.add(line(durability, "get", pipeline, largeKeys, true));
      }
    }
    for (int round = 1; round <= rounds; round++) {
      for (Line line : measured) {
        String text = "round %d of %d, %s".formatted(round, rounds, line.title());
        boolean oursFirst = round % 2 == 1;
        measure(line, oursFirst ? our : their, oursFirst, text);
        measure(line, oursFirst ? their : our, !oursFirst, text);
      }
    }
    lines.addAll(measured);
    notes.add(
        "memory after the lines at %s: henge %s, redis %s"
            .formatted(durability.ours, resident(our), resident(their)));
  }

  private void measure(Line line, Server server, boolean isOurs, String text) throws IOException {
    progress.show(text + (isOurs ? ": henge" : ": redis"));
    Sample sample = RedisBenchmark.run(server, line.load, seconds);
    (isOurs ? line.ours : line.theirs).add(sample);
  }

  private static Line line(
      Durability durability, String test, int pipeline, long keys, boolean large) {
    return new Line(
        durability,
        new Load(test, pipeline, CLIENTS, keys),
        large,
        new ArrayList<>(),
        new ArrayList<>());
  }

  private static String resident(Server server) {
    return Figures.mebibytes(
        server.use().map(ProcessUse::residentBytes).map(Long::doubleValue).orElse(Double.NaN));
  }

  private void print(String machine, String version) {
    System.out.println("Machine: " + machine);
    System.out.printf(
        Locale.ROOT,
        "Load: %s, %d connections, keys of 16 and values of 100 bytes, %d round(s) of %.1f s,"
            + " medians%n",
        version,
        CLIENTS,
        rounds,
        seconds);
    notes.forEach(note -> System.out.println("- " + note));
    System.out.println();
    Table speeds = new Table("requests a second", "henge", "redis", "henge / redis");
    Table details = new Table("p50 / p99 ms; cores of server + client", "henge", "redis");
    for (Line line : lines) {
      double our = median(line.ours, Sample::requestsPerSecond);
      double their = median(line.theirs, Sample::requestsPerSecond);
      speeds.row(
          List.of(
              line.title(), Figures.count(our), Figures.count(their), Figures.ratio(our, their)));
      details.row(List.of(line.title(), detail(line.ours), detail(line.theirs)));
    }
    System.out.println(speeds);
    System.out.println(details);
  }

  private static String detail(List<Sample> samples) {
    return "%s / %s; %s + %s"
        .formatted(
            Figures.decimal(median(samples, Sample::millisP50), 2),
            Figures.decimal(median(samples, Sample::millisP99), 2),
            Figures.decimal(median(samples, Sample::serverCores), 2),
            Figures.decimal(median(samples, Sample::clientCores), 2));
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return Figures.median(samples.stream().mapToDouble(figure));
  }
}
