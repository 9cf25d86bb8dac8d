package dev.henge.cli;

import dev.henge.cli.demo.DemoCommand;
import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The `henge` command.
///
/// - Exit status: 0 done, 1 a command or a check failed, 2 the command line makes no sense.
/// - Errors: one line on the standard error stream; `--verbose` adds the stack trace.
@Command(
    name = "henge",
    description = "A key-value database that never loses an acknowledged write.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UpCommand.class,
      ServerCommand.class,
      DemoCommand.class,
      GetCommand.class,
      PutCommand.class,
      DeleteCommand.class,
      ScanCommand.class,
      KeyspaceCommand.class,
      ClusterCommand.class,
      CheckCommand.class,
      InspectCommand.class,
      SimulationCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
      VersionCommand.class,
      RehearseCommand.class,
    },
    footerHeading = "%nStart here:%n",
    footer = {
      "  henge up               a server on this machine; then, in another terminal:",
      "  henge put hello world",
      "  henge get hello        or any Redis client on port 7400, any HTTP client on 7401",
      "  henge demo             real data, a SIGKILL in the middle, and proof that nothing is lost",
      "",
      "'henge COMMAND --help' tells more about a command.",
    })
public final class Henge implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error.")
  private boolean verbose;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  Henge() {}

  @SuppressWarnings("SystemExitOutsideMain")
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /// The parser with every command.
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Henge());
    ServerCommand.addSettings(subcommand(line, "server").getCommandSpec());
    subcommand(line, "bench").setStopAtPositional(true);
    subcommand(line, "sim").setStopAtPositional(true).setUnmatchedOptionsArePositionalParams(true);
    CommandLine chaos = subcommand(line, "chaos").setUnmatchedOptionsArePositionalParams(true);
    // The program behind it knows its options, and answers --help itself.
    chaos.getCommandSpec().remove(chaos.getCommandSpec().findOption("--help"));
    line.setUsageHelpWidth(100);
    line.setUsageHelpAutoWidth(false);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Henge::usageError);
    line.setExecutionExceptionHandler((error, failed, parsed) -> executionError(error, failed));
    return line;
  }

  private static CommandLine subcommand(CommandLine line, String name) {
    return Objects.requireNonNull(line.getSubcommands().get(name));
  }

  /// `henge` alone.
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int usageError(ParameterException error, String[] arguments) {
    CommandLine line = error.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("henge: " + firstLine(String.valueOf(error.getMessage())));
    CommandLine.UnmatchedArgumentException.printSuggestions(error, err);
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return UserError.USAGE;
  }

  private static int executionError(Exception error, CommandLine line) {
    PrintWriter err = line.getErr();
    String text = text(error);
    boolean expected = error instanceof UserError || error instanceof IOException;
    err.println("henge: " + (expected ? text : error.getClass().getSimpleName() + ": " + text));
    if (wantsTrace(line)) {
      printTrace(error, err);
    } else if (!expected) {
      err.println("This is a bug in henge; the same command with --verbose shows where.");
    }
    return error instanceof UserError user ? user.exitCode() : UserError.FAILED;
  }

  /// The message; where a file is all that it names, also what is wrong with it.
  private static String text(Exception error) {
    String text = error.getMessage();
    return switch (error) {
      case AccessDeniedException denied -> text + ": permission denied";
      case NoSuchFileException missing -> text + ": no such file or directory";
      case FileAlreadyExistsException other -> text + ": there is a file of this name";
      default -> text == null ? error.getClass().getSimpleName() : text;
    };
  }

  private static void printTrace(Throwable error, PrintWriter err) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      err.println((cause == error ? "" : "caused by ") + cause);
      for (StackTraceElement frame : cause.getStackTrace()) {
        err.println("  at " + frame);
      }
    }
  }

  private static boolean wantsTrace(CommandLine line) {
    return line.getCommandSpec().root().userObject() instanceof Henge henge && henge.verbose;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
