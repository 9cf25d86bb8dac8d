package dev.henge.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that talk to a server, against a real one that asks for a password.
final class ClientCommandsTest {
  @TempDir private static Path directory;
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    Files.writeString(directory.resolve("password"), "secret\n");
    server =
        Server.start(
            NodeConfig.builder()
                .set(Settings.DATA, directory.resolve("data").toString())
                .set(Settings.PORT, 0)
                .set(Settings.PASSWORD, "secret")
                .build());
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void whatIsPutIsThereUntilDeleted() throws Exception {
    Path file = directory.resolve("value");
    byte[] bytes = "two\nlines \0 and \u00e9".getBytes(StandardCharsets.UTF_8);
    Files.write(file, bytes);
    String key = "a key/with %2F and \u00e9";
    assertEquals(new Run(0, "", ""), client("put", key, "--file", file.toString()));

    Path back = directory.resolve("back");
    assertEquals(new Run(0, "", ""), client("get", key, "--file", back.toString()));
    assertArrayEquals(bytes, Files.readAllBytes(back));

    assertEquals(new Run(0, "1\n", ""), client("del", key, "never there"));
    assertEquals(
        new Run(1, "", "henge: there is no key " + key + "\n"),
        client("get", key, "--file", back.toString()));
  }

  @Test
  void scanGoesOverPagesAndStopsAtTheLimit() {
    for (int i = 0; i < 30; i++) {
      assertEquals(0, client("put", "scan:" + i, "value").status());
    }
    List<String> keys = client("scan", "--prefix", "scan:").out().lines().sorted().toList();
    assertEquals(30, keys.size());
    assertEquals("scan%3A0", keys.getFirst());
    assertEquals(7, client("scan", "--prefix", "scan:", "--limit", "7").out().lines().count());
    assertEquals(30, client("scan", "--prefix", "scan:", "--limit", "0").out().lines().count());
  }

  @Test
  void keyspacesAreMadeAndListed() {
    Run made = client("keyspace", "create", "notes", "--durability", "os", "--ttl-millis", "60000");
    assertEquals(0, made.status(), made.err());
    assertTrue(made.out().startsWith("notes "), made.out());
    assertTrue(made.out().contains("durability=os"), made.out());
    assertTrue(client("keyspace", "list").out().contains(made.out()));

    assertEquals(0, client("put", "a", "b", "--keyspace", "notes").status());
    Run other = client("keyspace", "create", "notes", "--durability", "fsync");
    assertEquals(1, other.status());
    assertTrue(other.err().startsWith("henge: the server answered 409: "), other.err());
    Run nowhere = client("put", "a", "b", "--keyspace", "nowhere");
    assertEquals(1, nowhere.status());
    assertTrue(nowhere.err().startsWith("henge: the server answered 404: "), nowhere.err());
  }

  @Test
  void eventualKeyspacesAreMadeAndListed() {
    String[] create =
        "keyspace create carts --mode eventual --durability os --placement dc1=5 --r 1 --conflicts latest"
            .split(" ");
    Run made = client(create);
    assertEquals(0, made.status(), made.err());
    assertEquals(made.out(), client(create).out(), "the same again");
    String fields = "n=5 r=1 w=3 quorum=sloppy conflicts=latest placement=dc1=5";
    assertTrue(made.out().contains(fields), made.out());
    assertTrue(client("keyspace", "list").out().contains(made.out()));
    Run impossible =
        client("keyspace", "create", "none", "--mode", "eventual", "--n", "2", "--w", "3");
    assertEquals(1, impossible.status());
    assertTrue(
        impossible.err().contains("w is 3: a write cannot have more copies than there are, n is 2"),
        impossible.err());
  }

  @Test
  void copiesAreRepaired() {
    assertEquals(0, client("keyspace", "create", "drifting", "--mode", "eventual").status());
    Run repaired = client("cluster", "repair", "--keyspace", "drifting");
    assertEquals(0, repaired.status(), repaired.err());
    List<String> lines = repaired.out().lines().toList();
    assertTrue(lines.get(0).startsWith("drifting: "), repaired.out());
    assertEquals("Trees equal.", lines.get(1));
    assertEquals(0, client("cluster", "repair").status());
    Run unknown = client("cluster", "repair", "--keyspace", "nobody");
    assertEquals(1, unknown.status());
    assertTrue(unknown.err().contains("nobody"), unknown.err());
    Run strong = client("cluster", "repair", "--keyspace", "default");
    assertEquals(1, strong.status());
    assertTrue(strong.err().contains("'default' is strong"), strong.err());
  }

  @Test
  void concurrentValuesAreShownWithTheContextThatMergesThem() {
    assertEquals(0, client("keyspace", "create", "baskets", "--mode", "eventual").status());
    Run none = client("get", "cart", "-k", "baskets", "--show-context");
    assertEquals(1, none.status());
    assertEquals("henge: there is no key cart", none.err().lines().toList().get(1));
    String nothing = context(none.err());
    assertEquals(0, client("put", "cart", "left", "-k", "baskets", "--context", nothing).status());
    assertEquals(0, client("put", "cart", "right", "-k", "baskets", "--context", nothing).status());

    Run both = printing("get", "cart", "-k", "baskets", "--read-level", "one");
    assertEquals(3, both.status(), both.err());
    List<String> lines = both.out().lines().toList();
    assertEquals("key cart has 2 concurrent values", lines.get(0));
    assertTrue(lines.get(1).startsWith("1: string of 4 bytes, written 20"), both.out());
    assertEquals("left", lines.get(2));
    assertEquals("right", lines.get(4));

    Run merged =
        client(
            "put",
            "cart",
            "merged",
            "-k",
            "baskets",
            "--show-context",
            "-w",
            "all",
            "--context",
            context(both.out()));
    assertEquals(0, merged.status(), merged.err());
    assertEquals("copies 1, of them hints 0", merged.err().lines().toList().get(1));
    assertEquals(new Run(0, "merged\n", ""), printing("get", "cart", "-k", "baskets"));
    Run foreign = client("del", "other", "-k", "baskets", "--context", context(merged.err()));
    assertTrue(foreign.err().startsWith("henge: the server answered 400: "), foreign.err());
    assertEquals(
        new Run(0, "1\n", ""),
        client("del", "cart", "-k", "baskets", "--context", context(merged.err())));
  }

  private static String context(String printed) {
    return printed
        .lines()
        .filter(line -> line.startsWith("context "))
        .findFirst()
        .orElseThrow()
        .substring("context ".length());
  }

  /// A command that prints bytes, which goes around picocli.
  private static Run printing(String... arguments) {
    PrintStream before = System.out;
    var bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      Run run = client(arguments);
      return new Run(run.status(), bytes.toString(StandardCharsets.UTF_8), run.err());
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void withoutThePasswordTheServersAnswerIsShown() {
    Run refused = Run.henge("get", "a", "--port", Integer.toString(server.httpPort() - 1));
    assertEquals(1, refused.status());
    assertTrue(refused.err().startsWith("henge: the server answered 401: "), refused.err());
  }

  private static Run client(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(
        List.of(
            "--port",
            Integer.toString(server.httpPort() - 1),
            "--password-file",
            directory.resolve("password").toString()));
    return Run.henge(line.toArray(String[]::new));
  }
}
