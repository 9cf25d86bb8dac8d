package dev.henge.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// One wave of writes over WordNet's keys, through one node, while another is killed; and the proof
/// afterwards.
///
/// The wave writes the next version of every value (some are deletions) in an order drawn from a
/// seed. Expectations live in this process and in the [Ledger] only. A write that was answered by
/// an error, or not at all, may have happened or not.
///
/// - Threads: one; acknowledgements come on the client's.
final class FailoverWave {
  private final WordNet wordNet;
  private final int version;
  private final Path ledgerFile;
  private final List<Integer> order;
  private final AtomicLong lastNanos = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private int acknowledgedCount;
  private long unknownCount;

  /// @param version of the values that the wave writes
  /// @param ledgerFile is made
  FailoverWave(WordNet wordNet, int version, Path ledgerFile, long seed) {
    this.wordNet = wordNet;
    this.version = version;
    this.ledgerFile = ledgerFile;
    List<Integer> indexes = new ArrayList<>(wordNet.count());
    for (int index = 0; index < wordNet.count(); index++) {
      indexes.add(index);
    }
    Collections.shuffle(indexes, new Random(seed));
    this.order = indexes;
  }

  /// Writes everything through the node at `port`; when `killAfter` writes are acknowledged, calls
  /// `kill` once and goes on.
  ///
  /// @param progress is told how many are acknowledged
  void write(int port, int killAfter, Runnable kill, LongConsumer progress) throws IOException {
    boolean killed = false;
    try (Ledger ledger = Ledger.create(ledgerFile);
        PipelinedClient client = PipelinedClient.connect(port)) {
      for (int position : order) {
        byte[] key = wordNet.key(position);
        client.write(
            key,
            wordNet.value(position, version),
            () -> {
              ledger.acknowledged(position, key);
              mark();
            });
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
    BitSet acknowledged = Ledger.read(ledgerFile, wordNet.keys());
    Verdict verdict = new Verdict();
    try (PipelinedClient client = PipelinedClient.connect(port)) {
      for (int index = 0; index < wordNet.count(); index++) {
        int number = index;
        byte[] key = wordNet.key(index);
        byte @Nullable [] old = wordNet.value(index, version - 1);
        byte @Nullable [] written = wordNet.value(index, version);
        client.read(
            key, value -> verdict.judgeWritten(key, acknowledged.get(number), old, written, value));
        progress.accept(index);
      }
      client.drain();
      client.failOnError();
    }
    return verdict;
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
