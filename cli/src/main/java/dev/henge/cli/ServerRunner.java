package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;

/// Runs one node in this process until a signal ends it.
///
/// A SIGINT (Ctrl-C) or SIGTERM starts the JVM's shutdown, in which a hook stops the node and sets
/// the exit status: 0 when all is written and closed, 1 when that failed.
final class ServerRunner {
  private ServerRunner() {}

  /// Starts to serve, until the process ends.
  static void start(NodeConfig config, PrintWriter out) throws IOException {
    Server server = Server.start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    out.println(
        "henge: ready resp=" + server.respAddress() + " http=http://" + server.httpAddress());
    out.flush();
  }

  /// Does not return: a signal ends the process.
  static void awaitSignal() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  /// Ends the process, as a signal would, when its standard input ends: whoever held the other end
  /// of that pipe is gone, however it died.
  static void awaitInputEnd() throws IOException {
    while (System.in.read() >= 0) {
      // Nothing is said there.
    }
    System.err.println("henge: the program that started this node is gone: it stops");
    System.exit(0);
  }

  @SuppressWarnings("CatchAndPrintStackTrace")
  private static void stop(Server server) {
    int status = 0;
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      System.err.println("henge: not stopped cleanly: " + e.getMessage());
      status = UserError.FAILED;
    }
    System.out.flush();
    Runtime.getRuntime().halt(status);
  }
}
