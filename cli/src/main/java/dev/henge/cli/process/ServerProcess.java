package dev.henge.cli.process;

import dev.henge.cli.terminal.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `henge server` as a process of its own, with this process's Java, flags and class path.
///
/// - Threads: one.
/// - Lifetime: [#close] stops the server where it still runs, and so does the end of this process,
///   also by SIGKILL: the server sees its standard input end.
public final class ServerProcess implements AutoCloseable {
  /// Flag of `henge server`: its standard input is a pipe from whoever started it, and it stops
  /// when that ends.
  public static final String END_WITH_INPUT = "--end-with-input";

  private static final String MAIN = "dev.henge.cli.Henge";
  private static final Pattern READY =
      Pattern.compile("henge: ready resp=([^ ]+):(\\d+) http=http://([^ ]+):(\\d+)");
  private static final int STOP_SECONDS = 120;

  private final Process process;
  private final BufferedReader out;
  private final Path log;
  private final long startNanos;
  private String readyLine = "";
  private int respPort;
  private int httpPort;
  private long startMillis;

  private ServerProcess(Process process, Path log, long startNanos) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.log = log;
    this.startNanos = startNanos;
  }

  /// Starts a server and waits until it serves.
  ///
  /// @param log gets what the server writes to its standard error stream
  /// @param arguments of `henge server`, besides directory and port
  /// @throws IOException where the server ends instead; its last words are in the message
  public static ServerProcess start(Path data, int port, Path log, List<String> arguments)
      throws IOException {
    ServerProcess server = begin(data, port, log, arguments);
    server.awaitReady();
    return server;
  }

  /// Starts a server, which may not serve yet.
  public static ServerProcess begin(Path data, int port, Path log, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(command());
    command.addAll(List.of("--data", data.toString(), "--port", Integer.toString(port)));
    command.add(END_WITH_INPUT);
    command.addAll(arguments);

    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop-server"));
    return new ServerProcess(process, log, start);
  }

  /// The words that start a server as this process was started, without flags of `henge server`.
  public static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, "server"));
    return command;
  }

  /// Waits for the server's ready line.
  ///
  /// @throws IOException where the server ends instead; its last words are in the message
  public void awaitReady() throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        startMillis = (System.nanoTime() - startNanos) / 1_000_000;
        readyLine = line;
        respPort = Integer.parseInt(ready.group(2));
        httpPort = Integer.parseInt(ready.group(4));
        return;
      }
    }
    int status = waitFor();
    throw new IOException("the server ended with status " + status + ": " + lastWords());
  }

  /// What the server said when it served.
  public String readyLine() {
    return readyLine;
  }

  public int respPort() {
    return respPort;
  }

  public int httpPort() {
    return httpPort;
  }

  /// From the start of the process to its ready line.
  public long startMillis() {
    return startMillis;
  }

  public long processId() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// SIGKILL, and waits for the end. Nothing that the process could do about it runs.
  public void kill() {
    process.destroyForcibly();
    waitFor();
  }

  /// SIGTERM, and waits for the end.
  ///
  /// @return the exit status
  public int stop() {
    process.destroy();
    return waitFor();
  }

  /// Stops the process in its tracks (SIGSTOP), or lets it go on (SIGCONT).
  public void pause(boolean paused) throws IOException {
    String name = paused ? "-STOP" : "-CONT";
    Process kill = new ProcessBuilder("kill", name, Long.toString(process.pid())).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("kill " + name + " of process " + process.pid() + " failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.failed("interrupted");
    }
  }

  /// SIGTERM, without waiting.
  void beginStop() {
    process.destroy();
  }

  /// Completes with the exit status when the process has ended, for whatever reason.
  public CompletableFuture<Integer> end() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /// What the server has written to its standard error stream last.
  public String lastWords() {
    try {
      return Files.readAllLines(log).reversed().stream()
          .filter(line -> !line.isBlank())
          .findFirst()
          .orElse("no word from it");
    } catch (IOException e) {
      return "no word from it";
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroy();
      waitFor();
    }
  }

  private int waitFor() {
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
}
