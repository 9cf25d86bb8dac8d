package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/// Connections that are there and say nothing, over sockets.
final class ManyConnectionsTest {
  private static final int COUNT = 10_000;
  private static final int ANSWER_MILLIS = 120_000;

  @SuppressWarnings("NullAway.Init") // by JUnit
  @TempDir
  Path directory;

  @Test
  void tenThousandIdleConnectionsAreServed() throws Exception {
    long files =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()
            : Long.MAX_VALUE;
    assumeTrue(
        files > COUNT + 100,
        () ->
            "not tested: "
                + COUNT
                + " connections need as many files, and the limit leaves "
                + files);
    try (var server = new SocketServer(directory, RespOptions.defaults());
        var jedis = new Jedis("127.0.0.1", server.port, ANSWER_MILLIS)) {
      jedis.set("a", "1");
      long before = heapBytes();
      Process clients = clients(server.port);
      try (BufferedReader said = clients.inputReader();
          var told = new PrintWriter(clients.outputWriter(), true)) {
        assertEquals("connected", said.readLine());
        // A connection may be there before the server has taken it; one that is answered is taken.
        told.println("ping");
        assertEquals(Integer.toString(COUNT), said.readLine());
        assertTrue(jedis.info("clients").contains("connected_clients:" + (COUNT + 1)));
        assertEquals("OK", jedis.set("a", "2"));
        assertEquals("2", jedis.get("a"));
        long each = (heapBytes() - before) / COUNT;
        System.out.println("ManyConnectionsTest: " + each + " bytes of heap per idle connection");
        assertTrue(each < 16 << 10, "bytes of heap per idle connection: " + each);
        told.println("ping");
        assertEquals(Integer.toString(COUNT), said.readLine());
      } finally {
        clients.destroyForcibly().waitFor();
      }
      assertEquals("2", jedis.get("a"));
    }
  }

  private Process clients(int port) throws IOException, URISyntaxException {
    Path classes =
        Path.of(IdleClients.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    File errors = Files.createTempFile(directory, "clients", ".log").toFile();
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                classes.toString(),
                IdleClients.class.getName(),
                Integer.toString(port),
                Integer.toString(COUNT)))
        .redirectError(errors)
        .start();
  }

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
