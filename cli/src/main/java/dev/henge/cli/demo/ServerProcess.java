package dev.henge.cli.demo;

import dev.henge.cli.terminal.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `henge server` as a process of its own, with this process's Java, flags and class path.
///
/// - Threads: one.
/// - Lifetime: [#close] stops the server where it still runs, and so does the end of this process.
final class ServerProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("henge: ready resp=([^ ]+):(\\d+) http=http://([^ ]+):(\\d+)");
  private static final String MAIN = "dev.henge.cli.Henge";
  private static final int STOP_SECONDS = 30;

  private final Process process;
  private final Path log;
  private final int respPort;
  private final long startMillis;

  private ServerProcess(Process process, Path log, int respPort, long startMillis) {
    this.process = process;
    this.log = log;
    this.respPort = respPort;
    this.startMillis = startMillis;
  }

  /// Starts a server and waits until it serves.
  ///
  /// @param log gets what the server writes to its standard error stream
  /// @param arguments of `henge server`, besides directory and port
  /// @throws IOException where the server ends instead; its last words are in the message
  static ServerProcess start(Path data, int port, Path log, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(List.of("server", "--data", data.toString(), "--port", Integer.toString(port)));
    command.addAll(List.of(arguments));

    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop-server"));
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        long millis = (System.nanoTime() - start) / 1_000_000;
        return new ServerProcess(process, log, Integer.parseInt(ready.group(2)), millis);
      }
    }
    int status = waitFor(process);
    throw new IOException("the server ended with status " + status + ": " + lastLine(log));
  }

  /// A port that is free together with the one behind it.
  static int freePort() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int attempt = 0; attempt < 100; attempt++) {
      try (ServerSocket first = new ServerSocket(0, 1, loopback);
          ServerSocket second = new ServerSocket()) {
        if (first.getLocalPort() < 65535) {
          second.bind(new InetSocketAddress(loopback, first.getLocalPort() + 1));
          return first.getLocalPort();
        }
      } catch (IOException taken) {
        // the second one is in use: another pair
      }
    }
    throw UserError.failed("found no two free ports in a row; name the first with --port");
  }

  int respPort() {
    return respPort;
  }

  /// From the start of the process to its ready line.
  long startMillis() {
    return startMillis;
  }

  long processId() {
    return process.pid();
  }

  /// SIGKILL, and waits for the end. Nothing that the process could do about it runs.
  void kill() {
    process.destroyForcibly();
    waitFor(process);
  }

  /// SIGTERM, and waits for the end.
  ///
  /// @return the exit status
  int stop() {
    process.destroy();
    return waitFor(process);
  }

  /// What the server has written to its standard error stream last.
  String lastWords() {
    return lastLine(log);
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroy();
      waitFor(process);
    }
  }

  private static int waitFor(Process process) {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw UserError.failed("the server did not end within " + STOP_SECONDS + " seconds");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw UserError.failed("interrupted");
    }
  }

  private static String lastLine(Path log) {
    try {
      return Files.readAllLines(log).reversed().stream()
          .filter(line -> !line.isBlank())
          .findFirst()
          .orElse("no word from it");
    } catch (IOException e) {
      return "no word from it";
    }
  }
}
