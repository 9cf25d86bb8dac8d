package dev.henge.server.config;

import dev.henge.consensus.metadata.Durability;
import dev.henge.storage.lsm.table.Compression;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Every setting of a node.
public final class Settings {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  public static final Setting<String> DATA =
      new Setting<>(
          "data",
          Kind.words("a directory"),
          "henge-data",
          "Directory that holds the node's data; made when missing.",
          false);

  public static final Setting<String> HOST =
      new Setting<>(
          "host",
          Kind.words("a name or address of this machine"),
          "127.0.0.1",
          "Address to listen at; one that others can reach needs `insecure`.",
          false);

  public static final Setting<Integer> PORT =
      new Setting<>(
          "port",
          Kind.number(0, 65532),
          7400,
          "Port for the Redis protocol; behind it come HTTP, other nodes, and the Redis Cluster"
              + " protocol. 0 takes any free ports.",
          false);

  public static final Setting<String> JOIN =
      new Setting<>(
          "join",
          Kind.words("HOST:PORT; empty for none"),
          "",
          "Redis port of any member of the cluster that a new node is to join; without it, a node"
              + " with an empty directory founds a cluster of its own.",
          false);

  public static final Setting<String> CLUSTER_KEYSPACE =
      new Setting<>(
          "cluster-keyspace",
          Kind.words("a keyspace's name"),
          "default",
          "Keyspace of clients that speak the Redis Cluster protocol, on the third port behind the"
              + " Redis port.",
          false);

  public static final Setting<String> DATA_CENTRE =
      new Setting<>(
          "dc",
          Kind.words("any name"),
          "dc1",
          "Data centre of the node: replicas of a group are put into different ones where there"
              + " are.",
          false);

  public static final Setting<String> RACK =
      new Setting<>(
          "rack",
          Kind.words("any name"),
          "r1",
          "Rack of the node, within its data centre, for the same purpose.",
          false);

  public static final Setting<Integer> CAPACITY =
      new Setting<>(
          "capacity",
          Kind.number(1, 1000),
          1,
          "The node's share of groups and leaders, relative to others'.",
          false);

  public static final Setting<String> PASSWORD =
      new Setting<>(
          "password",
          Kind.words("any text; empty for none"),
          "",
          "Password that clients must give before anything else.",
          true);

  public static final Setting<Boolean> INSECURE =
      new Setting<>(
          "insecure",
          Kind.flag(),
          false,
          "Allows a `host` that others can reach although the traffic is not encrypted.",
          false);

  public static final Setting<Durability> DURABILITY =
      new Setting<>(
          "durability",
          Kind.choice(Durability.class),
          Durability.FSYNC,
          "What a write to databases 0-15 has survived when it is acknowledged: fsync a power loss,"
              + " interval and os the death of the process.",
          false);

  public static final Setting<Duration> SYNC_INTERVAL =
      new Setting<>(
          "sync-interval",
          Kind.duration(Duration.ofMillis(10), Duration.ofHours(1)),
          Duration.ofSeconds(1),
          "How often logs are synced where durability is interval.",
          false);

  public static final Setting<Compression> COMPRESSION =
      new Setting<>(
          "compression",
          Kind.choice(Compression.class),
          Compression.LZ4,
          "Compression of the tables of databases 0-15.",
          false);

  public static final Setting<Long> CACHE =
      new Setting<>(
          "cache",
          Kind.bytes(MIB, 1024 * GIB),
          256 * MIB,
          "Block cache of the node, shared by all keyspaces; it lies on the Java heap.",
          false);

  public static final Setting<Long> MEMTABLE =
      new Setting<>(
          "memtable",
          Kind.bytes(MIB, GIB),
          64 * MIB,
          "Size at which a memtable of databases 0-15 is written to a table.",
          false);

  public static final Setting<Long> KEYSPACE_MEMTABLE =
      new Setting<>(
          "keyspace-memtable",
          Kind.bytes(MIB, GIB),
          16 * MIB,
          "Size at which a memtable of a named keyspace is written to a table.",
          false);

  public static final Setting<Long> MEMTABLE_TOTAL =
      new Setting<>(
          "memtable-total",
          Kind.bytes(8 * MIB, 1024 * GIB),
          256 * MIB,
          "What memtables of all keyspaces may take together; the largest are written early.",
          false);

  public static final Setting<Integer> KEYSPACES =
      new Setting<>(
          "keyspaces",
          Kind.number(0, 4096),
          64,
          "How many named keyspaces there may be; each has an engine of its own.",
          false);

  public static final Setting<Long> KEY_LIMIT =
      new Setting<>(
          "key-limit", Kind.bytes(1, 64 * KIB), 64 * KIB, "Longest key in databases 0-15.", false);

  public static final Setting<Long> VALUE_LIMIT =
      new Setting<>(
          "value-limit",
          Kind.bytes(1, 512 * MIB),
          16 * MIB,
          "Longest value in databases 0-15.",
          false);

  public static final Setting<Integer> EVENT_THREADS =
      new Setting<>(
          "event-threads",
          Kind.number(0, 256),
          0,
          "Threads that serve Redis connections; 0 is one less than processors, 1 to 8.",
          false);

  public static final Setting<Integer> HTTP_THREADS =
      new Setting<>(
          "http-threads", Kind.number(1, 256), 1, "Threads that serve HTTP connections.", false);

  public static final Setting<Integer> WORKER_THREADS =
      new Setting<>(
          "worker-threads",
          Kind.number(1, 1024),
          8,
          "Threads for what needs the disk, so that it holds up no other connection.",
          false);

  public static final Setting<Integer> CONNECTIONS =
      new Setting<>(
          "connections",
          Kind.number(1, 1_000_000),
          20_000,
          "Redis connections, and HTTP connections, at one time; more are refused.",
          false);

  public static final Setting<Duration> IDLE_TIMEOUT =
      new Setting<>(
          "idle-timeout",
          Kind.duration(Duration.ZERO, Duration.ofHours(24 * 30)),
          Duration.ZERO,
          "Time after which a silent Redis connection is closed; 0 is never.",
          false);

  public static final Setting<Duration> REQUEST_TIMEOUT =
      new Setting<>(
          "request-timeout",
          Kind.duration(Duration.ofMillis(10), Duration.ofMinutes(10)),
          Duration.ofSeconds(10),
          "Time after which a request to a replicated keyspace is answered one way or the other:"
              + " UNAVAILABLE where nothing was done, UNKNOWN where that is not known.",
          false);

  /// In the order of the documentation.
  public static final List<Setting<?>> ALL =
      List.of(
          DATA,
          HOST,
          PORT,
          JOIN,
          CLUSTER_KEYSPACE,
          DATA_CENTRE,
          RACK,
          CAPACITY,
          PASSWORD,
          INSECURE,
          DURABILITY,
          SYNC_INTERVAL,
          COMPRESSION,
          CACHE,
          MEMTABLE,
          KEYSPACE_MEMTABLE,
          MEMTABLE_TOTAL,
          KEYSPACES,
          KEY_LIMIT,
          VALUE_LIMIT,
          EVENT_THREADS,
          HTTP_THREADS,
          WORKER_THREADS,
          CONNECTIONS,
          IDLE_TIMEOUT,
          REQUEST_TIMEOUT);

  private Settings() {}

  public static Optional<Setting<?>> find(String name) {
    return ALL.stream().filter(setting -> setting.name().equals(name)).findFirst();
  }

  /// The setting whose name is the fewest edits away from `name`.
  static Setting<?> nearest(String name) {
    Setting<?> best = ALL.getFirst();
    int fewest = Integer.MAX_VALUE;
    for (Setting<?> setting : ALL) {
      int edits = edits(name, setting.name());
      if (edits < fewest) {
        fewest = edits;
        best = setting;
      }
    }
    return best;
  }

  /// Levenshtein distance, one row at a time.
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int i = 0; i <= to.length(); i++) {
      row[i] = i;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
