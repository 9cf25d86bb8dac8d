package dev.henge.simulation.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One node: its directory, its log, and its process while it has one.
///
/// - Threads: one.
/// - Lifetime: [#close] ends the process, and so does the end of this one.
final class NodeProcess implements AutoCloseable {
  /// How a process is ended.
  enum End {
    KILL,
    TERMINATE
  }

  private static final int END_SECONDS = 90;
  private static final String READY = "henge: ready";

  private final List<String> command;
  private final Path out;
  private final Path log;
  private final Thread hook = new Thread(this::destroy, "end-node");

  // owned by the one thread
  private long outBytes;
  private boolean paused;
  private boolean dismissed;
  private boolean closed;
  private @Nullable End ending;

  private volatile @Nullable Process process;

  /// @param command with all its words
  /// @param out gets what the node writes to its standard output
  /// @param log gets what it writes to its standard error stream
  NodeProcess(List<String> command, Path out, Path log) {
    this.command = List.copyOf(command);
    this.out = out;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Starts a process; there must be none. A node that is closed stays without.
  void start() throws IOException {
    if (closed) {
      return;
    }
    paused = false;
    outBytes = Files.exists(out) ? Files.size(out) : 0;
    process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /// The node is to leave the cluster: from now on its process may end by itself.
  void dismiss() {
    dismissed = true;
  }

  boolean isDismissed() {
    return dismissed;
  }

  /// Whether the process has said that it serves.
  boolean isReady() throws IOException {
    byte[] said = Files.readAllBytes(out);
    int from = (int) Math.min(outBytes, said.length);
    return new String(said, from, said.length - from, StandardCharsets.UTF_8).contains(READY);
  }

  /// Sends SIGKILL or SIGTERM; [#hasEnded] tells when it has worked.
  ///
  /// @return what was wrong with the process before; null when nothing
  @Nullable String begin(End how) throws IOException {
    Process asked = process;
    if (asked == null || !asked.isAlive()) {
      return complaint();
    }
    ending = how;
    if (how == End.KILL) {
      asked.destroyForcibly();
    } else {
      asked.destroy();
    }
    return null;
  }

  /// Whether the process that was told to end has ended.
  boolean hasEnded() {
    Process asked = process;
    return asked == null || !asked.isAlive();
  }

  /// Forgets the process, which has ended as it was told to.
  ///
  /// @return what was wrong with the way it ended; null when nothing
  @Nullable String forget() throws IOException {
    Process ended = process;
    End how = ending;
    process = null;
    ending = null;
    return ended == null || how == End.KILL || (how == null && dismissed) || ended.exitValue() == 0
        ? null
        : "ended with status " + ended.exitValue() + " after SIGTERM: " + lastWords();
  }

  /// What is wrong with a process that nobody has ended; null when it runs, or should not.
  @Nullable String complaint() throws IOException {
    Process running = process;
    return running == null || running.isAlive() || ending != null || dismissed
        ? null
        : "ended by itself with status " + running.exitValue() + ": " + lastWords();
  }

  /// SIGSTOP, or SIGCONT.
  void pause(boolean on) throws IOException {
    Process running = process;
    if (running != null && paused != on) {
      paused = on;
      signal(running, on ? "STOP" : "CONT");
    }
  }

  /// Lines of the log that tell of errors.
  List<String> errors() throws IOException {
    if (!Files.exists(log)) {
      return List.of();
    }
    List<String> errors = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      if (line.contains(" ERROR ")) {
        errors.add(line);
      }
    }
    return errors;
  }

  @Override
  public void close() {
    closed = true;
    destroy();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook does the same.
    }
  }

  private void destroy() {
    Process last = process;
    if (last != null) {
      process = null;
      // SIGKILL, for a paused process would not hear of anything else.
      last.destroyForcibly();
      try {
        last.waitFor(END_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String lastWords() throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    return lines.isEmpty() ? "no word from it" : lines.getLast();
  }

  private static void signal(Process process, String name) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("signal " + name + " was not sent");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
