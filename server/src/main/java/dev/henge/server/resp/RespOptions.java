package dev.henge.server.resp;

import java.time.Duration;

/// How a [RespServer] begins; clients may change some of it by CONFIG SET.
///
/// @param password of the user `default`; empty for none
/// @param connectionCountMax connections at one time
/// @param idleTimeout after which a silent connection is closed; zero for never
/// @param requestTimeout after which a request to a replicated keyspace is answered one way or the
///   other
/// @param workerCount threads for what must not run on event threads
/// @param workerQueueCount sessions that may wait for one of them; more are answered `OVERLOADED`
/// @param outputHighWaterBytes a session with more unsent replies decodes no further request
/// @param outputBytesMax a session with more unsent replies is closed
/// @param requestBytesMax longest request, all arguments together
/// @param inputBytesMax bytes of unfinished requests over all connections; one that would need more
///   is refused
public record RespOptions(
    String password,
    int connectionCountMax,
    Duration idleTimeout,
    Duration requestTimeout,
    int workerCount,
    int workerQueueCount,
    int outputHighWaterBytes,
    int outputBytesMax,
    long requestBytesMax,
    long inputBytesMax) {
  /// A request of the longest kind must fit, and a quarter of the heap can be had for them all.
  public static RespOptions defaults() {
    long requestBytesMax = 128 << 20;
    return new RespOptions(
        "",
        20_000,
        Duration.ZERO,
        Duration.ofSeconds(10),
        8,
        1024,
        1 << 20,
        256 << 20,
        requestBytesMax,
        Math.max(requestBytesMax, Runtime.getRuntime().maxMemory() / 4));
  }

  public RespOptions withPassword(String text) {
    return new RespOptions(
        text,
        connectionCountMax,
        idleTimeout,
        requestTimeout,
        workerCount,
        workerQueueCount,
        outputHighWaterBytes,
        outputBytesMax,
        requestBytesMax,
        inputBytesMax);
  }

  public RespOptions withConnectionCountMax(int count) {
    return new RespOptions(
        password,
        count,
        idleTimeout,
        requestTimeout,
        workerCount,
        workerQueueCount,
        outputHighWaterBytes,
        outputBytesMax,
        requestBytesMax,
        inputBytesMax);
  }

  public RespOptions withIdleTimeout(Duration timeout) {
    return new RespOptions(
        password,
        connectionCountMax,
        timeout,
        requestTimeout,
        workerCount,
        workerQueueCount,
        outputHighWaterBytes,
        outputBytesMax,
        requestBytesMax,
        inputBytesMax);
  }

  public RespOptions withRequestTimeout(Duration timeout) {
    return new RespOptions(
        password,
        connectionCountMax,
        idleTimeout,
        timeout,
        workerCount,
        workerQueueCount,
        outputHighWaterBytes,
        outputBytesMax,
        requestBytesMax,
        inputBytesMax);
  }

  public RespOptions withWorkers(int count, int queueCount) {
    return new RespOptions(
        password,
        connectionCountMax,
        idleTimeout,
        requestTimeout,
        count,
        queueCount,
        outputHighWaterBytes,
        outputBytesMax,
        requestBytesMax,
        inputBytesMax);
  }

  public RespOptions withOutput(int highWaterBytes, int bytesMax) {
    return new RespOptions(
        password,
        connectionCountMax,
        idleTimeout,
        requestTimeout,
        workerCount,
        workerQueueCount,
        highWaterBytes,
        bytesMax,
        requestBytesMax,
        inputBytesMax);
  }

  public RespOptions withInput(long requestBytes, long inputBytes) {
    return new RespOptions(
        password,
        connectionCountMax,
        idleTimeout,
        requestTimeout,
        workerCount,
        workerQueueCount,
        outputHighWaterBytes,
        outputBytesMax,
        requestBytes,
        inputBytes);
  }
}
