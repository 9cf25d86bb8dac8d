package dev.henge.server.resp;

import dev.henge.base.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The slowest requests of late.
///
/// - Bound: `slowlog-max-len` entries, each with at most [#ARGUMENTS_MAX] arguments of at most
///   [#ARGUMENT_BYTES_MAX] bytes.
/// - Threads: any.
final class SlowLog {
  private static final int ARGUMENTS_MAX = 32;
  private static final int ARGUMENT_BYTES_MAX = 128;

  /// @param wallSeconds when it ended
  record Entry(
      long id,
      long wallSeconds,
      long micros,
      List<String> arguments,
      String address,
      String name) {}

  private final Clock clock;
  private volatile long thresholdMicros = 10_000;
  private volatile int countMax = 128;

  // guarded by this
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long nextId;

  SlowLog(Clock clock) {
    this.clock = clock;
  }

  void declare(Parameters parameters) {
    parameters.declare(
        "slowlog-log-slower-than",
        () -> Long.toString(thresholdMicros),
        text -> thresholdMicros = Parameters.whole(text, -1, Long.MAX_VALUE));
    parameters.declare(
        "slowlog-max-len",
        () -> Integer.toString(countMax),
        text -> countMax = (int) Parameters.whole(text, 0, 1_000_000));
  }

  /// Notes the request where it took too long since `begunNanos`.
  ///
  /// @return the time now, so that the next request need not ask
  long consider(Command command, Request request, long begunNanos, Client client) {
    long now = clock.monotonicNanos();
    long threshold = thresholdMicros;
    long micros = (now - begunNanos) / 1000;
    if (threshold >= 0 && micros >= threshold && !command.name().equals("exec")) {
      note(request, micros, client);
    }
    return now;
  }

  private synchronized void note(Request request, long micros, Client client) {
    var arguments = new ArrayList<String>();
    int shown = Math.min(request.count(), ARGUMENTS_MAX);
    for (int i = 0; i < shown; i++) {
      if (i == ARGUMENTS_MAX - 1 && request.count() > ARGUMENTS_MAX) {
        arguments.add("... (" + (request.count() - ARGUMENTS_MAX + 1) + " more arguments)");
      } else {
        arguments.add(shortened(request.bytes(i)));
      }
    }
    entries.addFirst(
        new Entry(
            nextId++,
            clock.wallMillis() / 1000,
            micros,
            arguments,
            client.remoteAddress(),
            client.name()));
    while (entries.size() > countMax) {
      entries.removeLast();
    }
  }

  private static String shortened(byte[] argument) {
    if (argument.length <= ARGUMENT_BYTES_MAX) {
      return new String(argument, StandardCharsets.UTF_8);
    }
    return new String(argument, 0, ARGUMENT_BYTES_MAX, StandardCharsets.UTF_8)
        + "... ("
        + (argument.length - ARGUMENT_BYTES_MAX)
        + " more bytes)";
  }

  /// Newest first.
  synchronized List<Entry> newest(int count) {
    return entries.stream().limit(count).toList();
  }

  synchronized int count() {
    return entries.size();
  }

  synchronized void clear() {
    entries.clear();
  }
}
