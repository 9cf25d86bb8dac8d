package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.base.Slots;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.Member;
import dev.henge.data.Operation;
import dev.henge.data.ScanPosition;
import dev.henge.server.cluster.Consistency;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The Redis Cluster protocol: who holds which slots, for clients that route by themselves.
final class ClusterCommands {
  private ClusterCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("cluster")
            .group("cluster")
            .arity(-2)
            .since("3.0.0")
            .summary("Commands about the cluster, on its own port.")
            .subcommand(
                sub(
                        "slots",
                        2,
                        "3.0.0",
                        "",
                        "Returns ranges of slots and the nodes that hold them.")
                    .handler("array", ClusterCommands::slots))
            .subcommand(
                sub("shards", 2, "7.0.0", "", "Returns the leaders with their slots and replicas.")
                    .handler("array", ClusterCommands::shards))
            .subcommand(
                sub("nodes", 2, "3.0.0", "", "Returns a line about each node.")
                    .handler("text", ClusterCommands::nodes))
            .subcommand(
                sub("info", 2, "3.0.0", "", "Describes the state of the cluster.")
                    .handler("text", ClusterCommands::info))
            .subcommand(
                sub("myid", 2, "3.0.0", "", "Returns the id of this node.")
                    .handler(
                        "bulk string",
                        (session, request, out) ->
                            out.bulk(ClusterView.id(cluster(session).self()))))
            .subcommand(
                sub("keyslot", 3, "3.0.0", "key", "Returns the slot of a key.")
                    .handler(
                        "integer",
                        (session, request, out) -> out.number(Slots.of(request.bytes(2)))))
            .subcommand(
                sub("countkeysinslot", 3, "3.0.0", "slot", "Counts the keys of a slot.")
                    .operation(
                        request -> new Operation.CountKeysInSlot(slot(request)), Replies.INTEGER))
            .subcommand(
                sub("getkeysinslot", 4, "3.0.0", "slot count", "Returns some keys of a slot.")
                    .operation(ClusterCommands::keysInSlot, Replies.KEYS_OF_SLOT))
            .subcommand(
                sub("help", 2, "5.0.0", "", "Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "CLUSTER",
                                "COUNTKEYSINSLOT <slot>",
                                "    Count the keys of a slot.",
                                "GETKEYSINSLOT <slot> <count>",
                                "    Return some keys of a slot.",
                                "INFO",
                                "    Describe the state of the cluster.",
                                "KEYSLOT <key>",
                                "    Return the slot of a key.",
                                "MYID",
                                "    Return the id of this node.",
                                "NODES",
                                "    Return a line about each node.",
                                "SHARDS",
                                "    Return the leaders with their slots and replicas.",
                                "SLOTS",
                                "    Return ranges of slots and the nodes that hold them."))),
        connection("readonly", "3.0.0", "Lets reads of this connection be answered by a replica.")
            .handler(
                "simple string `OK`",
                (session, request, out) -> {
                  session.executor().remote().consistency(Consistency.STALE);
                  out.ok();
                }),
        connection("readwrite", "3.0.0", "Reads of this connection see every acknowledged write.")
            .handler(
                "simple string `OK`",
                (session, request, out) -> {
                  session.executor().remote().consistency(Consistency.LINEARIZABLE);
                  out.ok();
                }),
        connection("asking", "3.0.0", "The next command is not sent to another node.")
            .handler(
                "simple string `OK`",
                (session, request, out) -> {
                  session.executor().remote().asking();
                  out.ok();
                }));
  }

  private static Command.Builder connection(String name, String since, String summary) {
    return Command.named(name)
        .group("cluster")
        .arity(1)
        .since(since)
        .flags(LOADING, STALE, FAST)
        .summary(summary);
  }

  private static Command.Builder sub(
      String name, int arity, String since, String syntax, String summary) {
    return Command.named(name)
        .arity(arity)
        .since(since)
        .syntax(syntax)
        .summary(summary)
        .flags(LOADING, STALE);
  }

  private static ClusterView cluster(RespSession session) throws CommandException {
    ClusterView cluster = session.cluster();
    if (cluster == null) {
      throw new CommandException(
          "ERR This instance has cluster support disabled; it is served on a port of its own");
    }
    return cluster;
  }

  private static int slot(Request request) throws CommandException {
    return request.integer(2, 0, Slots.COUNT - 1, "ERR Invalid or out of range slot");
  }

  private static Operation keysInSlot(Request request) throws CommandException {
    int slot = slot(request);
    int count = request.integer(3, 0, 100_000, "ERR Invalid number of keys");
    return new Operation.Scan(new ScanPosition(slot, null), null, NO_PREFIX, count, null);
  }

  private static final byte[] NO_PREFIX = {};

  private static void slots(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    ClusterView cluster = cluster(session);
    List<ClusterView.Range> ranges = led(session);
    out.array(ranges.size());
    for (ClusterView.Range range : ranges) {
      List<Member> nodes = new ArrayList<>(nodes(range));
      nodes.removeIf(node -> !node.equals(range.leader()) && cluster.isLost(node));
      out.array(2 + nodes.size());
      out.number(range.slotFrom());
      out.number(range.slotTo());
      for (Member node : nodes) {
        Address address = node.node().address();
        out.array(4);
        out.bulk(address.host());
        out.number(address.cluster());
        out.bulk(ClusterView.id(node));
        out.array(0);
      }
    }
  }

  private static void shards(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    ClusterView cluster = cluster(session);
    Map<Long, List<ClusterView.Range>> byLeader = new LinkedHashMap<>();
    for (ClusterView.Range range : led(session)) {
      Member leader = nodes(range).getFirst();
      byLeader.computeIfAbsent(leader.number(), number -> new ArrayList<>()).add(range);
    }
    out.array(byLeader.size());
    for (List<ClusterView.Range> ranges : byLeader.values()) {
      out.map(2);
      out.bulk("slots");
      out.array(2 * ranges.size());
      for (ClusterView.Range range : ranges) {
        out.number(range.slotFrom());
        out.number(range.slotTo());
      }
      out.bulk("nodes");
      List<Member> nodes = nodes(ranges.getFirst());
      out.array(nodes.size());
      for (int i = 0; i < nodes.size(); i++) {
        Address address = nodes.get(i).node().address();
        out.map(7);
        out.bulk("id");
        out.bulk(ClusterView.id(nodes.get(i)));
        out.bulk("port");
        out.number(address.cluster());
        out.bulk("ip");
        out.bulk(address.host());
        out.bulk("endpoint");
        out.bulk(address.host());
        out.bulk("role");
        out.bulk(i == 0 ? "master" : "replica");
        out.bulk("replication-offset");
        out.number(0);
        out.bulk("health");
        out.bulk(cluster.isLost(nodes.get(i)) ? "fail" : "online");
      }
    }
  }

  /// `id host:port@bus flags master ping pong epoch link slots...`
  private static void nodes(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    ClusterView cluster = cluster(session);
    List<ClusterView.Range> ranges = led(session);
    var text = new StringBuilder();
    for (Member member : cluster.members()) {
      var slots = new StringBuilder();
      String master = "-";
      for (ClusterView.Range range : ranges) {
        if (member.equals(range.leader())) {
          slots.append(' ').append(range.slotFrom()).append('-').append(range.slotTo());
        } else if (range.leader() != null && range.others().contains(member)) {
          master = ClusterView.id(range.leader());
        }
      }
      boolean leads = !slots.isEmpty() || master.equals("-");
      Address address = member.node().address();
      text.append(ClusterView.id(member))
          .append(' ')
          .append(address.host())
          .append(':')
          .append(address.cluster())
          .append('@')
          .append(address.peer())
          .append(' ')
          .append(member.number() == cluster.self().number() ? "myself," : "")
          .append(leads ? "master" : "slave")
          .append(cluster.isLost(member) ? ",fail?" : "")
          .append(' ')
          .append(leads ? "-" : master)
          .append(" 0 0 ")
          .append(cluster.metadata().epoch())
          .append(cluster.isLost(member) ? " disconnected" : " connected")
          .append(slots)
          .append('\n');
    }
    out.verbatim(text.toString());
  }

  private static void info(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    ClusterView cluster = cluster(session);
    boolean whole = cluster.whole(session.executor().keyspace());
    long leaders = led(session).stream().map(ClusterView.Range::leader).distinct().count();
    int served = whole ? Slots.COUNT : 0;
    out.verbatim(
        String.join(
                "\r\n",
                "cluster_enabled:1",
                "cluster_state:" + (whole ? "ok" : "fail"),
                "cluster_slots_assigned:" + Slots.COUNT,
                "cluster_slots_ok:" + served,
                "cluster_slots_pfail:0",
                "cluster_slots_fail:" + (Slots.COUNT - served),
                "cluster_known_nodes:" + cluster.members().size(),
                "cluster_size:" + leaders,
                "cluster_current_epoch:" + cluster.metadata().epoch(),
                "cluster_my_epoch:" + cluster.metadata().epoch())
            + "\r\n");
  }

  /// Ranges that have a leader.
  private static List<ClusterView.Range> led(RespSession session) throws CommandException {
    return cluster(session).ranges(session.executor().keyspace()).stream()
        .filter(range -> range.leader() != null)
        .toList();
  }

  /// The leader first; only nodes that serve this protocol.
  private static List<Member> nodes(ClusterView.Range range) {
    var nodes = new ArrayList<Member>();
    Member leader = range.leader();
    if (leader != null) {
      nodes.add(leader);
    }
    for (Member other : range.others()) {
      if (other.node().address().cluster() != 0) {
        nodes.add(other);
      }
    }
    return nodes;
  }
}
