package dev.henge.benchmark.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.henge.benchmark.cluster.Loops;
import dev.henge.benchmark.cluster.Operation;
import dev.henge.benchmark.cluster.Pairs;
import dev.henge.benchmark.cluster.Request;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Closed loops over one session of the driver: as many virtual threads as requests are under way.
///
/// - Threads: any.
final class CassandraLoop implements Loops.Loop {
  private final CqlSession session;
  private final PreparedStatement read;
  private final PreparedStatement write;
  private final Pairs pairs;

  CassandraLoop(CqlSession session, String table, Pairs pairs) {
    this.session = session;
    this.read = session.prepare("SELECT v FROM " + table + " WHERE k = ?");
    this.write = session.prepare("INSERT INTO " + table + " (k, v) VALUES (?, ?)");
    this.pairs = pairs;
  }

  @Override
  public void run(Loops.Part part) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < part.window(); i++) {
        threads.execute(() -> ask(part));
      }
    }
  }

  private void ask(Loops.Part part) {
    long sent = System.nanoTime();
    while (sent < part.endNanos()) {
      Optional<Request> request = next(part.requests());
      if (request.isEmpty()) {
        return;
      }
      try {
        part.recorder().answered(sent, !complete(request.get(), sent));
      } catch (DriverException e) {
        part.recorder().failed(String.valueOf(e));
      }
      sent = System.nanoTime();
    }
  }

  private static Optional<Request> next(Iterator<Request> requests) {
    synchronized (requests) {
      return requests.hasNext() ? Optional.of(requests.next()) : Optional.empty();
    }
  }

  /// Whether it found what it read.
  private boolean complete(Request request, long number) {
    ByteBuffer key = ByteBuffer.wrap(Pairs.key(request.key()));
    boolean found = true;
    if (request.operation() != Operation.WRITE) {
      found = session.execute(read.bind(key.duplicate())).one() != null;
    }
    if (request.operation() != Operation.READ) {
      session.execute(write.bind(key, ByteBuffer.wrap(pairs.value(number))));
    }
    return found;
  }
}
