package dev.henge.cli;

import dev.henge.base.Disk;
import dev.henge.base.system.SystemDisk;
import dev.henge.cli.terminal.ProgressBar;
import dev.henge.cli.terminal.UserError;
import dev.henge.consensus.log.LogCheck;
import dev.henge.consensus.log.LogStore;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.DataDirectoryFiles.EngineFiles;
import dev.henge.storage.lsm.CheckReport;
import dev.henge.storage.lsm.LsmChecker;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `henge check`: reads every byte of a data directory and says what is wrong with it.
@Command(
    name = "check",
    header = "Verify everything in a data directory.",
    description = {
      "Reads every file and checks every checksum, order and count; changes nothing. One line for"
          + " each problem, with file and offset, and exit status 1; otherwise a summary.",
      "A directory that a running server holds is checked as far as that goes.",
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description =
          "The data directory of a node, or the directory of one engine or of the Raft log in it.")
  private Path directory = Path.of("");

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  CheckCommand() {}

  @Override
  public Integer call() throws IOException {
    Disk disk = new SystemDisk();
    PrintWriter out = spec.commandLine().getOut();
    var whole = new CheckReport();
    List<EngineFiles> engines = engines(disk, whole);
    long total = 0;
    for (EngineFiles engine : engines) {
      total += LsmChecker.byteCount(disk, engine.directory());
    }
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    var bar = new ProgressBar(spec.commandLine().getErr(), terminal, "Check", total);
    var done = new long[1];
    List<CheckReport> reports = new ArrayList<>();
    reports.add(whole);
    for (EngineFiles engine : engines) {
      var report =
          new CheckReport(bytes -> {
            done[0] += bytes;
            bar.update(done[0]);
          });
      LsmChecker.check(disk, engine.directory(), report);
      reports.add(report);
    }
    if (terminal) {
      bar.finish(total, "bytes");
    }
    return print(out, engines, reports, raftLog(disk, whole));
  }

  /// Checks the node's Raft log; null when there is none.
  private LogCheck.@Nullable Summary raftLog(Disk disk, CheckReport report) throws IOException {
    Path below = directory.resolve(LogStore.DIRECTORY);
    Path log = disk.exists(below) ? below : directory;
    return LogCheck.isLogDirectory(disk, log)
        ? LogCheck.check(disk, log, report::problem, report::note)
        : null;
  }

  private List<EngineFiles> engines(Disk disk, CheckReport report) throws IOException {
    if (!disk.exists(directory)) {
      throw UserError.usage("there is no directory " + directory);
    }
    if (DataDirectoryFiles.isDataDirectory(disk, directory)) {
      return DataDirectoryFiles.check(disk, directory, report);
    }
    if (LogCheck.isLogDirectory(disk, directory)) {
      return List.of();
    }
    if (!LsmChecker.isEngineDirectory(disk, directory)) {
      throw UserError.usage(
          directory + " is neither a node's data directory nor that of an engine or a Raft log");
    }
    return List.of(new EngineFiles(String.valueOf(directory.getFileName()), -1, directory));
  }

  /// @param reports that of the directory itself, then one for each engine
  private static int print(
      PrintWriter out,
      List<EngineFiles> engines,
      List<CheckReport> reports,
      LogCheck.@Nullable Summary raftLog) {
    long problems = 0;
    for (CheckReport report : reports) {
      report.problems().forEach(out::println);
      problems += report.problemCount();
    }
    for (CheckReport report : reports) {
      report.notes().forEach(note -> out.println("note: " + note));
    }
    if (problems > 0) {
      out.printf(Locale.ROOT, "%,d problem%s%n", problems, problems == 1 ? "" : "s");
      return UserError.FAILED;
    }
    if (!engines.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "%-24s %8s %14s %12s %14s %8s %12s%n",
          "engine",
          "tables",
          "bytes",
          "blocks",
          "entries",
          "logs",
          "operations");
    }
    for (int i = 0; i < engines.size(); i++) {
      CheckReport report = reports.get(i + 1);
      out.printf(
          Locale.ROOT,
          "%-24s %,8d %,14d %,12d %,14d %,8d %,12d%n",
          engines.get(i).keyspace(),
          report.tableCount(),
          report.tableBytes(),
          report.blockCount(),
          report.entryCount(),
          report.segmentCount(),
          report.operationCount());
    }
    if (raftLog != null) {
      out.printf(
          Locale.ROOT,
          "Raft log: %,d segments, %,d groups, %,d frames, %,d entries%n",
          raftLog.segmentCount(),
          raftLog.groupCount(),
          raftLog.frameCount(),
          raftLog.entryCount());
    }
    out.println("no problems");
    return 0;
  }
}
