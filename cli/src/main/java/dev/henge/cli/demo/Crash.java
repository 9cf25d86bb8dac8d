package dev.henge.cli.demo;

import dev.henge.cli.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// A [Wave] of writes with a SIGKILL in the middle, and the proof afterwards.
///
/// - Threads: one.
final class Crash {
  private final Wave wave;
  private final byte[] @Nullable [] found;

  private int sentCount;
  private int acknowledgedCount;

  /// @param version of the values that the wave writes
  /// @param ledgerFile is made
  Crash(WordNet wordNet, int version, Path ledgerFile, long seed) {
    this.wave = new Wave(wordNet, version, ledgerFile, seed);
    this.found = new byte[wordNet.count()][];
  }

  /// Writes until `killAfter` writes are acknowledged, then kills the server with requests under
  /// way.
  ///
  /// @param progress is told how many are acknowledged
  void writeAndKill(ServerProcess server, int killAfter, LongConsumer progress) throws IOException {
    try (Ledger ledger = wave.ledger();
        PipelinedClient client = PipelinedClient.connect(server.respPort())) {
      for (int index : wave.order()) {
        wave.write(client, ledger, index, () -> {});
        sentCount++;
        progress.accept(ledger.count());
        if (ledger.count() >= killAfter || client.firstError() != null) {
          break;
        }
      }
      if (ledger.count() < killAfter) {
        // All is sent, or something went wrong: then it is told, and the server is left as it is.
        client.drain();
        client.failOnError();
      }
      server.kill();
      client.drain();
      acknowledgedCount = ledger.count();
    }
  }

  /// Reads every key from the restarted server and judges it by the ledger.
  ///
  /// @param before what each key held before the wave, by its number
  /// @param progress is told how many are read
  Verdict judge(ServerProcess server, Wave.Values before, LongConsumer progress)
      throws IOException {
    Wave.Found keep = (index, value) -> found[index] = value;
    return wave.judge(server.respPort(), sentCount, before, keep, progress);
  }

  /// What key `index` held when it was judged.
  byte @Nullable [] found(int index) {
    return found[index];
  }

  /// Writes handed to the client before the server was gone.
  int sentCount() {
    return sentCount;
  }

  int acknowledgedCount() {
    return acknowledgedCount;
  }
}
