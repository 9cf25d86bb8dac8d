package dev.henge.benchmark.report;

import java.io.PrintStream;

/// One line on the error stream that says what is being done. On a terminal it is overwritten,
/// elsewhere each is a line of its own, so that tables on the output stream stay clean.
public final class Progress {
  private final PrintStream stream;
  private final boolean terminal;
  private final long startNanos = System.nanoTime();

  public Progress() {
    this.stream = System.err;
    this.terminal = System.console() != null && System.console().isTerminal();
  }

  public void show(String text) {
    String line = "[%4d s] %s".formatted((System.nanoTime() - startNanos) / 1_000_000_000L, text);
    if (terminal) {
      stream.print("\r\033[K" + line);
      stream.flush();
    } else {
      stream.println(line);
    }
  }

  /// Leaves the screen to what is printed next.
  public void clear() {
    if (terminal) {
      stream.print("\r\033[K");
      stream.flush();
    }
  }
}
