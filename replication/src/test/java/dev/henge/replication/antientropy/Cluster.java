package dev.henge.replication.antientropy;

import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.replica.Change;
import dev.henge.replication.replica.Dots;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Members 1 to n, all owners of every slot of one keyspace, on one thread.
final class Cluster implements Placement, AutoCloseable {
  static final int KEYSPACE = 1024;

  /// How an exchange ended.
  record End(ExchangeReport report, @Nullable String failure) {}

  final SimulatedClock clock = new SimulatedClock();
  final SimulatedThreads threads = new SimulatedThreads(clock);
  final SimulatedThreads.Pool pool = threads.pool("blocking", 1, 10_000);
  final Map<Long, KeyspaceReplica> replicas = new TreeMap<>();
  final List<Long> unreachable = new ArrayList<>();
  long bytesAsked;
  long bytesAnswered;
  private final long[] members;

  Cluster(int count, boolean latestWins) throws IOException {
    members = LongStream.rangeClosed(1, count).toArray();
    for (long member : members) {
      LsmEngine engine =
          threads.promptly(() ->
              LsmEngine.open(
                  Path.of("/member"),
                  LsmOptions.defaults().withMemtableBytes(4 << 20),
                  new SimulatedDisk(),
                  clock,
                  threads));
      replicas.put(
          member,
          new KeyspaceReplica(
              engine,
              new KeyspaceReplica.Options(KEYSPACE, latestWins, LogMode.UNSYNCED),
              new Dots(member, 1),
              new HybridClock(clock, 60_000),
              clock));
    }
  }

  Versions put(long member, String key, int valueBytes) throws IOException {
    write(member, key, new Change.Put(null, 0, 0, new byte[valueBytes]));
    return read(member, key);
  }

  void delete(long member, String key) throws IOException {
    write(member, key, new Change.Delete(read(member, key).seen()));
  }

  void merge(long member, String key, Versions versions) throws IOException {
    threads.promptly(() -> replica(member).merge(bytes(key), versions, Access.DISK));
    acknowledge(member);
  }

  Versions read(long member, String key) {
    return replica(member).read(bytes(key), Access.DISK);
  }

  KeyspaceReplica replica(long member) {
    return Objects.requireNonNull(replicas.get(member));
  }

  /// Runs an exchange to its end.
  End exchange(long from, long to) {
    var ends = new ArrayList<End>();
    new Exchange(
            new Exchange.Parts(this::ask, clock, threads, pool),
            new Exchange.Options(1 << 20, 5_000),
            replica(from),
            to,
            IntStream.range(0, 16384).toArray(),
            (report, failure) -> ends.add(new End(report, failure)))
        .begin();
    for (int i = 0; i < 100_000 && ends.isEmpty(); i++) {
      threads.runAll();
      threads.advance(Duration.ofMillis(10));
    }
    return ends.getFirst();
  }

  void ask(long member, byte[] request, long timeoutMillis, TreePeers.Listener listener) {
    bytesAsked += request.length;
    KeyspaceReplica replica = replicas.get(member);
    if (replica == null || unreachable.contains(member)) {
      listener.failed("nobody there");
      return;
    }
    new TreeService(member, this, keyspace -> keyspace == KEYSPACE ? replica : null)
        .answer(
            request,
            new TreePeers.Listener() {
              @Override
              public void answered(byte[] answer) {
                bytesAnswered += answer.length;
                listener.answered(answer);
              }

              @Override
              public void failed(String why) {
                listener.failed(why);
              }
            });
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void write(long member, String key, Change change) throws IOException {
    threads.promptly(() -> replica(member).write(bytes(key), change, Access.DISK));
    acknowledge(member);
  }

  /// What is written is seen once somebody waits for it.
  private void acknowledge(long member) throws IOException {
    Engine engine = replica(member).engine();
    threads.promptly(() -> engine.await(engine.lastSequence()));
  }

  @Override
  public void close() throws IOException {
    for (KeyspaceReplica replica : replicas.values()) {
      threads.promptly(() -> replica.engine().close());
    }
  }

  @Override
  public long[] owners(int keyspaceId, int slot) {
    return members;
  }

  @Override
  public long[] joining(int keyspaceId, int slot) {
    return new long[0];
  }

  @Override
  public long[] members() {
    return members;
  }

  @Override
  public long[] everybody() {
    return members;
  }

  @Override
  public long change(int keyspaceId) {
    return 1;
  }

  @Override
  public String dataCentre(long member) {
    return "";
  }
}
