package dev.henge.cli;

import dev.henge.base.system.SystemDisk;
import dev.henge.server.Server;
import dev.henge.server.config.ConfigException;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `henge rehearse`, for the launcher: starts a node on a temporary directory, uses it a little,
/// and stops it, so that Java can note what a start loads and links (its ahead-of-time cache).
@Command(name = "rehearse", hidden = true, description = "Train Java's ahead-of-time cache.")
final class RehearseCommand implements Callable<Integer> {
  private static final String SCRIPT =
      "HELLO 3\r\nSET a 1\r\nGET a\r\nINCR a\r\nMSET b 2 c 3\r\nDEL b\r\nINFO\r\nQUIT\r\n";

  RehearseCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException, ConfigException {
    Path directory = Files.createTempDirectory("henge-rehearsal-");
    try {
      NodeConfig config =
          NodeConfig.builder()
              .set(Settings.DATA, directory.resolve("data").toString())
              .set(Settings.PORT, 0)
              .build();
      try (Server server = Server.start(config)) {
        talkRedis(server.respPort());
        talkHttp(server.httpPort());
      }
    } finally {
      new SystemDisk().deleteTree(directory);
    }
    return 0;
  }

  private static void talkRedis(int port) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(SCRIPT.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      in.readAllBytes();
    }
  }

  private static void talkHttp(int port) throws IOException, InterruptedException {
    URI key = URI.create("http://127.0.0.1:" + port + "/v1/default/keys/a");
    try (HttpClient client = HttpClient.newHttpClient()) {
      var put = HttpRequest.newBuilder(key).PUT(HttpRequest.BodyPublishers.ofString("1")).build();
      var get = HttpRequest.newBuilder(key).build();
      client.send(put, BodyHandlers.ofByteArray());
      client.send(get, BodyHandlers.ofByteArray());
    }
  }
}
