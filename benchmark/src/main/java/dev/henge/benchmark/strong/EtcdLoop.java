package dev.henge.benchmark.strong;

import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/// A closed loop over one etcd client: each answer sends the next request.
///
/// - Threads: one waits in [#run]; answers of one connection come on one thread of gRPC.
final class EtcdLoop {
  private final EtcdClient client;
  private final Load load;
  private final long endNanos;
  private final Histogram latencies;
  private final CountDownLatch finished;
  private final byte[] value = new byte[Load.VALUE_BYTES];

  // guarded by this
  private final SplittableRandom random;
  private long errorCount;

  EtcdLoop(
      EtcdClient client, Load load, int window, long seed, long endNanos, Histogram latencies) {
    this.client = client;
    this.load = load;
    this.endNanos = endNanos;
    this.latencies = latencies;
    this.finished = new CountDownLatch(window);
    this.random = new SplittableRandom(seed);
    Load.value(seed, value, 0);
  }

  /// Runs to the end.
  ///
  /// @return how many answers were errors
  long run(int window) throws IOException {
    for (int i = 0; i < window; i++) {
      next();
    }
    try {
      finished.await();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
    synchronized (this) {
      return errorCount;
    }
  }

  private void next() {
    long now = System.nanoTime();
    if (now >= endNanos) {
      finished.countDown();
      return;
    }
    byte[] key = new byte[Load.KEY_BYTES];
    synchronized (this) {
      Load.key(random.nextLong(load.keys()), key, 0);
    }
    var answer = new Answer(now);
    if (load.kind() == Load.Kind.PUT) {
      client.put(key, value, answer);
    } else {
      client.get(key, answer);
    }
  }

  private synchronized void record(long nanos) {
    latencies.recordValue(nanos);
  }

  private synchronized void failed() {
    errorCount++;
  }

  private final class Answer implements StreamObserver<byte[]> {
    private final long sentNanos;

    Answer(long sentNanos) {
      this.sentNanos = sentNanos;
    }

    @Override
    public void onNext(byte[] answer) {
      record(System.nanoTime() - sentNanos);
    }

    @Override
    public void onError(Throwable error) {
      failed();
      next();
    }

    @Override
    public void onCompleted() {
      next();
    }
  }
}
