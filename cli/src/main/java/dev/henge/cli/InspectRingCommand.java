package dev.henge.cli;

import dev.henge.base.ring.Copies;
import dev.henge.base.ring.RingBalance;
import dev.henge.base.ring.RingChange;
import dev.henge.base.ring.RingPlanner;
import dev.henge.base.ring.RingServer;
import dev.henge.base.ring.SlotTable;
import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `henge inspect ring`: how evenly slots lie on servers, and what a change would move.
@Command(
    name = "ring",
    header = "Print how slots would lie on servers, and what a join or leave would move.",
    description = {
      "The servers are described here or in a file, or are the members of a cluster: as a running"
          + " node knows them, or as they stand in a data directory. Nothing is changed anywhere."
          + " Keyspaces do not use the ring yet: this is what it proposes.",
    },
    footer = {
      "",
      "Examples:",
      "  henge inspect ring --servers 5 --capacity 1,1,2,4,1 --racks r1,r2,r3",
      "  henge inspect ring --servers 6 --centres eu,us --copies eu=3,us=2 --leave 4",
      "  henge inspect ring --cluster --port 7400 --join capacity=2,rack=r1",
    })
final class InspectRingCommand implements Callable<Integer> {
  /// Servers printed one by one where not all are wanted.
  private static final int ROWS = 20;

  @Spec private CommandSpec spec;

  @Mixin private RingSource source = new RingSource();

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Copies of each slot: a number, or one for each data centre, as in eu=3,us=2. Default:"
              + " ${DEFAULT-VALUE}.")
  private String copies = "3";

  @Option(
      names = "--join",
      paramLabel = "SERVER",
      arity = "0..1",
      fallbackValue = "capacity=1",
      description = "Show what another server would move, as in capacity=2,dc=eu,rack=r1.")
  private List<String> joins = new ArrayList<>();

  @Option(
      names = "--leave",
      paramLabel = "ID",
      description = "Show what it would move if this server left.")
  private List<Long> leaves = new ArrayList<>();

  @Option(names = "--all", description = "Print every server, also where there are many.")
  private boolean all;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  InspectRingCommand() {}

  @Override
  public Integer call() throws IOException {
    List<RingServer> servers = source.servers();
    Copies wanted = RingSource.copies(copies);
    SlotTable table = RingPlanner.plan(servers, wanted);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%,d servers, %,d slots, %d copies of each%n%n",
        servers.size(),
        table.slots(),
        table.copies());
    printBalance(RingBalance.of(servers, wanted, table), out);
    printChanges(servers, wanted, table, out);
    out.flush();
    return 0;
  }

  private void printBalance(RingBalance balance, PrintWriter out) {
    var rows =
        new TextTable(
            "server", "centre", "rack", "capacity", "slots", "share", "by share", "first of");
    List<RingBalance.Load> loads = balance.loads();
    for (RingBalance.Load load : all ? loads : loads.subList(0, Math.min(ROWS, loads.size()))) {
      rows.row(
          Long.toString(load.server().id()),
          named(load.server().dataCentre()),
          named(load.server().rack()),
          number(load.server().capacity()),
          count(load.held()),
          String.format(Locale.ROOT, "%,.1f", load.share()),
          String.format(Locale.ROOT, "%.3f", load.ratio()),
          count(load.first()));
    }
    out.print(rows);
    if (!all && loads.size() > ROWS) {
      out.printf(Locale.ROOT, "... and %,d more (--all prints them)%n", loads.size() - ROWS);
    }
    RingBalance.Load highest =
        loads.stream().max(Comparator.comparingDouble(RingBalance.Load::ratio)).orElseThrow();
    out.printf(
        Locale.ROOT,
        "%nhighest by share: server %d with %.3f; even (1.05, or one slot above its share): %s%n%n",
        highest.server().id(),
        highest.ratio(),
        balance.even() ? "yes" : "NO");
  }

  private void printChanges(
      List<RingServer> servers, Copies wanted, SlotTable table, PrintWriter out) {
    var rows = new TextTable("change", "moves", "ideal", "by ideal", "of all copies");
    long next = servers.stream().mapToLong(RingServer::id).max().orElse(0) + 1;
    List<String> joining = joins.isEmpty() && leaves.isEmpty() ? List.of(like(servers)) : joins;
    for (String join : joining) {
      var more = new ArrayList<>(servers);
      more.add(RingSource.server(next, join));
      print("server " + next + " joins (" + join + ")", servers, more, wanted, table, rows);
    }
    List<Long> leaving =
        joins.isEmpty() && leaves.isEmpty() ? List.of(servers.getFirst().id()) : leaves;
    for (long leave : leaving) {
      var fewer = new ArrayList<>(servers);
      if (!fewer.removeIf(server -> server.id() == leave)) {
        throw UserError.usage("there is no server " + leave);
      }
      if (!fewer.isEmpty()) {
        print("server " + leave + " leaves", servers, fewer, wanted, table, rows);
      }
    }
    out.print(rows);
  }

  private static void print(
      String what,
      List<RingServer> before,
      List<RingServer> after,
      Copies wanted,
      SlotTable table,
      TextTable rows) {
    RingChange change = RingChange.of(before, table, after, wanted);
    double copiesInAll = (double) change.table().copies() * change.table().slots();
    rows.row(
        what,
        count(change.moved()),
        String.format(Locale.ROOT, "%,.1f", change.ideal()),
        change.ideal() == 0
            ? "-"
            : String.format(Locale.ROOT, "%.3f", change.moved() / change.ideal()),
        String.format(Locale.ROOT, "%.1f %%", 100 * change.moved() / Math.max(1, copiesInAll)));
  }

  /// One more like the first.
  private static String like(List<RingServer> servers) {
    RingServer first = servers.getFirst();
    return "capacity="
        + number(first.capacity())
        + (first.dataCentre().isEmpty() ? "" : ",dc=" + first.dataCentre())
        + (first.rack().isEmpty() ? "" : ",rack=" + first.rack());
  }

  private static String named(String place) {
    return place.isEmpty() ? "-" : place;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
