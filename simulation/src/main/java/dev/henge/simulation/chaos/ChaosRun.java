package dev.henge.simulation.chaos;

import dev.henge.base.simulated.SeededRandomness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// One run: a cluster of processes, rounds of clients and faults, a verdict after each.
///
/// The seed draws what clients want and which faults come when; what comes of it is the machine's
/// doing, so that a seed makes a failure likely again, not certain.
///
/// - Threads: one, besides those of [Workload] and [Observer].
/// - Lifetime: the processes end with the run; the directory stays, with the data and logs of the
///   nodes, `history.txt` of the round that failed, `timeline.txt` of all rounds.
public final class ChaosRun {
  private final ChaosOptions options;
  private final Path directory;
  private final Consumer<String> progress;
  private final Timeline timeline = new Timeline();
  private final Ledger ledger = new Ledger(System.nanoTime());
  private final List<String> notes = new ArrayList<>();
  private final AtomicInteger names = new AtomicInteger();

  /// @param directory empty
  /// @param progress hears lines for people
  public ChaosRun(ChaosOptions options, Path directory, Consumer<String> progress) {
    this.options = options;
    this.directory = directory;
    this.progress = progress;
  }

  /// @throws IOException where the cluster could not be had: nothing was checked
  public ChaosReport run() throws IOException {
    var random = new SeededRandomness(options.seed());
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    kinds.addAll(options.faults());
    try (Hosting hosting = hosting(kinds);
        var fleet =
            new Fleet(
                hosting, options.server(), options.serverFlags(), directory, options.nodes())) {
      progress.accept("starting " + options.nodes() + " nodes");
      fleet.form(options.healSeconds());
      try (var observer = new Observer(fleet, timeline)) {
        var faults = new Faults(fleet, observer, random.split(), kinds, ledger, timeline);
        var experiment = new PausedLeader(fleet, ledger, timeline);
        int paused = 0;
        if (rounds(fleet, faults, random)) {
          paused = pausedLeaders(fleet, experiment, random);
        }
        for (int i = 0; i < fleet.count(); i++) {
          for (String error : fleet.node(i).errors()) {
            notes.add("node " + i + " logged: " + error);
          }
        }
        return new ChaosReport(
            ledger.judge(),
            ledger.answeredCount(),
            ledger.unknownCount(),
            ledger.refusedCount(),
            ledger.repeatedCount(),
            observer.electionCount(),
            observer.failoverCount(),
            ledger.longestGapSeconds(),
            faults.counts(),
            paused,
            experiment.answeredCount(),
            experiment.refusedCount(),
            notes);
      }
    } finally {
      timeline.write(directory.resolve("timeline.txt"));
    }
  }

  /// @return whether all is well so far
  private boolean rounds(Fleet fleet, Faults faults, SeededRandomness random) throws IOException {
    for (int round = 1; round <= options.rounds(); round++) {
      String prefix = "round-" + round + "-";
      boolean good =
          verdict(
              fleet,
              random,
              prefix,
              () -> faults.run(System.nanoTime() + TimeUnit.SECONDS.toNanos(options.seconds())),
              () -> faults.heal(options.healSeconds()));
      progress.accept(
          "round %d of %d: %,d operations, %d unknown, faults %s%s"
              .formatted(
                  round,
                  options.rounds(),
                  ledger.answeredCount(),
                  ledger.unknownCount(),
                  faults.counts(),
                  good ? "" : ": VIOLATION"));
      if (!good) {
        return false;
      }
    }
    return true;
  }

  /// @return how many experiments were made
  private int pausedLeaders(Fleet fleet, PausedLeader experiment, SeededRandomness random)
      throws IOException {
    if (options.pausedLeaders() == 0) {
      return 0;
    }
    int[] made = {0};
    verdict(
        fleet,
        random,
        "paused-",
        () -> {
          while (made[0] < options.pausedLeaders()) {
            experiment.run(++made[0]);
            progress.accept("paused leader " + made[0] + " of " + options.pausedLeaders());
          }
        },
        () -> {});
    return made[0];
  }

  /// Something that the machine may refuse.
  private interface Deed {
    void happen() throws IOException;
  }

  /// Clients work while `deed` happens; then the nodes heal, and everything is judged.
  ///
  /// @return whether all is well
  private boolean verdict(
      Fleet fleet, SeededRandomness random, String prefix, Deed deed, Deed healing)
      throws IOException {
    int name = names.incrementAndGet();
    try {
      var workload =
          new Workload(
              fleet,
              ledger,
              random.split(),
              names,
              prefix,
              options.clients(),
              options.thinkMicrosMax());
      try (workload) {
        deed.happen();
        healing.happen();
      }
      new Aftermath(fleet, ledger, options.healSeconds()).check(name, prefix);
    } catch (ViolationException e) {
      ledger.violation(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      ledger.violation("does not go on: " + e.getMessage());
    }
    boolean good = ledger.judge().isEmpty();
    if (!good) {
      ledger.write(directory.resolve("history.txt"));
    }
    ledger.forget();
    return good;
  }

  private Hosting hosting(Set<FaultKind> kinds) throws IOException {
    if (kinds.stream().anyMatch(FaultKind::isCutting)) {
      try {
        return NamespaceHosting.create(options.nodes());
      } catch (IOException e) {
        kinds.removeIf(FaultKind::isCutting);
        notes.add("partitions SKIPPED, this machine has no network namespaces: " + e.getMessage());
        progress.accept(notes.getLast());
      }
    }
    return new LoopbackHosting(options.nodes());
  }
}
