package dev.henge.server.resp;

import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.data.DatabaseIds;
import dev.henge.data.KeyspaceSize;
import dev.henge.data.Reply;
import dev.henge.server.cluster.Failures;
import dev.henge.server.cluster.Replica;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.store.Group;
import dev.henge.server.store.GroupMovedException;
import dev.henge.server.store.Keyspace;
import dev.henge.storage.EngineException;
import dev.henge.storage.EngineStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/// The text of INFO: sections of `name:value` lines, by the names that tools look for.
final class Information {
  /// Keys of each database that INFO looks at: about a millisecond.
  private static final int WALKED_MAX = 1000;

  private Information() {}

  /// Sections that a client gets without asking for them by name.
  private static final List<String> USUAL =
      List.of(
          "server",
          "clients",
          "memory",
          "persistence",
          "stats",
          "replication",
          "cpu",
          "modules",
          "errorstats",
          "cluster",
          "keyspace",
          "henge");

  static void write(RespSession session, Request request, ReplyWriter out) {
    Set<String> wanted = new LinkedHashSet<>();
    for (int i = 1; i < request.count(); i++) {
      String section = request.text(i).toLowerCase(Locale.ROOT);
      if (section.equals("all") || section.equals("default") || section.equals("everything")) {
        wanted.addAll(USUAL);
      } else {
        wanted.add(section);
      }
    }
    if (request.count() == 1) {
      wanted.addAll(USUAL);
    }
    Executor executor = session.executor();
    if (executor.keyspace().group() != null || !wanted.contains("keyspace")) {
      out.verbatim(text(session, wanted, databases(session.server(), true)));
      return;
    }
    if (executor.answersTransaction()) {
      // in the middle of an answer, on an event thread: nothing may read the disk
      out.verbatim(text(session, wanted, databases(session.server(), false)));
      return;
    }
    var found = new AtomicReference<Map<String, String>>(Map.of());
    LaterReplies.Later later =
        executor.answerLater((reply, writer) -> {
          if (reply instanceof Reply.Failure) {
            Replies.plain(reply, writer);
          } else {
            writer.verbatim(text(session, wanted, found.get()));
          }
        });
    boolean taken =
        session
            .server()
            .work(() -> {
              try {
                found.set(databases(session.server(), true));
              } finally {
                later.answer(Reply.OK);
              }
            });
    if (!taken) {
      later.answer(Failures.OVERLOADED);
    }
  }

  private static String text(
      RespSession session, Set<String> wanted, Map<String, String> databases) {
    var text = new StringBuilder();
    for (String section : USUAL) {
      if (wanted.contains(section)) {
        if (!text.isEmpty()) {
          text.append("\r\n");
        }
        text.append("# ").append(title(section)).append("\r\n");
        (section.equals("keyspace") ? databases : lines(session, section))
            .forEach((name, value) -> text.append(name).append(':').append(value).append("\r\n"));
      }
    }
    return text.toString();
  }

  private static String title(String section) {
    return section.equals("cpu")
        ? "CPU"
        : section.substring(0, 1).toUpperCase(Locale.ROOT) + section.substring(1);
  }

  /// Figures of the engines of this node that hold the connection's keyspace, together.
  private record Figures(
      long entries,
      long memtableBytes,
      long tableCount,
      long tableBytes,
      long logBytes,
      long cacheBytes,
      boolean diskFull) {
    static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0, false);

    Figures with(EngineStatistics engine) {
      return new Figures(
          entries + engine.entryCountEstimate(),
          memtableBytes + engine.memtableBytes(),
          tableCount + engine.tableCount(),
          tableBytes + engine.tableBytes(),
          logBytes + engine.logBytes(),
          Math.max(cacheBytes, engine.cacheBytes()), // engines share one
          diskFull || engine.diskFull());
    }
  }

  private static Figures figures(RespSession session) {
    Keyspace keyspace = session.executor().keyspace();
    Group alone = keyspace.group();
    StrongClient client = session.server().strongClient();
    if (alone != null && (client == null || !alone.isRetired())) {
      return Figures.NONE.with(alone.engine().statistics());
    }
    Figures figures = Figures.NONE;
    if (client != null) {
      int routeId = keyspace.database() >= 0 ? Metadata.NO_KEYSPACE : keyspace.id();
      for (GroupRecord group : client.groups().routes().groups(routeId)) {
        try {
          figures =
              switch (client.groups().replica(group.id())) {
                case Replica.Local local -> figures.with(local.group().engine().statistics());
                case Replica.Replicated replica -> figures.with(replica.reads().statistics());
                case null -> figures;
              };
        } catch (EngineException closing) {
          // the replica leaves this node
        }
      }
    }
    return figures;
  }

  private static Map<String, Object> lines(RespSession session, String section) {
    RespServer server = session.server();
    Figures engine = figures(session);
    Map<String, Object> lines = new LinkedHashMap<>();
    switch (section) {
      case "server" -> server(server, session, lines);
      case "clients" -> {
        lines.put("connected_clients", server.sessions().count());
        lines.put("cluster_connections", 0);
        lines.put("maxclients", server.parameters().connectionCountMax());
        lines.put("blocked_clients", 0);
      }
      case "memory" -> {
        Runtime runtime = Runtime.getRuntime();
        long used =
            runtime.totalMemory()
                - runtime.freeMemory()
                + engine.memtableBytes()
                + engine.cacheBytes();
        lines.put("used_memory", used);
        lines.put("used_memory_human", human(used));
        lines.put("total_system_memory", runtime.maxMemory());
        lines.put("maxmemory", 0);
        lines.put("maxmemory_human", "0B");
        lines.put("maxmemory_policy", "noeviction");
        lines.put("mem_fragmentation_ratio", "1.00");
      }
      case "persistence" -> {
        lines.put("loading", 0);
        lines.put("async_loading", 0);
        lines.put("rdb_changes_since_last_save", 0);
        lines.put("rdb_bgsave_in_progress", 0);
        lines.put("rdb_last_bgsave_status", "ok");
        lines.put("aof_enabled", 1);
        lines.put("aof_rewrite_in_progress", 0);
        lines.put("aof_last_write_status", engine.diskFull() ? "err" : "ok");
      }
      case "stats" -> {
        lines.put("total_connections_received", server.sessions().acceptedCount());
        lines.put("total_commands_processed", server.sessions().commandCount());
        lines.put("rejected_connections", server.sessions().rejectedCount());
        lines.put("expired_keys", 0);
        lines.put("evicted_keys", 0);
        lines.put("pubsub_channels", 0);
        lines.put("pubsub_patterns", 0);
      }
      case "replication" -> replication(session, lines);
      case "cluster" -> lines.put("cluster_enabled", session.cluster() == null ? 0 : 1);
      case "henge" -> {
        lines.put("henge_version", RespServer.version());
        lines.put("henge_entries_estimate", engine.entries());
        lines.put("henge_memtable_bytes", engine.memtableBytes());
        lines.put("henge_table_count", engine.tableCount());
        lines.put("henge_table_bytes", engine.tableBytes());
        lines.put("henge_log_bytes", engine.logBytes());
        lines.put("henge_cache_bytes", engine.cacheBytes());
        lines.put("henge_disk_full", engine.diskFull() ? 1 : 0);
        for (String line : server.information().get()) {
          int colon = line.indexOf(':');
          if (colon > 0) {
            lines.put(line.substring(0, colon), line.substring(colon + 1));
          }
        }
      }
      default -> {}
    }
    return lines;
  }

  private static void replication(RespSession session, Map<String, Object> lines) {
    Replication replication = Replication.of(session);
    long offset;
    switch (replication) {
      case Replication.Leader leader -> {
        offset = leader.offset();
        lines.put("role", "master");
        lines.put("connected_slaves", leader.replicas().size());
        for (int i = 0; i < leader.replicas().size(); i++) {
          Replication.Connected replica = leader.replicas().get(i);
          lines.put(
              "slave" + i,
              "ip="
                  + replica.address().host()
                  + ",port="
                  + Replication.port(replica.address(), session)
                  + ",state="
                  + (replica.online() ? "online" : "wait_bgsave")
                  + ",offset="
                  + replica.offset()
                  + ",lag="
                  + replica.lagSeconds());
        }
      }
      case Replication.Follower follower -> {
        offset = follower.offset();
        Address master = follower.leader();
        lines.put("role", "slave");
        lines.put("master_host", master == null ? "" : master.host());
        lines.put("master_port", master == null ? 0 : Replication.port(master, session));
        lines.put("master_link_status", follower.linkUp() ? "up" : "down");
        lines.put("master_last_io_seconds_ago", follower.linkUp() ? follower.silentSeconds() : -1);
        lines.put("master_sync_in_progress", 0);
        lines.put("slave_read_repl_offset", follower.readOffset());
        lines.put("slave_repl_offset", offset);
        lines.put("slave_priority", 100);
        lines.put("slave_read_only", 0);
        lines.put("replica_announced", 1);
        lines.put("connected_slaves", 0);
      }
    }
    lines.put("master_failover_state", "no-failover");
    lines.put("master_replid", replication.id());
    lines.put("master_replid2", Replication.NO_ID);
    lines.put("master_repl_offset", offset);
    lines.put("second_repl_offset", -1);
    lines.put("repl_backlog_active", 0);
    lines.put("repl_backlog_size", 0);
    lines.put("repl_backlog_first_byte_offset", 0);
    lines.put("repl_backlog_histlen", 0);
  }

  /// Databases with keys in them, as Redis lists them, of those that this node holds. Large ones
  /// are estimated ([KeyspaceSize]).
  ///
  /// @param replicas whether replicas are looked at, too
  private static Map<String, String> databases(RespServer server, boolean replicas) {
    StrongClient client = server.strongClient();
    Map<String, String> lines = new LinkedHashMap<>();
    for (int number = 0; number < DatabaseIds.COUNT; number++) {
      Keyspace database = server.keyspaces().database(number);
      Group group = database.group();
      KeyspaceSize size = null;
      try {
        if (group != null && !group.isRetired()) {
          size = group.size(database, WALKED_MAX);
        } else if (replicas
            && client != null
            && client.groups().replica(Metadata.DATABASES_GROUP)
                instanceof Replica.Replicated replica) {
          size = replica.reads().size(number, WALKED_MAX);
        }
      } catch (GroupMovedException | EngineException leaving) {
        // the next INFO finds it where it is then
      }
      if (size != null && size.keys() > 0) {
        lines.put(
            "db" + number,
            "keys="
                + size.keys()
                + ",expires="
                + size.expiring()
                + ",avg_ttl="
                + size.ttlMillisMean());
      }
    }
    return lines;
  }

  private static void server(RespServer server, RespSession session, Map<String, Object> lines) {
    long upSeconds = (server.clock().monotonicNanos() - server.startedNanos()) / 1_000_000_000;
    lines.put("redis_version", RespServer.REDIS_VERSION);
    lines.put("redis_git_sha1", "00000000");
    lines.put("redis_git_dirty", 0);
    lines.put("redis_mode", session.cluster() == null ? "standalone" : "cluster");
    lines.put("henge_version", RespServer.version());
    lines.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    lines.put("arch_bits", 64);
    lines.put("process_id", ProcessHandle.current().pid());
    lines.put("tcp_port", session.connection().localAddress().getPort());
    lines.put("uptime_in_seconds", upSeconds);
    lines.put("uptime_in_days", upSeconds / 86_400);
  }

  private static String human(long bytes) {
    double value = bytes;
    for (String unit : List.of("B", "K", "M", "G")) {
      if (value < 1024 || unit.equals("G")) {
        return String.format(Locale.ROOT, unit.equals("B") ? "%.0f%s" : "%.2f%s", value, unit);
      }
      value /= 1024;
    }
    return bytes + "B";
  }
}
