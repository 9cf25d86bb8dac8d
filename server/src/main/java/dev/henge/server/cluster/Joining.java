package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.FormatException;
import dev.henge.base.Threads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.consensus.metadata.MetadataFormat;
import dev.henge.consensus.metadata.MetadataOutcome;
import dev.henge.consensus.metadata.MetadataStateMachine;
import dev.henge.consensus.metadata.NodeDescription;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerCalls;
import dev.henge.server.store.ClusterFile;
import dev.henge.server.store.DataDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a node becomes a member: it asks any member, which brings the question to the metadata's
/// leader and answers with the metadata in which the node has its number.
final class Joining {
  private static final Logger LOG = LoggerFactory.getLogger(Joining.class);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration CHECK = Duration.ofSeconds(2);
  private static final Duration AGAIN = Duration.ofMillis(300);

  private final PeerPort port;
  private final PeerAddress target;
  private final NodeDescription node;
  private final Threads threads;
  private final Threads.Pool pool;
  private final CompletableFuture<Metadata> result = new CompletableFuture<>();

  /// Why the last try did not succeed. One try at a time.
  private volatile String reason = "";

  private Joining(
      PeerPort port, PeerAddress target, NodeDescription node, Threads threads, Threads.Pool pool) {
    this.port = port;
    this.target = target;
    this.node = node;
    this.threads = threads;
    this.pool = pool;
  }

  /// Asks again and again until there is an answer; whoever waits gives up when it likes.
  ///
  /// @return metadata with the node in it; fails with an [IOException] where it is refused for good
  static CompletableFuture<Metadata> join(
      PeerPort port, PeerAddress target, NodeDescription node, Threads threads, Threads.Pool pool) {
    var joining = new Joining(port, target, node, threads, pool);
    joining.ask();
    return joining.result;
  }

  /// Asks the node at `target` for its cluster, on behalf of one that is a member already.
  ///
  /// @return fails with an [IOException] where it is another cluster; where nobody answers, that is
  ///   left open
  static CompletableFuture<Void> check(
      PeerPort port, PeerAddress target, String nodeId, ClusterFile.Membership membership) {
    var allowed = new CompletableFuture<Void>();
    var ignored =
        port.ask(target, nodeId, Services.IDENTIFY, new byte[0], CHECK)
            .whenComplete((answer, error) -> {
              String cluster = error == null && answer.status() == 0 ? text(answer) : "";
              if (cluster.isEmpty()) {
                LOG.info(
                    "this node is member {} of cluster {} and comes back to it; {}, which it"
                        + " was told to join, does not say whose it is",
                    membership.member(),
                    membership.clusterId(),
                    target);
                allowed.complete(null);
              } else if (cluster.equals(membership.clusterId())) {
                LOG.info(
                    "this node is member {} of the cluster that it was told to join already",
                    membership.member());
                allowed.complete(null);
              } else {
                allowed.completeExceptionally(
                    new IOException(
                        "this node is member "
                            + membership.member()
                            + " of cluster "
                            + membership.clusterId()
                            + ", and "
                            + target
                            + " belongs to cluster "
                            + cluster
                            + ": two clusters never merge; start it without join, or join with"
                            + " an empty data directory"));
              }
            });
    return allowed;
  }

  /// Answers nodes that want in.
  static void serve(PeerPort port, MetadataClient client, ClusterMap map) {
    port.onGuest((call, answer) -> {
      if (call.service() == Services.IDENTIFY) {
        byte[] cluster = map.metadata().clusterId().getBytes(StandardCharsets.UTF_8);
        answer.accept(new PeerMessage.Answer(call.number(), 0, cluster));
        return;
      }
      if (call.service() != Services.JOIN) {
        answer.accept(refusal(call, PeerCalls.NO_SERVICE, "guests may only join"));
        return;
      }
      try {
        admit(call, MetadataFormat.decodeNode(call.body()), client, map, answer);
      } catch (FormatException e) {
        answer.accept(refusal(call, Services.REFUSED, String.valueOf(e.getMessage())));
      }
    });
  }

  private static void admit(
      PeerMessage.Call call,
      NodeDescription node,
      MetadataClient client,
      ClusterMap map,
      Consumer<PeerMessage.Answer> answer) {
    var ignored =
        client
            .submit(new MetadataCommand.AdmitMember(node), ANSWER)
            .whenComplete((outcome, error) -> {
              if (outcome instanceof MetadataOutcome.Refused refused) {
                answer.accept(refusal(call, Services.REFUSED, refused.text()));
              } else if (error != null || map.metadata().member(node.id()).isEmpty()) {
                answer.accept(
                    refusal(
                        call,
                        Services.UNAVAILABLE,
                        error == null ? "not known here yet" : String.valueOf(error.getMessage())));
              } else {
                answer.accept(
                    new PeerMessage.Answer(
                        call.number(), 0, MetadataFormat.encode(map.metadata())));
              }
            });
  }

  /// The peer port behind `HOST:PORT` of a member's Redis port.
  static PeerAddress target(String join) throws IOException {
    int colon = join.lastIndexOf(':');
    try {
      if (colon > 0) {
        return new PeerAddress(
            join.substring(0, colon).replaceAll("[\\[\\]]", ""),
            Integer.parseInt(join.substring(colon + 1)) + 2);
      }
    } catch (NumberFormatException e) {
      throw new IOException("join is '" + join + "', expected HOST:PORT", e);
    }
    throw new IOException("join is '" + join + "', expected HOST:PORT");
  }

  /// Writes down what a node was let in with.
  static ClusterFile.Membership joined(
      Disk disk, DataDirectory directory, Clock clock, Metadata metadata) throws IOException {
    long number = metadata.member(directory.nodeId()).orElseThrow().number();
    // No log yet: the leader of the metadata sends an image before any entry.
    MetadataStateMachine.write(
        disk,
        Founding.metadata(directory.path()),
        new SnapshotMark(0, 0, Founding.mark().configuration()),
        clock.wallMillis(),
        metadata);
    return new ClusterFile.Membership(metadata.clusterId(), number, 1);
  }

  private void ask() {
    var ignored =
        port.ask(target, node.id(), Services.JOIN, MetadataFormat.encode(node), ANSWER)
            .whenComplete((answer, error) -> {
              try {
                if (error != null) {
                  again(String.valueOf(error.getMessage()));
                } else {
                  answered(answer);
                }
              } catch (RejectedExecutionException closing) {
                result.completeExceptionally(new IOException("the node is closing", closing));
              }
            });
  }

  private void answered(PeerMessage.Answer answer) {
    if (answer.status() == 0) {
      try {
        Metadata metadata = MetadataFormat.decode(answer.body());
        Member member = metadata.member(node.id()).orElseThrow();
        LOG.info("cluster {}: this node is member {}", metadata.clusterId(), member.number());
        result.complete(metadata);
      } catch (FormatException e) {
        result.completeExceptionally(e);
      }
    } else if (answer.status() == Services.REFUSED) {
      result.completeExceptionally(
          new IOException(target + " does not let this node join: " + text(answer)));
    } else {
      again(text(answer));
    }
  }

  private void again(String why) {
    if (!why.equals(reason)) {
      LOG.warn("{} does not let this node join yet: {}", target, why);
      reason = why;
    }
    if (!result.isDone()) {
      threads.after(AGAIN, pool, this::ask);
    }
  }

  private static PeerMessage.Answer refusal(PeerMessage.Call call, int status, String text) {
    return new PeerMessage.Answer(call.number(), status, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(PeerMessage.Answer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
