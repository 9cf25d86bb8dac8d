package dev.henge.cli;

import dev.henge.base.system.SystemDisk;
import dev.henge.cli.terminal.UserError;
import dev.henge.consensus.log.LogDump;
import dev.henge.consensus.log.LogStore;
import dev.henge.storage.lsm.LsmInspector;
import dev.henge.storage.lsm.inspect.Dump;
import dev.henge.storage.lsm.inspect.DumpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `henge inspect`: prints what is in a file of an engine or of the Raft log, offsets beside
/// meaning, past damage; and how slots would lie on servers.
@Command(
    name = "inspect",
    header = "Print what is in the files of an engine or the Raft log, or how slots would lie.",
    description = "Reads only, also beside a running server, and goes on behind damage.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      InspectCommand.Wal.class,
      InspectCommand.Sst.class,
      InspectCommand.Manifest.class,
      InspectCommand.Raft.class,
      InspectObjectCommand.class,
      InspectRingCommand.class,
    })
final class InspectCommand implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  InspectCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// How much is printed.
  static final class Shape {
    @Option(names = "--hex", description = "Print the bytes beside their meaning.")
    private boolean hex;

    @Option(
        names = "--entries",
        paramLabel = "COUNT",
        description = "Print at most so many operations or entries.")
    private long entriesMax = Long.MAX_VALUE;

    @Option(
        names = "--text",
        paramLabel = "BYTES",
        defaultValue = "64",
        description = "Cut keys and values behind so many bytes. Default: ${DEFAULT-VALUE}.")
    private int textBytesMax = 64;

    Shape() {}

    private DumpOptions options() {
      return new DumpOptions(hex, Math.max(0, textBytesMax), Math.max(0, entriesMax));
    }
  }

  /// Prints one kind of file.
  abstract static class FileCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private Shape shape = new Shape();

    @Parameters(paramLabel = "FILE")
    private Path file = Path.of("");

    @SuppressWarnings("NullAway.Init") // picocli injects the spec
    FileCommand() {}

    abstract void print(SystemDisk disk, Path path, Appendable out, DumpOptions options)
        throws IOException;

    @Override
    public final Integer call() throws IOException {
      var disk = new SystemDisk();
      if (!disk.exists(file)) {
        throw UserError.usage("there is no file " + file);
      }
      var out = spec.commandLine().getOut();
      print(disk, file, out, shape.options());
      out.flush();
      return 0;
    }
  }

  /// `henge inspect wal FILE`.
  @Command(name = "wal", header = "Print a log segment: frames and their operations.")
  static final class Wal extends FileCommand {
    Wal() {}

    @Override
    void print(SystemDisk disk, Path path, Appendable out, DumpOptions options) throws IOException {
      new LsmInspector(disk, out, options).wal(path);
    }
  }

  /// `henge inspect sst FILE`.
  @Command(name = "sst", header = "Print a table: blocks, entries, filter, properties, index.")
  static final class Sst extends FileCommand {
    Sst() {}

    @Override
    void print(SystemDisk disk, Path path, Appendable out, DumpOptions options) throws IOException {
      new LsmInspector(disk, out, options).sst(path);
    }
  }

  /// `henge inspect manifest FILE`.
  @Command(
      name = "manifest",
      header = "Print a manifest; of an engine's directory, its tables too.")
  static final class Manifest extends FileCommand {
    Manifest() {}

    @Override
    void print(SystemDisk disk, Path path, Appendable out, DumpOptions options) throws IOException {
      new LsmInspector(disk, out, options).manifest(path);
    }
  }

  /// `henge inspect raft FILE`.
  @Command(
      name = "raft",
      header = "Print a segment of the Raft log, or all in its directory: frames and entries.")
  static final class Raft extends FileCommand {
    Raft() {}

    @Override
    void print(SystemDisk disk, Path path, Appendable out, DumpOptions options) throws IOException {
      Path log = path.resolve(LogStore.DIRECTORY); // of a node's directory
      LogDump.print(disk, Files.isDirectory(log) ? log : path, new Dump(out, options));
    }
  }
}
