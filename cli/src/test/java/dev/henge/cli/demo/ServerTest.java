package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.FreePorts;
import dev.henge.cli.process.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The server as a process: how it starts, refuses to start, and stops.
final class ServerTest {
  @TempDir private Path directory;

  @Test
  void sigtermStopsCleanlyAndDataStays() throws IOException {
    byte[] key = "key".getBytes(StandardCharsets.UTF_8);
    byte[] value = "value".getBytes(StandardCharsets.UTF_8);
    try (ServerProcess server = start()) {
      try (PipelinedClient client = PipelinedClient.connect(server.respPort())) {
        client.write(key, value, () -> {});
        client.drain();
        client.failOnError();
      }
      assertEquals(0, server.stop());
    }
    try (ServerProcess server = start()) {
      AtomicReference<byte @Nullable []> found = new AtomicReference<>();
      try (PipelinedClient client = PipelinedClient.connect(server.respPort())) {
        client.read(key, found::set);
        client.drain();
        client.failOnError();
      }
      assertEquals("value", new String(found.get(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void aSecondServerOnTheSameDataIsRefused() throws IOException {
    try (ServerProcess server = start()) {
      IOException refused = assertThrows(IOException.class, () -> start().close());
      String text = String.valueOf(refused.getMessage());
      assertTrue(text.startsWith("the server ended with status 1: henge: "), text);
      assertTrue(text.contains("LOCK is locked"), text);
      assertEquals(0, server.stop());
    }
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    try (ServerProcess server = start()) {
      Path other = directory.resolve("other");
      IOException refused =
          assertThrows(
              IOException.class,
              () ->
                  ServerProcess.start(other, server.respPort(), directory.resolve("log"), List.of())
                      .close());
      String text = String.valueOf(refused.getMessage());
      // Its other ports are the next ones, and may be in use, too.
      boolean named =
          IntStream.range(0, FreePorts.OF_A_NODE)
              .anyMatch(i -> text.contains(Integer.toString(server.respPort() + i)));
      assertTrue(named && text.contains("in use"), text);
    }
  }

  @Test
  void anUnknownSettingInTheFileIsNamedWithTheNearestOne() throws IOException {
    Path file = directory.resolve("henge.yaml");
    Files.writeString(file, "durability: os\ndurabilty: os\n");
    IOException refused = assertThrows(IOException.class, () -> start("--config", file.toString()));
    String text = String.valueOf(refused.getMessage());
    assertTrue(text.contains("status 2"), text);
    assertTrue(text.contains(":2: unknown setting 'durabilty', did you mean 'durability'?"), text);
  }

  private ServerProcess start(String... arguments) throws IOException {
    return ServerProcess.start(
        directory.resolve("data"), 0, directory.resolve("server.log"), List.of(arguments));
  }
}
