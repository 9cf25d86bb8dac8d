package dev.henge.cli.process;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program of the sources that has no place in a server, as a process with its own class path,
/// this process's input and output, and the flags that every JVM of ours has.
public final class OtherProgram {
  private OtherProgram() {}

  /// Runs it to its end.
  ///
  /// @param classPathProperty system property that names the file with its class path
  /// @param flags for its JVM, besides the usual
  /// @return its exit status
  public static int run(
      String classPathProperty, List<String> flags, String main, List<String> arguments)
      throws IOException, InterruptedException {
    String file = System.getProperty(classPathProperty);
    String root = System.getProperty("henge.root");
    if (file == null || root == null) {
      throw UserError.failed("this command is started by the ./henge script of the sources");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:+UseCompactObjectHeaders");
    // Where the command is that starts servers, whatever directory this is run in.
    command.add("-Dhenge.root=" + root);
    command.addAll(flags);
    command.addAll(List.of("-cp", Files.readString(Path.of(file)).strip(), main));
    command.addAll(arguments);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
