package dev.henge.cli.demo;

import dev.henge.cli.process.ServerProcess;
import dev.henge.cli.terminal.ProgressBar;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The story of `henge demo` on one node, told while it happens.
///
/// - Threads: one.
final class Demo {
  /// Which share of the second wave is acknowledged when the server is killed.
  private static final double KILL_AT = 0.4;

  private final PrintWriter out;
  private final boolean terminal;
  private final Path directory;
  private final int port;
  private final String durability;

  /// @param directory empty; gets the server's data, its log and the ledger
  Demo(PrintWriter out, boolean terminal, Path directory, int port, String durability) {
    this.out = out;
    this.terminal = terminal;
    this.directory = directory;
    this.port = port;
    this.durability = durability;
  }

  /// @return whether every check holds
  boolean run(WordNet wordNet, long seed) throws IOException {
    long start = System.nanoTime();
    say("WordNet 3.1: %,d pairs, %s of keys and values", wordNet.count(), size(wordNet.bytes()));

    Crash crash = new Crash(wordNet, 2, directory.resolve("ledger.txt"), seed);
    int wrong;
    try (ServerProcess server = startServer("Server")) {
      Load load = new Load(wordNet, out, terminal);
      load.write(server.respPort());
      say("%-20s %s on disk", "Size", size(dataBytes()));
      wrong = load.compare(server.respPort());
      say("");
      say("A second wave overwrites and deletes, in random order; SIGKILL in the middle of it.");
      int killAfter = (int) (wordNet.count() * KILL_AT);
      ProgressBar bar = bar("Write until SIGKILL", wordNet.count());
      crash.writeAndKill(server, killAfter, bar::update);
      bar.finish(crash.acknowledgedCount(), "acknowledged");
      say(
          "%-20s process %d; %,d writes sent, %,d acknowledged, %,d under way",
          "Killed",
          server.processId(),
          crash.sentCount(),
          crash.acknowledgedCount(),
          crash.sentCount() - crash.acknowledgedCount());
    }

    Verdict verdict;
    try (ServerProcess server = startServer("Restarted")) {
      ProgressBar bar = bar("Judge by the ledger", wordNet.count());
      verdict = crash.judge(server, index -> wordNet.value(index, 1), bar::update);
      bar.finish(verdict.total(), "");
      int status = server.stop();
      say("%-20s exit status %d", "Stopped", status);
      if (status != 0) {
        wrong++;
      }
    }
    VerdictText.print(verdict, this::say);
    boolean good = wrong == 0 && verdict.good() && verdict.total() == wordNet.count();
    say("");
    say(
        "%s (%.1f s)",
        good ? "PASSED: every acknowledged write survived, nothing is torn." : "FAILED: see above.",
        (System.nanoTime() - start) / 1e9);
    return good;
  }

  private ServerProcess startServer(String label) throws IOException {
    ServerProcess server =
        ServerProcess.start(
            directory.resolve("data"),
            port,
            directory.resolve("server.log"),
            List.of("--durability", durability));
    say(
        "%-20s process %d on port %d, ready after %,d ms, durability %s",
        label, server.processId(), server.respPort(), server.startMillis(), durability);
    return server;
  }

  private ProgressBar bar(String label, long total) {
    return new ProgressBar(out, terminal, label, total);
  }

  private void say(String format, Object... arguments) {
    String text = String.format(Locale.ROOT, format, arguments);
    out.println(text.isEmpty() ? "" : "  " + text);
    out.flush();
  }

  private long dataBytes() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("data"))) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
