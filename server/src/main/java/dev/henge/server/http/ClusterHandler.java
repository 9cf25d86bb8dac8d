package dev.henge.server.http;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.replication.antientropy.ExchangeReport;
import dev.henge.replication.membership.MemberState;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.cluster.ClusterStatus;
import dev.henge.server.cluster.NodeReport;
import dev.henge.server.eventual.Repair;
import dev.henge.server.store.Keyspaces;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The cluster: how it is, and what an operator changes.
final class ClusterHandler {
  private static final int NUMBER = 3;

  private final Cluster cluster;
  private final Keyspaces all;
  private final JsonMapper mapper = JsonMapper.shared();

  /// @param all keyspaces
  ClusterHandler(Cluster cluster, Keyspaces all) {
    this.cluster = cluster;
    this.all = all;
  }

  CompletableFuture<HttpResponse> status() {
    return cluster.status().thenApply(status -> Responses.json(HttpStatus.OK, json(status) + "\n"));
  }

  CompletableFuture<HttpResponse> leave(Call call) {
    call.target().onlyParameters(Set.of("successor"));
    return change(new MetadataCommand.LeaveMember(number(call), parameter(call, "successor")));
  }

  CompletableFuture<HttpResponse> stay(Call call) {
    call.target().onlyParameters(Set.of());
    return change(new MetadataCommand.StayMember(number(call)));
  }

  CompletableFuture<HttpResponse> transfer(Call call) {
    call.target().onlyParameters(Set.of("to"));
    long group = number(call);
    long member = parameter(call, "to");
    if (member == 0) {
      throw Status.BAD_REQUEST.because("to= names the member that is to lead");
    }
    return change(new MetadataCommand.PreferLeader(group, member))
        .thenCompose(preferred ->
            cluster
                .transfer(group, member)
                .handle((done, error) -> {
                  if (error != null) {
                    throw Status.UNAVAILABLE.because(message(error));
                  }
                  return preferred;
                }));
  }

  /// Compares this node's copies with all others.
  CompletableFuture<HttpResponse> repair(Call call) {
    call.target().onlyParameters(Set.of("keyspace"));
    @Nullable String name = call.target().text("keyspace");
    if (name == null) {
      throw Status.BAD_REQUEST.because("keyspace= names the eventual keyspace to repair");
    }
    @Nullable DeclaredKeyspace keyspace = cluster.map().metadata().keyspace(name).orElse(null);
    if (keyspace == null) {
      KeyHandler.find(all, name);
    }
    if (keyspace == null || keyspace.declaration().mode() != KeyspaceMode.EVENTUAL) {
      throw Status.REFUSED.because(
          "'" + name + "' is strong: its copies agree by themselves, only eventual ones drift");
    }
    return cluster
        .repair(keyspace.id())
        .handle((repair, error) -> {
          if (error != null) {
            throw Status.UNAVAILABLE.because(message(error));
          }
          return Responses.json(HttpStatus.OK, json(name, repair) + "\n");
        });
  }

  private ObjectNode json(String keyspace, Repair repair) {
    ExchangeReport report = repair.report();
    return mapper
        .createObjectNode()
        .put("keyspace", keyspace)
        .put("member", cluster.self())
        .put("equal", repair.equal())
        .put("trouble", repair.trouble())
        .put("slots", report.slots())
        .put("slotsDiffering", report.slotsDiffering())
        .put("treeBytes", report.treeBytesSent() + report.treeBytesReceived())
        .put("objectBytes", report.objectBytesSent() + report.objectBytesReceived())
        .put("keysSent", report.keysSent())
        .put("keysReceived", report.keysReceived());
  }

  private CompletableFuture<HttpResponse> change(MetadataCommand command) {
    return cluster
        .change(command)
        .handle((outcome, error) -> {
          if (error != null) {
            throw Status.UNAVAILABLE.because(message(error));
          }
          if (outcome instanceof MetadataOutcome.Refused refused) {
            throw switch (refused.refusal()) {
              case UNKNOWN_MEMBER, UNKNOWN_GROUP -> Status.NO_SUCH_MEMBER.because(refused.text());
              default -> Status.REFUSED.because(refused.text());
            };
          }
          return Responses.json(HttpStatus.OK, "{\"epoch\":" + outcome.epoch() + "}\n");
        });
  }

  private ObjectNode json(ClusterStatus status) {
    Metadata metadata = status.metadata();
    ObjectNode root = mapper.createObjectNode();
    root.put("cluster", metadata.clusterId());
    root.put("epoch", metadata.epoch());
    root.put("self", status.self());
    root.put("removed", cluster.isRemoved());
    root.put("trouble", cluster.trouble());
    ArrayNode members = root.putArray("members");
    for (Member member : metadata.members().values()) {
      NodeReport report = status.reports().get(member.number());
      Address address = member.node().address();
      ObjectNode node = members.addObject();
      node.put("number", member.number());
      node.put("node", member.node().id());
      node.put("state", lower(member.state().name()));
      node.put("answers", report != null);
      MemberState liveness = status.liveness().get(member.number());
      node.put("liveness", liveness == null ? "unknown" : lower(liveness.name()));
      node.put("trouble", report == null ? "does not answer" : report.trouble());
      node.put("epoch", report == null ? 0 : report.epoch());
      node.put("host", address.host());
      node.put("respPort", address.resp());
      node.put("httpPort", address.http());
      node.put("peerPort", address.peer());
      node.put("clusterPort", address.cluster());
      node.put("dataCentre", member.node().location().dataCentre());
      node.put("rack", member.node().location().rack());
      node.put("capacity", member.node().capacity());
    }
    ArrayNode groups = root.putArray("groups");
    for (GroupRecord group : metadata.groups().values()) {
      ObjectNode node = groups.addObject();
      node.put("id", group.id());
      node.put("name", name(group, metadata));
      node.put("form", lower(group.form().name()));
      node.put("firstSlot", group.slotFrom());
      node.put("lastSlot", group.slotTo() - 1);
      node.put("leader", status.leader(group.id()));
      node.put("term", status.term(group.id()));
      node.put("preferredLeader", group.preferredLeader());
      numbers(node.putArray("voters"), group.confirmed().voters());
      numbers(node.putArray("learners"), group.confirmed().learners());
      node.put("settled", group.settled());
      numbers(node.putArray("target"), group.target().voters());
      ObjectNode lags = node.putObject("lag");
      for (long member : group.confirmed().members()) {
        long lag = status.lag(group.id(), member);
        if (lag >= 0) {
          lags.put(Long.toString(member), lag);
        }
      }
    }
    return root;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static void numbers(ArrayNode array, SortedSet<Long> numbers) {
    numbers.forEach(array::add);
  }

  private static String name(GroupRecord group, Metadata metadata) {
    if (group.id() == Metadata.METADATA_GROUP) {
      return "metadata";
    }
    DeclaredKeyspace keyspace = metadata.keyspaces().get(group.keyspace());
    return keyspace == null ? "databases" : keyspace.name();
  }

  private static long number(Call call) {
    return parsed(
        new String(Percent.decode(call.target().segments().get(NUMBER)), StandardCharsets.UTF_8));
  }

  private static long parameter(Call call, String name) {
    @Nullable String text = call.target().text(name);
    return text == null ? 0 : parsed(text);
  }

  private static long parsed(String text) {
    if (!text.matches("[0-9]{1,18}")) {
      throw Status.BAD_REQUEST.because("'" + text + "' is no number of a member or group");
    }
    return Long.parseLong(text);
  }

  private static String message(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return String.valueOf(cause.getMessage());
  }
}
