package dev.henge.benchmark.server;

import dev.henge.benchmark.report.ProcessUse;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs of `redis-benchmark`, the load generator that Redis itself is measured with.
final class RedisBenchmark {
  private static final long SAMPLE_MILLIS = 20;
  private static final long CALIBRATING_REQUESTS = 20_000;
  private static final long REQUESTS_MIN = 20_000;

  private RedisBenchmark() {}

  /// One run.
  ///
  /// @param clientCores processor time of `redis-benchmark` by elapsed time
  /// @param serverCores the server's; not a number where its process is not ours
  record Sample(
      double requestsPerSecond,
      double millisP50,
      double millisP99,
      double clientCores,
      double serverCores) {}

  /// What it is asked to do.
  ///
  /// @param test `get` or `set`
  /// @param keys of how many keys each request takes one by chance
  record Load(String test, int pipeline, int clients, long keys) {}

  /// Its version, as it says it.
  ///
  /// @throws IOException when it is not on the path
  static String version() throws IOException {
    try {
      Process process = new ProcessBuilder("redis-benchmark", "--version").start();
      try (BufferedReader reader = process.inputReader()) {
        return String.valueOf(reader.readLine());
      }
    } catch (IOException e) {
      throw new IOException(
          "redis-benchmark is not on the path; Debian's package redis-tools has it", e);
    }
  }

  /// Loads `server` for about `seconds`.
  static Sample run(Server server, Load load, double seconds) throws IOException {
    double rate = run(server, load, CALIBRATING_REQUESTS * load.pipeline()).requestsPerSecond;
    return run(server, load, Math.max(REQUESTS_MIN, (long) (rate * seconds)));
  }

  private static Sample run(Server server, Load load, long requests) throws IOException {
    List<String> command =
        List.of(
            "redis-benchmark",
            "-h",
            server.host(),
            "-p",
            Integer.toString(server.port()),
            "-t",
            load.test(),
            "-P",
            Integer.toString(load.pipeline()),
            "-c",
            Integer.toString(load.clients()),
            "-n",
            Long.toString(requests),
            "-r",
            Long.toString(load.keys()),
            "-d",
            Integer.toString(PairText.VALUE_BYTES),
            "--csv");
    double serverBefore = server.use().map(ProcessUse::cpuSeconds).orElse(Double.NaN);
    long startNanos = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    double clientSeconds = 0;
    try {
      // Its processor time can only be read while it lives: the last sample is short of it by less
      // than the pause.
      while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
        clientSeconds = Math.max(clientSeconds, ProcessUse.of(process.toHandle()).cpuSeconds());
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("interrupted", e);
    }
    double elapsed = (System.nanoTime() - startNanos) / 1e9;
    double serverAfter = server.use().map(ProcessUse::cpuSeconds).orElse(Double.NaN);
    try (BufferedReader reader = process.inputReader()) {
      List<String> lines = reader.lines().toList();
      String[] fields = lines.getLast().replace("\"", "").split(",", -1);
      if (process.exitValue() != 0 || fields.length < 8) {
        throw new IOException(String.join(" ", command) + " failed:\n" + String.join("\n", lines));
      }
      return new Sample(
          Double.parseDouble(fields[1]),
          Double.parseDouble(fields[4]),
          Double.parseDouble(fields[6]),
          clientSeconds / elapsed,
          (serverAfter - serverBefore) / elapsed);
    }
  }
}
