package dev.henge.benchmark.eventual;

import dev.henge.benchmark.cluster.HengeCluster;
import dev.henge.benchmark.cluster.Load;
import dev.henge.benchmark.cluster.Loops;
import dev.henge.benchmark.cluster.Recorder;
import dev.henge.benchmark.cluster.Sample;
import dev.henge.benchmark.report.Figures;
import dev.henge.benchmark.report.Promises;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// SIGKILL of one node under load, seen by clients that are connected to the two others.
///
/// - Threads: one.
final class NodeDeath {
  private static final int VICTIM = HengeCluster.NODES - 1;
  private static final double SLICE_SECONDS = 1.0 / Recorder.SLICES;
  private static final double BACK_SECONDS = 5;
  private static final double BACK_SHARE = 0.6;

  private final EventualPeer peer;
  private final double seconds;

  /// @param seconds how long the load goes on before the death, and after it; at least 7
  NodeDeath(EventualPeer peer, double seconds) {
    this.peer = peer;
    this.seconds = seconds;
  }

  /// Measures it. The node stays dead.
  void measure(Load load, Promises promises) throws IOException {
    long start = System.nanoTime();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Load longer = load.lasting(2 * seconds);
      Future<Recorder> run =
          thread.submit(() -> Loops.record(longer, peer.loop(HengeCluster.NODES - 1), start));
      try {
        run.get((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
        throw new IOException("the load ended too early");
      } catch (TimeoutException due) {
        double killed = (System.nanoTime() - start) / 1e9;
        peer.cluster().kill(VICTIM);
        tell(run.get(), killed, promises);
      }
    } catch (ExecutionException e) {
      throw new IOException("the load failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private void tell(Recorder recorder, double killed, Promises promises) {
    double end = 2 * seconds;
    double before = recorder.rate(killed - BACK_SECONDS, killed);
    double back = killed + SLICE_SECONDS; // behind the slice in which it died
    while (back < end - 1 && recorder.rate(back, back + 1) < BACK_SHARE * before) {
      back += SLICE_SECONDS;
    }
    double later = recorder.rate(killed + BACK_SECONDS, end);
    Sample all = recorder.sample(end);
    promises.tell("requests a second before a node is killed", Figures.count(before));
    promises.promise(
        "failed requests on connections to the other nodes"
            + (all.errorCount() == 0 ? "" : " (" + all.firstError() + ")"),
        Figures.count(all.errorCount()),
        "0",
        all.errorCount() == 0);
    promises.promise(
        "seconds until one second has 60 % of that",
        Figures.decimal(back - killed, 1), "<= 5.0", back - killed <= BACK_SECONDS);
    promises.promise(
        "requests a second from five seconds on, by those before",
        Figures.count(later) + ", " + Figures.ratio(later, before),
        ">= 0.60x",
        later >= BACK_SHARE * before);
    promises.tell("p99 over all of it", Figures.decimal(all.millisP99(), 2) + " ms");
  }
}
