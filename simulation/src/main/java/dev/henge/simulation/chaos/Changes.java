package dev.henge.simulation.chaos;

import dev.henge.base.simulated.SeededRandomness;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What operators do to a cluster, in the steps that they would take: nodes join, leave and replace
/// each other, leadership is handed over. Other faults go on meanwhile, also on the nodes
/// concerned.
///
/// - Threads: one.
final class Changes {
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long PREFER_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final Fleet fleet;
  private final Observer observer;
  private final SeededRandomness random;
  private final Ledger ledger;
  private final Timeline timeline;

  Changes(
      Fleet fleet, Observer observer, SeededRandomness random, Ledger ledger, Timeline timeline) {
    this.fleet = fleet;
    this.observer = observer;
    this.random = random;
    this.ledger = ledger;
    this.timeline = timeline;
  }

  /// A node with an empty directory joins at a free seat.
  Fault add(int seat) {
    List<Fault.Step> steps = new ArrayList<>(join(seat));
    steps.add(due -> settled());
    return new Fault(FaultKind.ADD, Set.of(), 0, steps);
  }

  /// A member hands over what it has and goes; or it is dead, and goes without.
  ///
  /// @param dead whether it is killed first
  Fault remove(int seat, boolean dead) {
    List<Fault.Step> steps = new ArrayList<>();
    if (dead) {
      steps.add(due -> {
        timeline.add("  kill node " + seat + " for good");
        complain(seat, fleet.node(seat).begin(NodeProcess.End.KILL));
        return true;
      });
    }
    steps.addAll(leave(seat, -1));
    return new Fault(FaultKind.REMOVE, dead ? Set.of(seat) : Set.of(), 0, steps);
  }

  /// A node with an empty directory joins at `successor`, and takes over what the member at `seat`
  /// has.
  Fault replace(int seat, int successor) {
    List<Fault.Step> steps = new ArrayList<>(join(successor));
    steps.addAll(leave(seat, successor));
    return new Fault(FaultKind.REPLACE, Set.of(), 0, steps);
  }

  /// The leadership of databases 0-15 goes to the member at `seat`, if it has a replica.
  Fault transfer(int seat) {
    long endNanos = System.nanoTime() + PREFER_NANOS;
    var request =
        new Request(
            Set.of(404, 409),
            () -> {
              long member = observer.memberAt(seat);
              return member == 0
                  ? null
                  : "/v1/cluster/groups/" + Fleet.DATABASES + "/transfer?to=" + member;
            });
    // Under other faults it may be refused, or come too late: it is tried and not insisted upon.
    return new Fault(
        FaultKind.TRANSFER,
        Set.of(),
        0,
        List.of(due -> request.isAnswered() || System.nanoTime() > endNanos));
  }

  private List<Fault.Step> join(int seat) {
    return List.of(
        due -> {
          timeline.add("  node " + seat + " joins");
          fleet.begin(seat);
          return true;
        },
        due -> fleet.node(seat).isReady(),
        due -> {
          fleet.admit(seat);
          return true;
        },
        due -> observer.memberAt(seat) != 0);
  }

  /// @param successor -1 for none
  private List<Fault.Step> leave(int seat, int successor) {
    long[] member = {0};
    var request =
        new Request(
            // Gone already: an answer to an earlier try was lost.
            Set.of(404),
            () -> {
              String path = "/v1/cluster/members/" + member[0] + "/leave";
              return successor < 0 ? path : path + "?successor=" + observer.memberAt(successor);
            });
    return List.of(
        due -> {
          member[0] = observer.memberAt(seat);
          if (member[0] != 0) {
            timeline.add("  node " + seat + ", member " + member[0] + ", leaves");
            fleet.retire(seat);
            fleet.node(seat).dismiss();
          }
          return member[0] != 0;
        },
        due -> request.isAnswered(),
        due -> !observer.knows(member[0]) && settled(),
        due -> {
          timeline.add("  node " + seat + " is no member any more");
          complain(seat, fleet.node(seat).begin(NodeProcess.End.TERMINATE));
          return true;
        },
        due -> fleet.node(seat).hasEnded(),
        due -> {
          complain(seat, fleet.node(seat).forget());
          fleet.leave(seat);
          return true;
        });
  }

  private boolean settled() {
    JsonNode status = observer.status();
    return status != null && Fleet.isSettled(status, Math.min(Fleet.REPLICAS, fleet.count()));
  }

  private void complain(int seat, @Nullable String complaint) {
    if (complaint != null) {
      ledger.violation("node " + seat + " " + complaint);
    }
  }

  /// What a request asks for; null while that is not known yet.
  private interface Path {
    @Nullable String path();
  }

  /// A request that is sent through one member after the other until one answers it.
  private final class Request {
    private final Set<Integer> mayBeRefused;
    private final Path path;
    private @Nullable CompletableFuture<Integer> answer;
    private long nextNanos = System.nanoTime();

    /// @param mayBeRefused statuses that are no violation, and end it
    Request(Set<Integer> mayBeRefused, Path path) {
      this.mayBeRefused = mayBeRefused;
      this.path = path;
    }

    boolean isAnswered() throws IOException {
      CompletableFuture<Integer> sent = answer;
      if (sent != null && sent.isDone()) {
        answer = null;
        int status = sent.exceptionally(lost -> 0).join();
        if (status == 200 || mayBeRefused.contains(status)) {
          return true;
        }
        if (status >= 400 && status < 500) {
          throw new ViolationException(
              "a change of the cluster was refused with " + status + ": " + path.path());
        }
        nextNanos = System.nanoTime() + RETRY_NANOS;
      } else if (sent == null && System.nanoTime() >= nextNanos) {
        String asked = path.path();
        if (asked != null) {
          answer = fleet.change(random.oneOf(fleet.open()), asked);
        }
      }
      return false;
    }
  }
}
