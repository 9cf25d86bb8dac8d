package dev.henge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.server.config.Setting;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the command says about itself, as files to review. `-Drewrite=true` rewrites them.
final class HelpTest {
  private static final Path GOLDEN = Path.of("src", "test", "resources", "help");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "up",
        "demo",
        "get",
        "put",
        "del",
        "scan",
        "keyspace",
        "keyspace create",
        "keyspace list",
        "cluster",
        "cluster status",
        "cluster add",
        "cluster remove",
        "cluster replace",
        "cluster transfer",
        "cluster repair",
        "check",
        "inspect",
        "inspect wal",
        "inspect sst",
        "inspect manifest",
        "inspect raft",
        "inspect object",
        "inspect ring",
        "sim",
        "bench",
        "version"
      })
  void helpIsAsReviewed(String command) throws IOException {
    String line = command.isEmpty() ? "--help" : command + " --help";
    Run help = Run.henge(line.split(" "));
    assertEquals(0, help.status(), help.err());
    Path file = GOLDEN.resolve((command.isEmpty() ? "henge" : command.replace(' ', '-')) + ".txt");
    if (Boolean.getBoolean("rewrite")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, help.out());
    }
    assertEquals(Files.readString(file), help.out(), "to rewrite it: -Drewrite=true");
  }

  @Test
  void serverNamesEverySettingThatIsNoSecret() {
    String help = Run.henge("server", "--help").out();
    for (Setting<?> setting : Settings.ALL) {
      assertEquals(!setting.secret(), help.contains("--" + setting.name() + "="), setting.name());
    }
  }

  @Test
  void aloneItPrintsItsHelp() {
    assertEquals(Run.henge("--help"), Run.henge());
  }

  @Test
  void whatMakesNoSenseIsOneLineAndStatus2() {
    Run unknown = Run.henge("upp");
    assertEquals(2, unknown.status());
    assertEquals(
        "henge: Unmatched argument at index 0: 'upp'", unknown.err().lines().toList().get(0));

    Run cluster = Run.henge("up", "--nodes", "10");
    assertEquals(2, cluster.status());
    assertEquals("henge: --nodes 10: 1 to 9\n", cluster.err());

    Run setting = Run.henge("server", "--durability", "maybe");
    assertEquals(2, setting.status());
    assertEquals(
        "henge: --durability: durability is 'maybe', which cannot be; allowed: fsync, interval,"
            + " os\n",
        setting.err());
  }

  @Test
  void noServerIsOneLineThatSaysWhatToDo() {
    Run refused = Run.henge("get", "a", "--port", "1");
    assertEquals(1, refused.status());
    assertEquals(
        "henge: no server at 127.0.0.1:2; start one with 'henge up', or name it with --host and"
            + " --port\n",
        refused.err());
  }
}
