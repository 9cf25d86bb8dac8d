package dev.henge.simulation.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What was done to the nodes, and when, by the clock of the calls.
///
/// - Threads: any.
final class Timeline {
  private final List<String> lines = new ArrayList<>();

  synchronized void add(String what) {
    lines.add(String.format(Locale.ROOT, "%.6f s %s", System.nanoTime() / 1e9, what));
  }

  synchronized void write(Path file) throws IOException {
    Files.write(file, lines);
  }
}
