package dev.henge.cli;

import dev.henge.cli.process.ServerProcess;
import dev.henge.cli.terminal.UserError;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Setting;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `henge server`: one node in the foreground, told by a file, by flags, or by both; flags win.
///
/// Every setting of a node that is no secret is a flag: they are added to the parser from the
/// node's own list.
@Command(
    name = "server",
    header = "Run one node in the foreground, told by a file or by flags.",
    description = {
      "The node prints 'henge: ready ...' when it serves, and stops cleanly"
          + " on Ctrl-C or SIGTERM. Every setting but the password can stand in the file and on the"
          + " command line, which wins.",
    })
final class ServerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML with lines of 'setting: value'.")
  private @Nullable Path file;

  @Option(
      names = "--requirepass-file",
      paramLabel = "FILE",
      description = "Holds the password that clients must give.")
  private @Nullable Path passwordFile;

  /// Given by programs that start servers, which must not outlive them.
  @Option(
      names = ServerProcess.END_WITH_INPUT,
      hidden = true,
      description = "Stop cleanly when the standard input ends.")
  private boolean endWithInput;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  ServerCommand() {}

  /// Gives the command's parser a flag for each setting.
  static void addSettings(CommandSpec described) {
    for (Setting<?> setting : Settings.ALL) {
      if (!setting.secret()) {
        described.addOption(
            OptionSpec.builder("--" + setting.name())
                .type(String.class)
                .paramLabel("VALUE")
                .description(
                    setting.doc().replace("`", "") + " Default: " + setting.defaultText() + ".")
                .build());
      }
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerRunner.start(config(), spec.commandLine().getOut());
    if (endWithInput) {
      ServerRunner.awaitInputEnd();
    } else {
      ServerRunner.awaitSignal();
    }
    return 0;
  }

  private NodeConfig config() throws IOException {
    NodeConfig.Builder builder = NodeConfig.builder();
    try {
      if (file != null) {
        builder.yaml(file.toString(), read(file));
      }
      if (passwordFile != null) {
        String password = read(passwordFile).strip();
        builder.set(Settings.PASSWORD.name(), password, passwordFile.toString());
      }
      for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
        String name = option.longestName().substring(2);
        if (Settings.find(name).isPresent()) {
          builder.set(name, option.getValue(), option.longestName());
        }
      }
      return builder.build();
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()));
    }
  }

  private static String read(Path path) throws IOException {
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw UserError.usage("there is no file " + path);
    }
  }
}
