package dev.henge.benchmark.engine;

import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Machine;
import dev.henge.benchmark.report.Progress;
import dev.henge.benchmark.report.Table;
import dev.henge.benchmark.report.TemporaryDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `henge bench engine`: the engines in turn, each in a JVM of its own with the same flags, over
/// several rounds; medians and ratios in Markdown tables.
@Command(
    name = "engine",
    description = "Measures the LSM engine beside RocksDB and LMDB.",
    mixinStandardHelpOptions = true)
public final class EngineBench implements Callable<Integer> {
  /// The same for every engine: what `henge` starts a node with, and the opens that lmdbjava needs.
  private static final List<String> JVM_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+UseSerialGC",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  @Option(
      names = "--engines",
      split = ",",
      defaultValue = "henge,rocksdb,lmdb",
      description = "Which, of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<EngineKind> engines = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "How often each is measured; medians are printed. Default: ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--heap",
      defaultValue = "1g",
      description = "Heap of each JVM. Default: ${DEFAULT-VALUE}.")
  private String heap = "1g";

  @Option(
      names = "--jvm",
      description =
          "More flags for each JVM, a profiler's for example; repeatable; ENGINE becomes its name.")
  private List<String> moreFlags = List.of();

  @Mixin private EngineOptions options = new EngineOptions();

  private final Progress progress = new Progress();
  private final Map<EngineKind, String> about = new EnumMap<>(EngineKind.class);
  private final Map<EngineKind, List<Result>> results = new EnumMap<>(EngineKind.class);

  @Override
  public Integer call() throws IOException, InterruptedException {
    String machine = Machine.describe();
    List<EngineKind> order = new ArrayList<>(engines);
    for (int round = 1; round <= rounds; round++) {
      for (EngineKind engine : order) {
        measure(engine, "round %d of %d, %s: ".formatted(round, rounds, name(engine)));
      }
      Collections.rotate(order, 1);
    }
    progress.clear();
    print(machine);
    return 0;
  }

  private void measure(EngineKind engine, String prefix) throws IOException, InterruptedException {
    try (var directory = new TemporaryDirectory("henge-bench-")) {
      Process process =
          new ProcessBuilder(command(engine, directory))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      Thread kill = new Thread(process::destroyForcibly);
      Runtime.getRuntime().addShutdownHook(kill);
      try (BufferedReader reader = process.inputReader()) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          hear(engine, prefix, line);
        }
      }
      int status = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(kill);
      if (status != 0) {
        throw new IOException(name(engine) + " ended with status " + status);
      }
    }
  }

  private void hear(EngineKind engine, String prefix, String line) {
    Result.decode(line)
        .ifPresentOrElse(
            result -> results.computeIfAbsent(engine, any -> new ArrayList<>()).add(result),
            () -> {
              if (line.startsWith("about\t")) {
                about.put(engine, line.substring(line.indexOf('\t') + 1));
              } else if (line.startsWith("progress\t")) {
                progress.show(prefix + line.substring(line.indexOf('\t') + 1));
              } else {
                progress.show(prefix + line);
              }
            });
  }

  private List<String> command(EngineKind engine, TemporaryDirectory directory) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(flags());
    moreFlags.forEach(flag -> command.add(flag.replace("ENGINE", name(engine))));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.henge.benchmark.Main", "engine-run"));
    command.add("--engine=" + engine);
    command.add("--directory=" + directory.path());
    command.addAll(options.arguments());
    return command;
  }

  private List<String> flags() {
    List<String> flags = new ArrayList<>(List.of("-Xms" + heap, "-Xmx" + heap));
    flags.addAll(JVM_FLAGS);
    return flags;
  }

  private void print(String machine) {
    System.out.println("Machine: " + machine);
    System.out.println("JVM of each engine: " + String.join(" ", flags()));
    System.out.printf(
        Locale.ROOT,
        "Workload: %,d pairs of 16 + 100 bytes (values compress to half), block cache %s and %s,"
            + " %d reader(s), 1 writer, %d round(s), medians%n",
        options.pairs,
        Figures.mebibytes(options.cacheBytes()),
        Figures.mebibytes(options.fittingCacheBytes()),
        options.readers,
        rounds);
    engines.forEach(engine -> System.out.println("- " + about.get(engine)));
    System.out.println();
    System.out.println(speeds());
    System.out.println(details());
  }

  private Table speeds() {
    List<String> headings = new ArrayList<>(List.of("operations a second", "data / cache"));
    engines.forEach(engine -> headings.add(name(engine)));
    EngineKind first = engines.getFirst();
    List<EngineKind> peers = engines.subList(1, engines.size());
    peers.forEach(peer -> headings.add(name(first) + " / " + name(peer)));
    Table table = new Table(headings.toArray(String[]::new));
    for (boolean fits : new boolean[] {false, true}) {
      for (Line line : lines(fits)) {
        List<String> cells = new ArrayList<>(List.of(line.title(), fits ? "1/2" : "2"));
        for (EngineKind engine : engines) {
          cells.add(Figures.count(median(engine, line, fits, Result::operationsPerSecond)));
        }
        double ours = median(first, line, fits, Result::operationsPerSecond);
        for (EngineKind peer : peers) {
          cells.add(Figures.ratio(ours, median(peer, line, fits, Result::operationsPerSecond)));
        }
        table.row(cells);
      }
    }
    return table;
  }

  private Table details() {
    List<String> headings =
        new ArrayList<>(List.of("p50 / p99 microseconds, cores used", "data / cache"));
    engines.forEach(engine -> headings.add(name(engine)));
    Table table = new Table(headings.toArray(String[]::new));
    for (boolean fits : new boolean[] {false, true}) {
      for (Line line : lines(fits)) {
        if (line == Line.FILL_SETTLED || line == Line.PACED_WRITER) {
          continue;
        }
        List<String> cells = new ArrayList<>(List.of(line.title(), fits ? "1/2" : "2"));
        for (EngineKind engine : engines) {
          cells.add(
              "%s / %s, %s"
                  .formatted(
                      Figures.decimal(median(engine, line, fits, Result::microsP50), 1),
                      Figures.decimal(median(engine, line, fits, Result::microsP99), 1),
                      Figures.decimal(median(engine, line, fits, Result::cores), 2)));
        }
        table.row(cells);
      }
    }
    return table;
  }

  private List<Line> lines(boolean fits) {
    return results.getOrDefault(engines.getFirst(), List.of()).stream()
        .filter(result -> result.fits() == fits)
        .map(Result::line)
        .distinct()
        .sorted()
        .toList();
  }

  private double median(
      EngineKind engine, Line line, boolean fits, ToDoubleFunction<Result> figure) {
    return Figures.median(
        results.getOrDefault(engine, List.of()).stream()
            .filter(result -> result.line() == line && result.fits() == fits)
            .mapToDouble(figure));
  }

  private static String name(EngineKind engine) {
    return engine.name().toLowerCase(Locale.ROOT);
  }
}
