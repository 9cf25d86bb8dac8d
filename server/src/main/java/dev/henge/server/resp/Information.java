package dev.henge.server.resp;

import dev.henge.consensus.metadata.Address;
import dev.henge.data.DatabaseIds;
import dev.henge.data.KeyspaceSize;
import dev.henge.server.store.Group;
import dev.henge.server.store.Keyspace;
import dev.henge.storage.EngineStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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
    var text = new StringBuilder();
    for (String section : USUAL) {
      if (wanted.contains(section)) {
        if (!text.isEmpty()) {
          text.append("\r\n");
        }
        text.append("# ").append(title(section)).append("\r\n");
        lines(session, section)
            .forEach((name, value) -> text.append(name).append(':').append(value).append("\r\n"));
      }
    }
    out.verbatim(text.toString());
  }

  private static String title(String section) {
    return section.equals("cpu")
        ? "CPU"
        : section.substring(0, 1).toUpperCase(Locale.ROOT) + section.substring(1);
  }

  /// Where the keyspace is not evaluated by this node alone.
  private static final EngineStatistics NONE =
      new EngineStatistics(
          0, 0, 0, List.of(), List.of(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false);

  private static Map<String, Object> lines(RespSession session, String section) {
    RespServer server = session.server();
    Group group = session.executor().keyspace().group();
    EngineStatistics engine = group == null ? NONE : group.engine().statistics();
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
      case "keyspace" -> databases(server, lines);
      case "cluster" -> lines.put("cluster_enabled", session.cluster() == null ? 0 : 1);
      case "henge" -> {
        lines.put("henge_version", RespServer.version());
        lines.put("henge_entries_estimate", engine.entryCountEstimate());
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

  /// Databases with keys in them, as Redis lists them, of those that this node evaluates alone.
  /// Large ones are estimated ([KeyspaceSize]).
  private static void databases(RespServer server, Map<String, Object> lines) {
    for (int number = 0; number < DatabaseIds.COUNT; number++) {
      Keyspace database = server.keyspaces().database(number);
      Group group = database.group();
      if (group == null || group.isRetired()) {
        continue;
      }
      KeyspaceSize size = group.size(database, WALKED_MAX);
      if (size.keys() > 0) {
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
  }

  private static void server(RespServer server, RespSession session, Map<String, Object> lines) {
    long upSeconds = (server.clock().wallMillis() - server.startedMillis()) / 1000;
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
