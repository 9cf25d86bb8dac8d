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
  private final Changes changes;
  private final int least;
  private final List<Fault> active = new ArrayList<>();
  private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
  private long nextNanos = System.nanoTime();

  /// @param kinds to draw from
  /// @param least members that are never fewer
  Faults(
      Fleet fleet,
      Observer observer,
      SeededRandomness random,
      Set<FaultKind> kinds,
      int least,
      Ledger ledger,
      Timeline timeline) {
    this.fleet = fleet;
    this.observer = observer;
    this.random = random;
    this.kinds = kinds.stream().sorted().toList();
    this.ledger = ledger;
    this.timeline = timeline;
    this.least = least;
    this.changes = new Changes(fleet, observer, random.split(), ledger, timeline);
  }

  /// How often each kind came about.
  Map<FaultKind, Integer> counts() {
    return counts;
  }

  /// Draws faults until `endNanos`.
  void run(long endNanos) throws IOException {
    while (System.nanoTime() < endNanos) {
      advance();
      if (!kinds.isEmpty() && System.nanoTime() >= nextNanos) {
        begin(draw());
        nextNanos = System.nanoTime() + millis(random.between(200, 2_000));
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  /// Lets nodes join at the seats up to `seats`, one after the other, while faults are drawn.
  void grow(int seats, int seconds) throws IOException {
    for (int seat = fleet.count(); seat < seats; seat++) {
      int joining = seat;
      Fault add = changes.add(joining);
      take(add, List.of(joining));
      long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (active.contains(add)) {
        if (System.nanoTime() > endNanos) {
          throw new IOException(
              "node " + joining + " has not joined after " + seconds + " seconds");
        }
        run(System.nanoTime() + STEP_NANOS);
      }
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
    if (kind.isMembership() || kind == FaultKind.TRANSFER) {
      beginChange(kind);
      return;
    }
    Set<Integer> suffering = new HashSet<>();
    active.forEach(fault -> suffering.addAll(fault.nodes()));
    int minority = Math.max(1, (fleet.count() - 1) / 2);
    if (suffering.size() >= minority && !random.chance(MANY_PERCENT)) {
      return;
    }
    if (kind.isCutting() && fleet.taken().size() < 2) {
      return; // nobody to cut it off from
    }
    boolean ending = kind == FaultKind.KILL || kind == FaultKind.KILL_ALL || kind == FaultKind.STOP;
    // Also nodes that join or leave, as long as they need not come back as members.
    List<Integer> others =
        fleet.taken().stream()
            .filter(node -> !suffering.contains(node))
            .filter(node -> !(ending && fleet.node(node).isDismissed()))
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
          case ADD, REMOVE, REPLACE, TRANSFER -> throw new IllegalStateException("a change");
        };
    take(fault, List.copyOf(fault.nodes()));
  }

  /// Begins a change of the cluster, where none of its kind is under way. Where there is no room
  /// for another member one goes, and the other way round.
  private void beginChange(FaultKind kind) throws IOException {
    boolean busy =
        active.stream()
            .anyMatch(
                fault -> kind.isMembership() ? fault.kind().isMembership() : fault.kind() == kind);
    if (busy) {
      return;
    }
    List<Integer> open = fleet.open();
    List<Integer> free = fleet.free();
    int leader = observer.leader();
    int seat = open.contains(leader) && random.chance(50) ? leader : random.oneOf(open);
    boolean suffers = active.stream().anyMatch(fault -> fault.nodes().contains(seat));
    if (kind == FaultKind.TRANSFER) {
      take(changes.transfer(seat), List.of(seat));
    } else if (kind == FaultKind.REPLACE && !free.isEmpty()) {
      int successor = random.oneOf(free);
      take(changes.replace(seat, successor), List.of(seat, successor));
    } else if (open.size() > least && (kind != FaultKind.ADD || free.isEmpty())) {
      take(changes.remove(seat, !suffers && random.chance(30)), List.of(seat));
    } else if (!free.isEmpty()) {
      int joining = random.oneOf(free);
      take(changes.add(joining), List.of(joining));
    }
  }

  private void take(Fault fault, List<Integer> nodes) throws IOException {
    timeline.add(
        fault.kind().word()
            + " node "
            + nodes
            + (nodes.contains(observer.leader()) ? ", leader" : ""));
    counts.merge(fault.kind(), 1, Integer::sum);
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
      steps.add(due -> node.isReady() || (node.isDismissed() && node.hasEnded()));
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
    while (side.size() < rest.size() / 2) {
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
    rest.addAll(fleet.taken());
    rest.remove(node);
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
