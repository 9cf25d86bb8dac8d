package dev.henge.cli.demo;

import dev.henge.cli.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// One wave of writes over WordNet's keys with a SIGKILL in the middle, and the proof afterwards.
///
/// The wave writes the next version of every value (some are deletions) in an order drawn from a
/// seed, until the server is gone. Expectations live in this process and in the [Ledger] only.
///
/// - Threads: one.
final class Crash {
  private final WordNet wordNet;
  private final int version;
  private final Path ledgerFile;
  private final List<Integer> order;

  private final byte[] @Nullable [] found;

  private int sentCount;
  private int acknowledgedCount;

  /// @param version of the values that the wave writes
  /// @param ledgerFile is made
  Crash(WordNet wordNet, int version, Path ledgerFile, long seed) {
    this.wordNet = wordNet;
    this.version = version;
    this.ledgerFile = ledgerFile;
    List<Integer> indexes = new ArrayList<>(wordNet.count());
    for (int index = 0; index < wordNet.count(); index++) {
      indexes.add(index);
    }
    Collections.shuffle(indexes, new Random(seed));
    this.order = indexes;
    this.found = new byte[wordNet.count()][];
  }

  /// Writes until `killAfter` writes are acknowledged, then kills the server with requests under
  /// way.
  ///
  /// @param progress is told how many are acknowledged
  void writeAndKill(ServerProcess server, int killAfter, LongConsumer progress) throws IOException {
    try (Ledger ledger = Ledger.create(ledgerFile);
        PipelinedClient client = PipelinedClient.connect(server.respPort())) {
      for (int position : order) {
        byte[] key = wordNet.key(position);
        client.write(
            key, wordNet.value(position, version), () -> ledger.acknowledged(position, key));
        sentCount++;
        progress.accept(ledger.count());
        if (ledger.count() >= killAfter || client.firstError() != null) {
          break;
        }
      }
      if (ledger.count() < killAfter) {
        // Something went wrong before: it is told, and the server is left as it is.
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
  Verdict judge(ServerProcess server, Values before, LongConsumer progress) throws IOException {
    BitSet acknowledged = Ledger.read(ledgerFile, wordNet.keys());
    BitSet sent = new BitSet(wordNet.count());
    order.subList(0, sentCount).forEach(sent::set);
    Verdict verdict = new Verdict();
    try (PipelinedClient client = PipelinedClient.connect(server.respPort())) {
      for (int index = 0; index < wordNet.count(); index++) {
        int number = index;
        byte[] key = wordNet.key(index);
        client.read(
            key,
            value -> {
              found[number] = value;
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

  /// What keys hold.
  interface Values {
    byte @Nullable [] value(int index);
  }
}
