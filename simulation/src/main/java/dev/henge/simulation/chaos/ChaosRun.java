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
  private static final String GROWTH = "growth-";

  /// For nodes that join.
  private static final int SPARE_SEATS = 2;

  /// Tries for one experiment with a paused leader that counts.
  private static final int PAUSES_EACH = 5;

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
            new Fleet(hosting, options.server(), options.serverFlags(), directory, seats(kinds))) {
      int first = options.grow() ? 1 : options.nodes();
      progress.accept("starting " + first + (first == 1 ? " node" : " nodes"));
      fleet.form(first, options.healSeconds());
      try (var observer = new Observer(fleet, timeline)) {
        var faults =
            new Faults(fleet, observer, random.split(), kinds, options.nodes(), ledger, timeline);
        var transfers =
            new PlannedTransfers(fleet, ledger, random.split(), timeline, options.healSeconds());
        var experiment = new PausedLeader(fleet, ledger, timeline, options.healSeconds());
        if (growth(fleet, faults, random)
            && rounds(fleet, faults, random)
            && plannedTransfers(fleet, transfers, random)) {
          pausedLeaders(fleet, experiment, random);
        }
        for (int seat : fleet.taken()) {
          for (String error : fleet.node(seat).errors()) {
            notes.add("node " + seat + " logged: " + error);
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
            transfers.count(),
            experiment.count(),
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

  /// One node alone becomes a cluster while clients work: its groups become replicated under them.
  ///
  /// @return whether all is well so far
  private boolean growth(Fleet fleet, Faults faults, SeededRandomness random) throws IOException {
    if (!options.grow()) {
      return true;
    }
    boolean good =
        verdict(
            fleet,
            random,
            GROWTH,
            () -> faults.grow(options.nodes(), options.healSeconds()),
            () -> faults.heal(options.healSeconds()));
    progress.accept(
        "grown to %d nodes: %,d operations, %d unknown, faults %s%s"
            .formatted(
                options.nodes(),
                ledger.answeredCount(),
                ledger.unknownCount(),
                faults.counts(),
                good ? "" : ": VIOLATION"));
    return good;
  }

  /// @return whether all is well so far
  private boolean plannedTransfers(Fleet fleet, PlannedTransfers transfers, SeededRandomness random)
      throws IOException {
    if (options.transfers() == 0) {
      return true;
    }
    boolean good =
        verdict(
            fleet,
            random,
            "transfers-",
            () -> {
              for (int i = 0; i < options.transfers(); i++) {
                transfers.run();
              }
            },
            () -> {});
    progress.accept(
        "leadership handed over %d times undisturbed%s"
            .formatted(transfers.count(), good ? "" : ": VIOLATION"));
    return good;
  }

  private void pausedLeaders(Fleet fleet, PausedLeader experiment, SeededRandomness random)
      throws IOException {
    if (options.pausedLeaders() == 0) {
      return;
    }
    verdict(
        fleet,
        random,
        "paused-",
        () -> {
          int tries = PAUSES_EACH * options.pausedLeaders();
          while (experiment.count() < options.pausedLeaders()) {
            if (tries-- == 0) {
              throw new ViolationException("paused leaders answer no reads when they go on");
            }
            experiment.run();
            progress.accept(
                "paused leader %d of %d: %d reads answered, %d refused"
                    .formatted(
                        experiment.count(),
                        options.pausedLeaders(),
                        experiment.answeredCount(),
                        experiment.refusedCount()));
          }
        },
        () -> {});
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
        long answered = ledger.answeredCount();
        fleet.await(
            "no client is answered when all is healed",
            options.healSeconds(),
            () -> ledger.answeredCount() > answered);
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
        return NamespaceHosting.create(seats(kinds));
      } catch (IOException e) {
        kinds.removeIf(FaultKind::isCutting);
        notes.add("partitions SKIPPED, this machine has no network namespaces: " + e.getMessage());
        progress.accept(notes.getLast());
      }
    }
    return new LoopbackHosting(seats(kinds));
  }

  private int seats(Set<FaultKind> kinds) {
    return options.nodes() + (kinds.stream().anyMatch(FaultKind::isMembership) ? SPARE_SEATS : 0);
  }
}
