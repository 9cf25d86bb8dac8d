package dev.henge.simulation.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// A namespace can reach the clients' address, and cannot while one direction is blocked.
@NullMarked
final class NamespaceHostingTest {
  /// Long enough for what works, and not too long for what must not.
  private static final int PATIENCE_SECONDS = 60;

  private static final int BLOCKED_SECONDS = 1;

  @Test
  void whatIsBlockedDoesNotArriveAndWhatIsMendedDoes() throws IOException {
    try (NamespaceHosting hosting = hosting(2);
        var clients = new ServerSocket()) {
      String address = hosting.host(Hosting.CLIENTS);
      clients.bind(new InetSocketAddress(address, 0));
      int port = clients.getLocalPort();
      assertEquals("henge", heard(PATIENCE_SECONDS, hosting, clients, 1, address, port));
      hosting.block(1, Hosting.CLIENTS);
      assertEquals("", heard(BLOCKED_SECONDS, hosting, clients, 1, address, port));
      assertEquals("henge", heard(PATIENCE_SECONDS, hosting, clients, 0, address, port));
      hosting.unblock(1, Hosting.CLIENTS);
      hosting.block(Hosting.CLIENTS, 1);
      assertEquals("", heard(BLOCKED_SECONDS, hosting, clients, 1, address, port), "no way back");
      hosting.unblock(Hosting.CLIENTS, 1);
      assertEquals("henge", heard(PATIENCE_SECONDS, hosting, clients, 1, address, port));
    }
  }

  @Test
  void nothingIsLeftBehind() throws IOException {
    NamespaceHosting hosting = hosting(1);
    String prefix = hosting.commandPrefix(0).getLast();
    hosting.close();
    Process list = new ProcessBuilder("ip", "netns", "list").start();
    assertFalse(new String(list.getInputStream().readAllBytes()).contains(prefix));
  }

  /// What arrives when a process of node `index` sends a word to the clients; nothing when it
  /// cannot connect in time.
  private static String heard(
      int seconds,
      NamespaceHosting hosting,
      ServerSocket clients,
      int index,
      String address,
      int port)
      throws IOException {
    var command = new ArrayList<>(hosting.commandPrefix(index));
    String talk = "exec 3<>/dev/tcp/" + address + "/" + port + " && printf henge >&3";
    command.addAll(List.of("timeout", "" + seconds, "bash", "-c", talk));
    clients.setSoTimeout((seconds + 1) * 1_000); // before anybody waits by it
    CompletableFuture<String> word =
        CompletableFuture.supplyAsync(() -> {
          try (Socket socket = clients.accept()) {
            return new String(socket.getInputStream().readAllBytes());
          } catch (IOException nobody) {
            return "";
          }
        });
    new ProcessBuilder(command).inheritIO().start().onExit().join();
    return word.join();
  }

  private static NamespaceHosting hosting(int nodes) {
    try {
      return NamespaceHosting.create(nodes);
    } catch (IOException e) {
      System.out.println("NamespaceHostingTest: SKIPPED, no network namespaces: " + e.getMessage());
      Assumptions.abort("no network namespaces");
      throw new AssertionError(e);
    }
  }
}
