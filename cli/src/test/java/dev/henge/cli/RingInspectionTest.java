package dev.henge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `henge inspect ring`: servers from options, a file, a running node and its data directory.
final class RingInspectionTest {
  private static final Path GOLDEN = Path.of("src", "test", "resources", "inspect-ring.txt");

  @TempDir private Path directory;

  /// `-Drewrite=true` rewrites the file.
  @Test
  void theTableIsAsReviewed() throws Exception {
    var text = new StringBuilder();
    for (String line :
        List.of(
            "inspect ring --servers 5 --capacity 1,1,2,4,1 --racks r1,r2,r3",
            "inspect ring --servers 6 --centres eu,us --copies eu=3,us=2 --leave 4",
            "inspect ring --servers 100 --join capacity=2 --join --leave 7")) {
      Run run = Run.henge(line.split(" "));
      assertEquals(0, run.status(), run.err());
      text.append("$ henge ").append(line).append('\n').append(run.out()).append('\n');
    }
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(GOLDEN, text);
    }
    assertEquals(Files.readString(GOLDEN), text.toString(), "to rewrite it: -Drewrite=true");
  }

  @Test
  void serversStandInAFile() throws Exception {
    Path file = directory.resolve("servers.txt");
    Files.writeString(file, "# mine\n7 capacity=2,dc=eu\n8\n\n11 rack=r1 # new\n");
    Run run = Run.henge("inspect", "ring", "--file", file.toString(), "--leave", "8");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().startsWith("3 servers, 16,384 slots, 3 copies of each"), run.out());
    assertTrue(run.out().contains("server 8 leaves"), run.out());
  }

  @Test
  void aNodesMembersAreServers() throws Exception {
    Path data = directory.resolve("data");
    try (Server server =
        Server.start(
            NodeConfig.builder()
                .set(Settings.DATA, data.toString())
                .set(Settings.PORT, 0)
                .build())) {
      String port = Integer.toString(server.httpPort() - 1);
      Run live = Run.henge("inspect", "ring", "--cluster", "--port", port);
      assertEquals(0, live.status(), live.err());
      assertTrue(live.out().startsWith("1 servers, 16,384 slots, 1 copies of each"), live.out());
    }
    Run stored = Run.henge("inspect", "ring", "--data", data.toString());
    assertEquals(0, stored.status(), stored.err());
    assertTrue(stored.out().contains("server 2 joins"), stored.out());
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    for (String line :
        List.of(
            "--servers 0",
            "--copies 0",
            "--copies eu=9,us=9",
            "--copies three",
            "--capacity 0",
            "--capacity 1,-2",
            "--join speed=3",
            "--leave 9",
            "--data nowhere")) {
      Run run = Run.henge(("inspect ring " + line).split(" "));
      assertEquals(2, run.status(), line + ": " + run.out() + run.err());
    }
  }
}
