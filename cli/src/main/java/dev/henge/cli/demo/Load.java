package dev.henge.cli.demo;

import dev.henge.cli.terminal.ProgressBar;
import dev.henge.cli.terminal.UserError;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/// The first version of every pair, written through one node and compared through any.
///
/// - Threads: one.
final class Load {
  private final WordNet wordNet;
  private final PrintWriter out;
  private final boolean terminal;

  Load(WordNet wordNet, PrintWriter out, boolean terminal) {
    this.wordNet = wordNet;
    this.out = out;
    this.terminal = terminal;
  }

  /// Writes every pair through the node at `port`.
  void write(int port) {
    AtomicInteger acknowledged = new AtomicInteger();
    ProgressBar bar = new ProgressBar(out, terminal, "Load", wordNet.count());
    try (PipelinedClient client = PipelinedClient.connect(port)) {
      for (int index = 0; index < wordNet.count(); index++) {
        client.write(wordNet.key(index), wordNet.value(index, 1), acknowledged::incrementAndGet);
        bar.update(acknowledged.get());
      }
      client.drain();
      client.failOnError();
    }
    bar.finish(acknowledged.get(), "acknowledged");
    if (acknowledged.get() != wordNet.count()) {
      throw UserError.failed("only " + acknowledged + " writes were acknowledged");
    }
  }

  /// Reads every pair through the node at `port`.
  ///
  /// @return how many are not as written
  int compare(int port) {
    AtomicInteger same = new AtomicInteger();
    ProgressBar bar = new ProgressBar(out, terminal, "Read and compare", wordNet.count());
    try (PipelinedClient client = PipelinedClient.connect(port)) {
      for (int index = 0; index < wordNet.count(); index++) {
        byte[] expected = wordNet.value(index, 1);
        client.read(
            wordNet.key(index),
            found -> {
              if (Arrays.equals(expected, found)) {
                same.incrementAndGet();
              }
            });
        bar.update(index);
      }
      client.drain();
      client.failOnError();
    }
    int different = wordNet.count() - same.get();
    bar.finish(same.get(), different == 0 ? "all equal" : different + " DIFFERENT");
    return different;
  }
}
