package dev.henge.cli;

import dev.henge.base.Disk;
import dev.henge.base.system.SystemDisk;
import dev.henge.cli.terminal.UserError;
import dev.henge.data.DatabaseIds;
import dev.henge.data.StoredKey;
import dev.henge.data.StoredRecords;
import dev.henge.server.store.DataDirectoryFiles;
import dev.henge.server.store.DataDirectoryFiles.EngineFiles;
import dev.henge.storage.lsm.CheckReport;
import dev.henge.storage.lsm.LsmChecker;
import dev.henge.storage.lsm.LsmInspector;
import dev.henge.storage.lsm.LsmInspector.Version;
import dev.henge.storage.lsm.inspect.DumpOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `henge inspect object`: every version of one key that tables and log still hold.
@Command(
    name = "object",
    header = "Print every version of a key that is still in tables and log.",
    description = "The newest comes first. Exit status 1 when there is none.")
final class InspectObjectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "The data directory of a node, or the directory of one engine in it.")
  private Path directory = Path.of("");

  @Parameters(index = "1", paramLabel = "KEY")
  private String key = "";

  @Option(
      names = {"-k", "--keyspace"},
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "'default' (database 0), '1' to '15', or a declared name. Default: ${DEFAULT-VALUE}.")
  private String keyspace = "default";

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The keyspace's id, for the directory of one engine.")
  private @Nullable Integer id;

  private final Disk disk = new SystemDisk();

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  InspectObjectCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    var inspector = new LsmInspector(disk, out, DumpOptions.defaults());
    EngineFiles engine = engine();
    int keyspaceId =
        id != null
            ? id
            : engine.keyspaceId() >= 0 ? engine.keyspaceId() : databaseId(inspector, engine);
    byte[] stored = StoredKey.object(keyspaceId, key.getBytes(StandardCharsets.UTF_8));
    List<Version> versions =
        inspector.versions(
            engine.directory(), stored, damage -> err.println("henge: " + damage.getMessage()));
    out.println(StoredKey.describe(stored));
    for (Version version : versions) {
      out.printf(
          Locale.ROOT,
          "sequence %d: %s%n    in %s%n",
          version.sequence(),
          describe(stored, version),
          version.source());
    }
    out.flush();
    if (versions.isEmpty()) {
      err.println("henge: neither tables nor log know this key");
      return UserError.FAILED;
    }
    return 0;
  }

  private static String describe(byte[] stored, Version version) {
    return switch (version.kind()) {
      case DELETE -> "deleted";
      case DELETE_RANGE -> "deleted with a range";
      case PUT -> "put " + StoredRecords.describeValue(stored, version.value());
    };
  }

  private EngineFiles engine() throws IOException {
    if (!disk.exists(directory)) {
      throw UserError.usage("there is no directory " + directory);
    }
    if (!DataDirectoryFiles.isDataDirectory(disk, directory)) {
      if (!LsmChecker.isEngineDirectory(disk, directory)) {
        throw UserError.usage(
            directory + " is neither a node's data directory nor that of an engine");
      }
      return new EngineFiles("", -1, directory);
    }
    String name = database() < 0 ? keyspace : "databases";
    return DataDirectoryFiles.check(disk, directory, new CheckReport()).stream()
        .filter(engine -> engine.keyspace().equals(name))
        .findFirst()
        .orElseThrow(
            () -> UserError.usage("there is no keyspace " + keyspace + " in " + directory));
  }

  /// The number of the database that `--keyspace` names; -1 when it is a declared one.
  private int database() {
    if (keyspace.equals("default")) {
      return 0;
    }
    return keyspace.matches("[0-9]|1[0-5]") ? Integer.parseInt(keyspace) : -1;
  }

  /// SWAPDB exchanges the ids of databases, so the record of them is read first.
  private int databaseId(LsmInspector inspector, EngineFiles engine) throws IOException {
    int database = database();
    if (database < 0) {
      throw UserError.usage("the directory of one engine: name the keyspace by --id");
    }
    List<Version> records =
        inspector.versions(engine.directory(), DatabaseIds.storedKey(), damage -> {});
    boolean there = !records.isEmpty() && records.getFirst().kind() == Version.Kind.PUT;
    byte[] record = there ? records.getFirst().value() : null;
    return DatabaseIds.of(record)[database];
  }
}
