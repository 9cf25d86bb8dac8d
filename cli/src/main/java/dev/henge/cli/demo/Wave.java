package dev.henge.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Writes of the next version of every value of WordNet (some are deletions), in an order drawn
/// from a seed, and how they are judged afterwards: by what was sent and by the [Ledger] only.
///
/// - Threads: one; acknowledgements come on the client's.
final class Wave {
  /// What keys hold.
  interface Values {
    byte @Nullable [] value(int index);
  }

  /// Takes what a key holds.
  interface Found {
    void value(int index, byte @Nullable [] value);
  }

  private final WordNet wordNet;
  private final int version;
  private final Path ledgerFile;
  private final List<Integer> order;

  /// @param version of the values that the wave writes
  /// @param ledgerFile is made by [#ledger]
  Wave(WordNet wordNet, int version, Path ledgerFile, long seed) {
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

  Ledger ledger() throws IOException {
    return Ledger.create(ledgerFile);
  }

  /// Numbers of the keys, in the order in which they are to be written.
  List<Integer> order() {
    return order;
  }

  /// Hands the write of key `index` to `client`.
  ///
  /// @param acknowledged runs after the ledger has taken the acknowledgement
  void write(PipelinedClient client, Ledger ledger, int index, Runnable acknowledged) {
    byte[] key = wordNet.key(index);
    client.write(
        key,
        wordNet.value(index, version),
        () -> {
          ledger.acknowledged(index, key);
          acknowledged.run();
        });
  }

  /// Reads every key from the server at `port` and judges it by the ledger.
  ///
  /// @param sentCount how many writes were handed to a client, from the beginning of the order
  /// @param before what each key held before the wave, by its number
  /// @param found is given what each key holds now
  /// @param progress is told how many are read
  Verdict judge(int port, int sentCount, Values before, Found found, LongConsumer progress)
      throws IOException {
    BitSet acknowledged = Ledger.read(ledgerFile, wordNet.keys());
    BitSet sent = new BitSet(wordNet.count());
    order.subList(0, sentCount).forEach(sent::set);
    Verdict verdict = new Verdict();
    try (PipelinedClient client = PipelinedClient.connect(port)) {
      for (int index = 0; index < wordNet.count(); index++) {
        int number = index;
        byte[] key = wordNet.key(index);
        client.read(
            key,
            value -> {
              found.value(number, value);
              byte @Nullable [] old = before.value(number);
              if (sent.get(number)) {
                byte @Nullable [] written = wordNet.value(number, version);
                verdict.judgeWritten(key, acknowledged.get(number), old, written, value);
              } else {
                verdict.judgeUntouched(key, old, value);
              }
            });
        progress.accept(index);
      }
      client.drain();
      client.failOnError();
    }
    return verdict;
  }
}
