package dev.henge.server.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `docs/COMMANDS.md` is what the command table says; `-Drewrite=true` writes it.
class CommandsPageTest {
  private static final Path PAGE = Path.of("../docs/COMMANDS.md");

  @Test
  void pageIsWhatTheTableSays() throws IOException {
    String page = page(CommandTable.standard());
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(PAGE, page);
      return;
    }
    assertEquals(page, Files.readString(PAGE), "rewritten by -Drewrite=true");
  }

  @Test
  void everyCommandIsDocumented() {
    for (Command command : CommandTable.standard().commands()) {
      assertFalse(command.summary().isEmpty(), command.name());
      for (Command subcommand : command.subcommands().values()) {
        assertFalse(subcommand.summary().isEmpty(), subcommand.fullName());
      }
    }
  }

  private static String page(CommandTable table) {
    Map<String, List<Command>> byGroup =
        new TreeMap<>(table.commands().stream().collect(Collectors.groupingBy(Command::group)));
    var text =
        new StringBuilder(
            """
            # Commands

            Made from the command table by `CommandsPageTest`; do not edit. Semantics and error texts
            are those of Redis 7.2. The last column says which kinds of keyspace carry a command:
            s(trong), e(ventual), c(ache).

            What differs from Redis, on purpose:

            - `SET ... IFEQ value` writes only where the value is `value`, as in Valkey.
            - `SELECT` takes a name, too: that of a keyspace.
            - `DBSIZE` walks over the keys: exact, but not O(1).
            - `WAIT` and `WAITAOF` answer at once about what one node has evaluated alone; `WAITAOF 1 0`
              syncs the log if it must.
            - `INFO`, `ROLE` and `HELLO` tell this node's role in the group of the connection's keyspace: the
              leader is the master, others are replicas of it, with `slave_read_only:0`, because every node
              takes every request. Of a keyspace with several groups it is one that this node leads, or else
              the first. Offsets are indexes of the group's log.
            - Clients of the Redis Cluster protocol follow a failover without a restart; Lettuce looks at the
              cluster again only where it is told to (`enableAllAdaptiveRefreshTriggers`).
            - Errors of our own: `OVERLOADED`, `UNAVAILABLE`, `DISKFULL`, `STOPPED`, `REMOVED`, `UNKNOWN`,
              `DAMAGED`; of eventual keyspaces also `SIBLINGS`, `TOOMANYSIBLINGS`, `BADCONTEXT`,
              `CLOCKAHEAD`.
            - An eventual keyspace carries the commands marked `e`, `SET` with an expiry but without `NX`,
              `XX`, `IFEQ` or `GET`, `EXPIRE` and its kind without a condition. `INCR` makes counters, of
              type `counter`, not numbers in strings; `DBSIZE` and `SCAN` ask one copy of each slot.
              Others answer `ERR GETSET needs a strong or cache keyspace`
              ([what it promises](CONSISTENCY.md)).
            - `GETEX` finds fault with a wrong time even where the key is missing.
            - `SCAN` may show a key twice when more than a thousand walks go on at once.
            - A longest request, transaction and walk are bounded; errors say so.
            """);
    byGroup.forEach((group, commands) -> {
      text.append("\n## ").append(title(group)).append("\n\n");
      text.append("| command | what it does | reply | cost | since | |\n");
      text.append("|---|---|---|---|---|---|\n");
      for (Command command : commands) {
        if (command.subcommands().isEmpty() || command.handler() != null) {
          row(text, command);
        }
        command.subcommands().values().forEach(subcommand -> row(text, subcommand));
      }
    });
    return text.toString();
  }

  private static void row(StringBuilder text, Command command) {
    String name = command.fullName().replace('|', ' ').toUpperCase(Locale.ROOT);
    String usage = command.syntax().isEmpty() ? name : name + " " + command.syntax();
    String modes =
        command.modes().stream()
            .map(mode -> mode.name().substring(0, 1).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining());
    text.append("| `")
        .append(usage.replace("|", "\\|"))
        .append("` | ")
        .append(command.summary())
        .append(" | ")
        .append(command.replyKind())
        .append(" | ")
        .append(command.complexity())
        .append(" | ")
        .append(command.since())
        .append(" | ")
        .append(modes)
        .append(" |\n");
  }

  private static String title(String group) {
    return group.substring(0, 1).toUpperCase(Locale.ROOT) + group.substring(1);
  }
}
