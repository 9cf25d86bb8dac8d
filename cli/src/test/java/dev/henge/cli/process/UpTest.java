package dev.henge.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// `henge up` as a process of its own, and the nodes that it starts.
final class UpTest {
  private static final int NODES = 2;
  private static final int PATIENCE_SECONDS = 180;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  @Test
  void nodesStopWhenUpIsKilled() throws Exception {
    Path data = directory.resolve("data");
    List<String> command = new ArrayList<>(ServerProcess.command());
    assertEquals("server", command.removeLast());
    command.addAll(
        List.of(
            "up",
            "--nodes",
            Integer.toString(NODES),
            "--data",
            data.toString(),
            "--port",
            Integer.toString(FreePorts.ofNodes(NODES))));
    Process up =
        new ProcessBuilder(command).redirectError(directory.resolve("up.log").toFile()).start();
    List<ProcessHandle> nodes = List.of();
    try {
      awaitFormed(up);
      nodes = up.children().toList();
      assertEquals(NODES, nodes.size());
      up.destroyForcibly().waitFor();
      for (ProcessHandle node : nodes) {
        node.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      for (int index = 0; index < NODES; index++) {
        String log = Files.readString(LocalCluster.logFile(data.resolve("logs"), index));
        assertTrue(log.contains("the program that started this node is gone"), log);
      }
    } finally {
      up.destroyForcibly();
      nodes.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static void awaitFormed(Process up) throws IOException {
    BufferedReader out = up.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("henge: cluster ready")) {
        return;
      }
    }
    throw new IOException("henge up has ended");
  }
}
