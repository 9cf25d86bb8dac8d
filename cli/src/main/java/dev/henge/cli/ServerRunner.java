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

  /// Serves until the process ends; does not return.
  static void run(NodeConfig config, PrintWriter out) throws IOException, InterruptedException {
    Server server = Server.start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    out.println(
        "henge: ready resp=" + server.respAddress() + " http=http://" + server.httpAddress());
    out.flush();
    new CountDownLatch(1).await();
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
