package dev.henge.benchmark.strong;

import dev.henge.base.system.FreePorts;
import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/// Three members of etcd with its own defaults (every write synced on a majority), asked over gRPC.
final class EtcdPeer implements Peer {
  private static final int MEMBERS = 3;
  private static final String HOST = "127.0.0.1";
  private static final int READY_SECONDS = 60;

  private final Processes processes = new Processes();
  private final int port;

  /// @param directory gets data and logs
  EtcdPeer(Path directory) throws IOException {
    // Members' client ports in a row, then their peer ports.
    port = FreePorts.first(2 * MEMBERS, 1, 1);
    List<String> cluster = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      cluster.add("m" + i + "=" + url(port + MEMBERS + i));
    }
    try {
      for (int i = 0; i < MEMBERS; i++) {
        processes.start(directory.resolve("m" + i + ".log"), member(directory, i, cluster));
      }
      processes.await("three etcd members", READY_SECONDS, () -> leader() >= 0);
    } catch (IOException e) {
      processes.close();
      throw e;
    }
  }

  /// Its version, as it says it.
  ///
  /// @throws IOException when it is not on the path
  static String version() throws IOException {
    Process process = new ProcessBuilder("etcd", "--version").start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.lines().findFirst().orElse("etcd of an unknown version");
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public String describe() throws IOException {
    return version() + ": three members with its own defaults, over gRPC";
  }

  @Override
  public Sample run(Load load) throws IOException {
    Histogram all = Sample.histogram();
    long errors = 0;
    int leader = leader();
    List<EtcdClient> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(load.connections())) {
      for (int i = 0; i < load.connections(); i++) {
        clients.add(new EtcdClient(HOST, port + leader));
      }
      long start = System.nanoTime();
      long end = start + (long) (load.seconds() * 1e9);
      List<Future<Long>> runs = new ArrayList<>();
      List<Histogram> parts = new ArrayList<>();
      for (int i = 0; i < clients.size(); i++) {
        Histogram part = Sample.histogram();
        parts.add(part);
        int window = load.window(i);
        var loop = new EtcdLoop(clients.get(i), load, window, start + i, end, part);
        runs.add(threads.submit(() -> loop.run(window)));
      }
      for (Future<Long> run : runs) {
        errors += run.get();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      parts.forEach(all::add);
      return Sample.of(all, seconds, errors);
    } catch (ExecutionException e) {
      throw new IOException("a connection failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } finally {
      for (EtcdClient client : clients) {
        client.close();
      }
    }
  }

  @Override
  public ProcessUse use() {
    return processes.use();
  }

  @Override
  public void close() throws IOException {
    processes.close();
  }

  private int leader() throws IOException {
    for (int i = 0; i < MEMBERS; i++) {
      try (var client = new EtcdClient(HOST, port + i)) {
        if (client.leads()) {
          return i;
        }
      }
    }
    throw new IOException("etcd has no leader");
  }

  private ProcessBuilder member(Path directory, int index, List<String> cluster) {
    String peer = url(port + MEMBERS + index);
    String client = url(port + index);
    return new ProcessBuilder(
        "etcd",
        "--name=m" + index,
        "--data-dir=" + directory.resolve("m" + index),
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=" + String.join(",", cluster),
        "--initial-cluster-state=new",
        "--log-level=error");
  }

  private static String url(int port) {
    return "http://" + HOST + ":" + port;
  }
}
