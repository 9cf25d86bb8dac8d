package dev.henge.cli.demo;

import dev.henge.cli.terminal.UserError;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// One connection of the Lettuce library with many requests under way.
///
/// It never connects again: Lettuce would then repeat requests without an answer, and what was
/// acknowledged when could no longer be told.
///
/// - Bounds: at most 4096 requests wait for their answer; the next one waits for room.
/// - Threads: one sends; answers come on Lettuce's I/O thread.
final class PipelinedClient implements AutoCloseable {
  /// Requests that may wait for their answer.
  static final int WINDOW_COUNT = 4096;

  private static final int FLUSH_COUNT = 128;
  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  private final RedisClient client;
  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final RedisAsyncCommands<byte[], byte[]> commands;
  private final Semaphore room = new Semaphore(WINDOW_COUNT);
  private final AtomicReference<@Nullable Throwable> firstError = new AtomicReference<>();
  private final LongAdder errorCount = new LongAdder();
  private int unflushedCount;

  private PipelinedClient(RedisClient client, StatefulRedisConnection<byte[], byte[]> connection) {
    this.client = client;
    this.connection = connection;
    this.commands = connection.async();
    connection.setAutoFlushCommands(false);
  }

  /// Connects to a server on this machine.
  static PipelinedClient connect(int port) {
    RedisURI uri = RedisURI.Builder.redis("127.0.0.1", port).withTimeout(TIMEOUT).build();
    RedisClient client = RedisClient.create(uri);
    client.setOptions(ClientOptions.builder().autoReconnect(false).build());
    try {
      return new PipelinedClient(client, client.connect(ByteArrayCodec.INSTANCE));
    } catch (RedisException e) {
      client.shutdown(Duration.ZERO, TIMEOUT);
      throw UserError.failed("cannot connect to the server: " + e.getMessage());
    }
  }

  /// Told of the value of a read.
  interface ValueListener {
    void found(byte @Nullable [] value);
  }

  /// Sets `key` to `value`, or deletes it where that is null.
  ///
  /// @param acknowledged runs on Lettuce's thread once the server has acknowledged the write
  void write(byte[] key, byte @Nullable [] value, Runnable acknowledged) {
    awaitRoom();
    RedisFuture<?> answer = value == null ? commands.del(key) : commands.set(key, value);
    follow(answer, ignored -> acknowledged.run());
  }

  /// Reads `key`.
  ///
  /// @param listener is told on Lettuce's thread
  void read(byte[] key, ValueListener listener) {
    awaitRoom();
    follow(commands.get(key), listener::found);
  }

  /// Sends what is not sent yet and waits until every request has its answer, or has failed.
  void drain() {
    flush();
    acquire(WINDOW_COUNT);
    room.release(WINDOW_COUNT);
  }

  /// The first request that failed, null while none has.
  @Nullable Throwable firstError() {
    return firstError.get();
  }

  /// How many requests failed.
  long errorCount() {
    return errorCount.sum();
  }

  /// Ends the command where a request failed.
  void failOnError() {
    Throwable error = firstError();
    if (error != null) {
      throw UserError.failed("a request failed: " + error.getMessage());
    }
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, TIMEOUT);
  }

  private <T> void follow(RedisFuture<T> future, Answered<? super T> answered) {
    var unused =
        future.whenComplete((answer, error) -> {
          try {
            if (error == null) {
              answered.with(answer);
            } else {
              errorCount.increment();
              firstError.compareAndSet(null, error);
            }
          } catch (RuntimeException e) {
            firstError.compareAndSet(null, e);
          } finally {
            room.release();
          }
        });
    if (++unflushedCount == FLUSH_COUNT) {
      flush();
    }
  }

  private interface Answered<T> {
    void with(T answer);
  }

  private void flush() {
    connection.flushCommands();
    unflushedCount = 0;
  }

  private void awaitRoom() {
    if (!room.tryAcquire()) {
      flush();
      acquire(1);
    }
  }

  private void acquire(int permits) {
    try {
      if (!room.tryAcquire(permits, TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw UserError.failed("the server has not answered for " + TIMEOUT.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.failed("interrupted");
    }
  }
}
