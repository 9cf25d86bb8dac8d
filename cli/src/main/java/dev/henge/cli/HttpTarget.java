package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Which server a client command talks to, and how: options that several commands share.
///
/// - Errors: [UserError] where the server cannot be reached or answers with an error.
final class HttpTarget {
  /// Besides letters and digits, what stands in a path as it is (RFC 3986, unreserved).
  private static final String UNRESERVED = "-._~";

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final JsonMapper JSON = new JsonMapper();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Default: ${DEFAULT-VALUE}.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "7400",
      description =
          "The port given to 'up' or 'server'; HTTP is one above. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Holds the password where the server wants one.")
  private @Nullable Path passwordFile;

  /// The node of the same cluster whose Redis port is at `otherHost:otherPort`, with the same
  /// password.
  HttpTarget elsewhere(String otherHost, int otherPort) {
    var other = new HttpTarget();
    other.host = otherHost;
    other.port = otherPort;
    other.passwordFile = passwordFile;
    return other;
  }

  /// What the server answered.
  record Answer(int status, HttpResponse<byte[]> response) {
    byte[] body() {
      return response.body();
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    /// A header; empty where there is none.
    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    /// The body as JSON.
    JsonNode json() throws IOException {
      try {
        return JSON.readTree(response.body());
      } catch (JacksonException e) {
        throw new IOException("the server's answer is not JSON: " + text(), e);
      }
    }

    /// Passes an answer of the wanted kind on.
    ///
    /// @throws UserError with the server's own words where it is another one
    Answer expect(int... statuses) {
      for (int expected : statuses) {
        if (status == expected) {
          return this;
        }
      }
      throw UserError.failed("the server answered " + status + ": " + problem());
    }

    /// Whether the key that was asked for is there; the other answers are errors.
    boolean found() {
      if (status == 404 && error().path("error").asString("").equals("no_such_key")) {
        return false;
      }
      expect(200, 201, 204);
      return true;
    }

    private String problem() {
      String message = error().path("message").asString("");
      return message.isEmpty() ? text().strip() : message;
    }

    private JsonNode error() {
      try {
        return JSON.readTree(response.body());
      } catch (JacksonException e) {
        return JSON.missingNode();
      }
    }
  }

  /// Sends a request and takes the whole answer.
  ///
  /// @param path from the root on, encoded
  /// @param body null for none
  Answer send(String method, String path, byte @Nullable [] body) throws IOException {
    return send(method, path, body, Map.of());
  }

  /// @param headers besides those that every request has
  Answer send(String method, String path, byte @Nullable [] body, Map<String, String> headers)
      throws IOException {
    return send(method, path, body, headers, TIMEOUT);
  }

  /// @param timeout for the whole answer
  Answer send(
      String method,
      String path,
      byte @Nullable [] body,
      Map<String, String> headers,
      Duration timeout)
      throws IOException {
    BodyPublisher publisher =
        body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + (port + 1) + path))
            .timeout(timeout)
            .method(method, publisher);
    headers.forEach(request::header);
    if (passwordFile != null) {
      String credentials = "default:" + Files.readString(passwordFile).strip();
      String encoded =
          Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
      request.header("Authorization", "Basic " + encoded);
    }
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build()) {
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response);
    } catch (ConnectException e) {
      throw UserError.failed(
          "no server at "
              + host
              + ":"
              + (port + 1)
              + "; start one with 'henge up', or name it with"
              + " --host and --port");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UserError.failed("interrupted");
    }
  }

  /// `text` as one segment of a path: every byte that is not unreserved becomes `%XX`.
  static String segment(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
      char letter = (char) (next & 0xff);
      boolean ascii = letter < 0x80;
      if (ascii && (Character.isLetterOrDigit(letter) || UNRESERVED.indexOf(letter) >= 0)) {
        encoded.append(letter);
      } else {
        encoded.append('%').append(hex(letter >> 4)).append(hex(letter));
      }
    }
    return encoded.toString();
  }

  private static char hex(int digit) {
    return Character.toUpperCase(Character.forDigit(digit & 0xf, 16));
  }
}
