package dev.henge.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// A [Wave] of writes through one node, while another is killed; and the proof afterwards.
///
/// A write that was answered by an error, or not at all, may have happened or not.
///
/// - Threads: one; acknowledgements come on the client's.
final class FailoverWave {
  private final WordNet wordNet;
  private final int version;
  private final Wave wave;
  private final AtomicLong lastNanos = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private int acknowledgedCount;
  private long unknownCount;

  /// @param version of the values that the wave writes
  /// @param ledgerFile is made
  FailoverWave(WordNet wordNet, int version, Path ledgerFile, long seed) {
    this.wordNet = wordNet;
    this.version = version;
    this.wave = new Wave(wordNet, version, ledgerFile, seed);
  }

  /// Writes everything through the node at `port`; when `killAfter` writes are acknowledged, calls
  /// `kill` once and goes on.
  ///
  /// @param progress is told how many are acknowledged
  void write(int port, int killAfter, Runnable kill, LongConsumer progress) throws IOException {
    boolean killed = false;
    try (Ledger ledger = wave.ledger();
        PipelinedClient client = PipelinedClient.connect(port)) {
      for (int index : wave.order()) {
        wave.write(client, ledger, index, this::mark);
        progress.accept(ledger.count());
        if (!killed && ledger.count() >= killAfter) {
          killed = true;
          lastNanos.set(System.nanoTime());
          kill.run();
        }
      }
      client.drain();
      acknowledgedCount = ledger.count();
      unknownCount = client.errorCount();
    }
  }

  /// Reads every key through the node at `port` and judges it by the ledger.
  ///
  /// @param progress is told how many are read
  Verdict judge(int port, LongConsumer progress) throws IOException {
    Wave.Values before = index -> wordNet.value(index, version - 1);
    return wave.judge(port, wordNet.count(), before, (index, value) -> {}, progress);
  }

  int acknowledgedCount() {
    return acknowledgedCount;
  }

  /// Writes that were answered by an error: their outcome is unknown.
  long unknownCount() {
    return unknownCount;
  }

  /// The longest time without an acknowledgement since the node was killed.
  long longestMillis() {
    return longestNanos.get() / 1_000_000;
  }

  private void mark() {
    long now = System.nanoTime();
    long before = lastNanos.get();
    if (before != 0) {
      lastNanos.set(now);
      longestNanos.accumulateAndGet(now - before, Math::max);
    }
  }
}
