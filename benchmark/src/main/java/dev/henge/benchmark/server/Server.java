package dev.henge.benchmark.server;

import dev.henge.base.system.FreePorts;
import dev.henge.benchmark.report.ProcessUse;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A server under measurement: a process started here, or one that runs already.
///
/// - Lifetime: [#close] stops the process with SIGTERM, after a while with SIGKILL; a server that
///   ran already is left alone.
final class Server implements AutoCloseable {
  private static final Pattern HENGE_READY =
      Pattern.compile("henge: ready resp=(\\S+):(\\d+)( .*)?");
  private static final Pattern REDIS_READY = Pattern.compile(".*Ready to accept connections.*");
  private static final int LAST_WORDS = 20;
  private static final int STOP_SECONDS = 60;

  private final String host;
  private final int port;
  private final String command;
  private final @Nullable Process process;
  private final @Nullable Thread kill;
  private final double readySeconds;

  private Server(
      String host,
      int port,
      String command,
      @Nullable Process process,
      @Nullable Thread kill,
      double readySeconds) {
    this.host = host;
    this.port = port;
    this.command = command;
    this.process = process;
    this.kill = kill;
    this.readySeconds = readySeconds;
  }

  /// @param address `HOST:PORT`
  static Server running(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw new IOException("'" + address + "' is not HOST:PORT");
    }
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    try (var probe = new Socket(host, port)) {
      return new Server(host, probe.getPort(), "ran already at " + address, null, null, Double.NaN);
    } catch (IOException e) {
      throw new IOException("nothing answers at " + address + ": " + e.getMessage(), e);
    }
  }

  /// Starts `henge server`.
  ///
  /// @param program the `henge` command
  /// @param javaOptions flags for its JVM, behind its own
  /// @param settings of the server, as `--name` and value
  static Server henge(Path program, Path data, String javaOptions, List<String> settings)
      throws IOException {
    if (!Files.isExecutable(program)) {
      throw new IOException(program + " is not there: say where with --henge");
    }
    List<String> command = new ArrayList<>();
    command.addAll(List.of(program.toString(), "server", "--port", "0"));
    command.addAll(List.of("--data", data.toString()));
    command.addAll(settings);
    return start(command, Map.of("HENGE_JAVA_OPTS", javaOptions), HENGE_READY, 0);
  }

  /// Starts the `redis-server` on the path.
  static Server redis(Path data, List<String> settings) throws IOException {
    int port = FreePorts.first(1, 1, 1);
    List<String> command = new ArrayList<>();
    command.addAll(List.of("redis-server", "--port", Integer.toString(port)));
    command.addAll(List.of("--bind", "127.0.0.1", "--dir", data.toString(), "--save", ""));
    command.addAll(settings);
    try {
      return start(command, Map.of(), REDIS_READY, port);
    } catch (IOException e) {
      throw new IOException(
          e.getMessage()
              + "; Debian's package redis-server has it, or name a running server with --against",
          e);
    }
  }

  private static Server start(
      List<String> command, Map<String, String> environment, Pattern ready, int port)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    long startNanos = System.nanoTime();
    Process process = builder.start();
    Thread kill = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(kill);
    BufferedReader reader = process.inputReader();
    ArrayDeque<String> lastWords = new ArrayDeque<>();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      Matcher matcher = ready.matcher(line);
      if (matcher.matches()) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        Thread drain = new Thread(() -> drain(reader), "drain");
        drain.setDaemon(true);
        drain.start();
        int served = port == 0 ? Integer.parseInt(matcher.group(2)) : port;
        StringBuilder said = new StringBuilder();
        environment.forEach(
            (name, value) -> said.append(name).append("=\"").append(value).append("\" "));
        said.append(String.join(" ", command));
        return new Server("127.0.0.1", served, said.toString(), process, kill, seconds);
      }
      lastWords.add(line);
      if (lastWords.size() > LAST_WORDS) {
        lastWords.remove();
      }
    }
    throw new IOException(
        String.join(" ", command) + " ended before it was ready:\n" + String.join("\n", lastWords));
  }

  /// Reads what the server says from now on, so that it never waits for a reader.
  private static void drain(BufferedReader reader) {
    try (reader) {
      while (reader.readLine() != null) {}
    } catch (IOException ended) {
      return;
    }
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  /// The command line that started it.
  String command() {
    return command;
  }

  /// From the start of the process to its word that it serves.
  double readySeconds() {
    return readySeconds;
  }

  /// What it uses now; empty for one that was not started here.
  Optional<ProcessUse> use() {
    return Optional.ofNullable(process).map(started -> ProcessUse.of(started.toHandle()));
  }

  @Override
  public void close() throws IOException {
    if (process == null || kill == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("interrupted", e);
    }
    Runtime.getRuntime().removeShutdownHook(kill);
  }
}
