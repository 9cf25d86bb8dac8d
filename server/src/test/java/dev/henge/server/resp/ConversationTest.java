package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.server.eventual.MemoryKeyspaces;
import dev.henge.storage.ModelEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Conversations as text: `> ` stands before a request (words and quotes as in an inline command),
/// `>> ` before raw bytes with escapes, `@ ` before an order to the clock or to copies; what
/// follows is the reply, byte for byte, with a line for each line of the protocol.
///
/// `-Drewrite=true` writes what the server says now; the change is reviewed as a diff.
class ConversationTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/dev/henge/server/resp");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "strings",
        "bits",
        "keys",
        "transactions",
        "connection",
        "introspection",
        "resp3",
        "eventual",
        "protocol",
        "password"
      })
  void saysWhatItSaid(String name) throws IOException {
    Path file = DIRECTORY.resolve(name + ".txt");
    String expected = Files.readString(file);
    String actual = replay(expected, name);
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(file, actual);
      return;
    }
    assertEquals(expected, actual, "rewritten by -Drewrite=true");
  }

  private static String replay(String script, String name) {
    RespOptions options = RespOptions.defaults();
    if (name.equals("password")) {
      options = options.withPassword("secret");
    }
    var fixture = new RespFixture(new ModelEngine(), options);
    MemoryConnection connection = fixture.connect();
    var text = new StringBuilder();
    for (String line : script.split("\n")) {
      boolean raw = line.startsWith(">> ");
      if (line.startsWith("@ sleep ")) {
        fixture.clock.wallMillis += Long.parseLong(line.substring(8));
        text.append(line).append('\n');
      } else if (line.startsWith("@ ") && name.equals("eventual")) {
        order(line.substring(2), fixture.eventual);
        text.append(line).append('\n');
      } else if (line.equals("@ reconnect")) {
        connection.close();
        connection = fixture.connect();
        text.append(line).append('\n');
      } else if (raw || line.startsWith("> ")) {
        List<byte[]> words = words(line.substring(raw ? 3 : 2));
        connection.receive(raw ? words.getFirst() : RespFixture.request(words));
        text.append(line).append('\n').append(shown(connection.takeSent()));
        if (connection.isClosed()) {
          text.append("(closed)\n");
          connection = fixture.connect();
        }
      } else if (line.startsWith("#")) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }

  /// To the copies of the eventual keyspace.
  private static void order(String order, MemoryKeyspaces copies) {
    switch (order.split(" ")[0]) {
      case "apart" -> copies.apart();
      case "together" -> copies.together();
      case "node" -> copies.coordinator(Integer.parseInt(order.substring(5)));
      case "reached" -> copies.reached(Integer.parseInt(order.substring(8)));
      case "lost" -> copies.losesAnswers(true);
      case "found" -> copies.losesAnswers(false);
      default -> throw new IllegalArgumentException(order);
    }
  }

  private static List<byte[]> words(String line) {
    List<byte[]> words = RequestDecoder.split(line.getBytes(StandardCharsets.UTF_8));
    if (words == null) {
      throw new IllegalArgumentException("quotes: " + line);
    }
    return words;
  }

  private static String shown(String reply) {
    var text = new StringBuilder();
    for (int i = 0; i < reply.length(); i++) {
      char letter = reply.charAt(i);
      boolean lineBegins = text.isEmpty() || text.charAt(text.length() - 1) == '\n';
      if (letter == '\r' && i + 1 < reply.length() && reply.charAt(i + 1) == '\n') {
        text.append('\n');
        i++;
      } else if (letter < ' '
          || letter > '~'
          || letter == '\\'
          || (lineBegins && "#>@".indexOf(letter) >= 0)) {
        text.append(String.format("\\x%02x", (int) letter));
      } else {
        text.append(letter);
      }
    }
    return text.toString();
  }
}
