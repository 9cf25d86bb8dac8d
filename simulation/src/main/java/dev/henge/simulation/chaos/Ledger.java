package dev.henge.simulation.chaos;

import dev.henge.simulation.check.Call;
import dev.henge.simulation.check.Linearizability;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What clients did and saw, and what is wrong with it.
///
/// - Threads: any; one lock, held for a few instructions but in [#judge] and [#write].
/// - Bound: the calls of one round; [#forget] begins the next.
final class Ledger {
  private static final int VIOLATIONS_MAX = 100;

  private final Map<String, List<Call>> calls = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private long answeredCount;
  private long unknownCount;
  private long refusedCount;
  private long repeatedCount;
  private long errorCount;
  private String lastError = "";
  private long lastAnswerNanos;
  private long longestGapNanos;

  /// @param start of the first round, by the clock of the calls
  Ledger(long start) {
    lastAnswerNanos = start;
  }

  /// One operation was answered.
  synchronized void answered(long nowNanos) {
    answeredCount++;
    gap(nowNanos);
  }

  /// The fate of one operation will never be known to its client.
  synchronized void unknown() {
    unknownCount++;
  }

  /// One operation was given up, and surely not done.
  synchronized void refused() {
    refusedCount++;
  }

  /// A client was given an error, or no answer; it may have tried again with success.
  synchronized void error(String text) {
    errorCount++;
    lastError = text;
  }

  synchronized long errorCount() {
    return errorCount;
  }

  synchronized String lastError() {
    return lastError;
  }

  /// One write was sent again under its request id.
  synchronized void repeated() {
    repeatedCount++;
  }

  synchronized void add(String key, Call call) {
    calls.computeIfAbsent(key, any -> new ArrayList<>()).add(call);
  }

  /// Something is wrong; of very many the first are kept.
  synchronized void violation(String text) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(text);
    }
  }

  synchronized long answeredCount() {
    return answeredCount;
  }

  synchronized long unknownCount() {
    return unknownCount;
  }

  synchronized long refusedCount() {
    return refusedCount;
  }

  synchronized long repeatedCount() {
    return repeatedCount;
  }

  /// The longest time in which no operation of any client was answered.
  synchronized double longestGapSeconds() {
    return longestGapNanos / 1e9;
  }

  synchronized List<String> keys() {
    return List.copyOf(calls.keySet());
  }

  /// The clients begin, or go on after a pause of their own: that is no gap.
  synchronized void resume(long nowNanos) {
    lastAnswerNanos = nowNanos;
  }

  /// Adds what no order of the calls explains to what was noted as wrong.
  ///
  /// @return all of it
  synchronized List<String> judge() {
    calls.forEach((key, list) ->
        Linearizability.violation(list)
            .ifPresent(text -> violation("key " + key + " is not linearizable: " + text)));
    return List.copyOf(violations);
  }

  /// Forgets the calls, not the counts.
  synchronized void forget() {
    calls.clear();
  }

  /// Writes all calls, by key and time.
  synchronized void write(Path file) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (Map.Entry<String, List<Call>> entry : calls.entrySet()) {
        out.write(entry.getKey() + "\n");
        List<Call> sorted = new ArrayList<>(entry.getValue());
        sorted.sort(Comparator.comparingLong(Call::startNanos));
        for (Call call : sorted) {
          out.write("  " + call + "\n");
        }
      }
    }
  }

  private void gap(long nowNanos) {
    longestGapNanos = Math.max(longestGapNanos, nowNanos - lastAnswerNanos);
    lastAnswerNanos = Math.max(lastAnswerNanos, nowNanos);
  }
}
