package dev.henge.simulation.chaos;

import dev.henge.base.simulated.SeededRandomness;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Draws faults from a seed, one after the other, and lets them overlap a little.
///
/// As a rule a minority of the nodes suffers at a time, so that there is something to do for
/// clients; from time to time it is more.
///
/// - Threads: one.
final class Faults {
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int MANY_PERCENT = 15;

  private final Fleet fleet;
  private final Observer observer;
  private final SeededRandomness random;
  private final Ledger ledger;
  private final Timeline timeline;
  private final List<FaultKind> kinds;
  private final List<Fault> active = new ArrayList<>();
  private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);

  /// @param kinds to draw from
  Faults(
      Fleet fleet,
      Observer observer,
      SeededRandomness random,
      Set<FaultKind> kinds,
      Ledger ledger,
      Timeline timeline) {
    this.fleet = fleet;
    this.observer = observer;
    this.random = random;
    this.kinds = kinds.stream().sorted().toList();
    this.ledger = ledger;
    this.timeline = timeline;
  }

  /// How often each kind came about.
  Map<FaultKind, Integer> counts() {
    return counts;
  }

  /// Draws faults until `endNanos`.
  void run(long endNanos) throws IOException {
    long nextNanos = System.nanoTime();
    while (System.nanoTime() < endNanos) {
      advance();
      if (!kinds.isEmpty() && System.nanoTime() >= nextNanos) {
        begin(draw());
        nextNanos = System.nanoTime() + millis(random.between(200, 2_000));
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  /// Ends all faults and waits until their nodes serve again.
  void heal(int seconds) throws IOException {
    active.forEach(Fault::hurry);
    fleet.await(
        "not every node serves",
        seconds,
        () -> {
          advance();
          return active.isEmpty();
        });
    timeline.add("healed");
  }

  private void advance() throws IOException {
    List<Fault> over = new ArrayList<>();
    for (Fault fault : active) {
      if (fault.advance(System.nanoTime())) {
        over.add(fault);
      }
    }
    active.removeAll(over);
    fleet.complain();
  }

  private void begin(FaultKind kind) throws IOException {
    Set<Integer> suffering = new HashSet<>();
    active.forEach(fault -> suffering.addAll(fault.nodes()));
    int minority = Math.max(1, (fleet.count() - 1) / 2);
    if (suffering.size() >= minority && !random.chance(MANY_PERCENT)) {
      return;
    }
    List<Integer> others =
        IntStream.range(0, fleet.count())
            .filter(node -> !suffering.contains(node))
            .boxed()
            .toList();
    if (others.isEmpty() || (kind == FaultKind.KILL_ALL && !suffering.isEmpty())) {
      return;
    }
    int leader = observer.leader();
    int node = others.contains(leader) && random.chance(50) ? leader : random.oneOf(others);
    if (kind.isCutting() && active.stream().anyMatch(fault -> fault.kind().isCutting())) {
      return; // what one fault cuts another would mend
    }
    Fault fault =
        switch (kind) {
          case KILL -> end(kind, Set.of(node), NodeProcess.End.KILL, 4_000);
          case KILL_ALL -> end(kind, Set.copyOf(others), NodeProcess.End.KILL, 1_000);
          case STOP -> end(kind, Set.of(node), NodeProcess.End.TERMINATE, 3_000);
          case PAUSE -> pause(kind, node, random.between(10, 400));
          case FREEZE -> pause(kind, node, random.between(2_500, 8_000));
          case PARTITION -> partition(node);
          case ONE_WAY -> oneWay(node);
          case CLIENTS -> cut(kind, Set.of(node), both(Set.of(Hosting.CLIENTS), Set.of(node)));
        };
    timeline.add(
        kind.word()
            + " node "
            + fault.nodes()
            + (fault.nodes().contains(leader) ? ", leader" : ""));
    counts.merge(kind, 1, Integer::sum);
    active.add(fault);
    advance();
  }

  private Fault end(FaultKind kind, Set<Integer> targets, NodeProcess.End how, long millisMax) {
    List<Fault.Step> steps = new ArrayList<>();
    for (int target : targets) {
      NodeProcess node = fleet.node(target);
      steps.add(due -> {
        complain(target, node.begin(how));
        return true;
      });
    }
    for (int target : targets) {
      NodeProcess node = fleet.node(target);
      steps.add(due -> node.hasEnded());
      steps.add(due -> {
        complain(target, node.forget());
        return true;
      });
    }
    steps.add(due -> due);
    for (int target : targets) {
      NodeProcess node = fleet.node(target);
      steps.add(due -> {
        timeline.add("start node " + target);
        node.start();
        return true;
      });
    }
    for (int target : targets) {
      NodeProcess node = fleet.node(target);
      steps.add(due -> node.isReady());
    }
    return new Fault(kind, targets, until(random.between(0, millisMax)), steps);
  }

  private Fault pause(FaultKind kind, int target, long millis) {
    NodeProcess node = fleet.node(target);
    return new Fault(
        kind,
        Set.of(target),
        until(millis),
        List.of(
            due -> {
              node.pause(true);
              return true;
            },
            due -> due,
            due -> {
              node.pause(false);
              timeline.add("resume node " + target);
              return true;
            }));
  }

  /// One node alone; a bridge, where one node hears both sides; or two halves.
  private Fault partition(int node) {
    Set<Integer> rest = except(node);
    int kind = random.nextInt(3);
    if (kind == 0) {
      return cut(FaultKind.PARTITION, Set.of(node), both(Set.of(node), rest));
    }
    List<Integer> others = new ArrayList<>(rest);
    int bridge = kind == 1 ? others.remove(random.nextInt(others.size())) : -1;
    Set<Integer> side = new HashSet<>(Set.of(node));
    while (side.size() < (fleet.count() - 1) / 2) {
      side.add(random.oneOf(others));
    }
    Set<Integer> far = new HashSet<>(others);
    far.removeAll(side);
    far.remove(bridge);
    return cut(FaultKind.PARTITION, side, both(side, far));
  }

  /// A node that is not heard, by one or by all; or that hears nobody.
  private Fault oneWay(int node) {
    Set<Integer> rest = except(node);
    Set<Integer> some = random.chance(50) ? rest : Set.of(random.oneOf(List.copyOf(rest)));
    return cut(
        FaultKind.ONE_WAY,
        Set.of(node),
        random.chance(50) ? pairs(Set.of(node), some) : pairs(some, Set.of(node)));
  }

  private Fault cut(FaultKind kind, Set<Integer> nodes, List<int[]> pairs) {
    Hosting hosting = fleet.hosting();
    return new Fault(
        kind,
        nodes,
        until(random.between(300, 8_000)),
        List.of(
            due -> {
              for (int[] pair : pairs) {
                hosting.block(pair[0], pair[1]);
                timeline.add("  cut from " + name(pair[0]) + " to " + name(pair[1]));
              }
              return true;
            },
            due -> due,
            due -> {
              for (int[] pair : pairs) {
                hosting.unblock(pair[0], pair[1]);
              }
              timeline.add("mended around " + nodes);
              return true;
            }));
  }

  private FaultKind draw() {
    int at = random.nextInt(kinds.stream().mapToInt(FaultKind::weight).sum());
    for (FaultKind kind : kinds) {
      at -= kind.weight();
      if (at < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("the weights do not add up");
  }

  private void complain(int node, @Nullable String complaint) {
    if (complaint != null) {
      ledger.violation("node " + node + " " + complaint);
    }
  }

  private Set<Integer> except(int node) {
    Set<Integer> rest = new HashSet<>();
    for (int i = 0; i < fleet.count(); i++) {
      if (i != node) {
        rest.add(i);
      }
    }
    return rest;
  }

  private static List<int[]> both(Set<Integer> one, Set<Integer> other) {
    List<int[]> pairs = new ArrayList<>(pairs(one, other));
    pairs.addAll(pairs(other, one));
    return pairs;
  }

  private static List<int[]> pairs(Set<Integer> from, Set<Integer> to) {
    List<int[]> pairs = new ArrayList<>();
    for (int a : from) {
      for (int b : to) {
        pairs.add(new int[] {a, b});
      }
    }
    return pairs;
  }

  private static String name(int index) {
    return index == Hosting.CLIENTS ? "clients" : "node " + index;
  }

  private static long until(long millis) {
    return System.nanoTime() + millis(millis);
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
