package dev.henge.benchmark.strong;

import dev.henge.benchmark.cluster.Loops;
import dev.henge.benchmark.cluster.Operation;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Request;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/// A closed loop over one etcd client: each answer sends the next request, a read or a write.
///
/// - Threads: one waits in [#run]; answers of one connection come on one thread of gRPC.
final class EtcdLoop {
  private final EtcdClient client;
  private final Pairs pairs;
  private final Loops.Part part;
  private final CountDownLatch finished;

  EtcdLoop(EtcdClient client, Pairs pairs, Loops.Part part) {
    this.client = client;
    this.pairs = pairs;
    this.part = part;
    this.finished = new CountDownLatch(part.window());
  }

  /// Runs to the end.
  void run() throws IOException {
    for (int i = 0; i < part.window(); i++) {
      next();
    }
    try {
      finished.await();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private void next() {
    long now = System.nanoTime();
    Request request;
    synchronized (this) {
      if (now >= part.endNanos() || !part.requests().hasNext()) {
        finished.countDown();
        return;
      }
      request = part.requests().next();
    }
    byte[] key = Pairs.key(request.key());
    var answer = new Answer(now);
    if (request.operation() == Operation.WRITE) {
      client.put(key, pairs.value(now), answer);
    } else {
      client.get(key, answer);
    }
  }

  private final class Answer implements StreamObserver<byte[]> {
    private final long sentNanos;

    Answer(long sentNanos) {
      this.sentNanos = sentNanos;
    }

    @Override
    public void onNext(byte[] answer) {
      part.recorder().answered(sentNanos, false);
    }

    @Override
    public void onError(Throwable error) {
      part.recorder().failed(String.valueOf(error.getMessage()));
      next();
    }

    @Override
    public void onCompleted() {
      next();
    }
  }
}
