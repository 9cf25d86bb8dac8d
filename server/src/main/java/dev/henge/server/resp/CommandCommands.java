package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.data.Glob;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// COMMAND: the table, told to clients.
final class CommandCommands {
  private CommandCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("command")
            .arity(-1)
            .since("2.8.13")
            .flags(LOADING, STALE)
            .summary("Describes every command.")
            .handler(
                "array",
                (session, request, out) -> describe(session.server().table().commands(), out))
            .subcommand(
                sub("count", 2, "2.8.13", "", "Counts the commands.")
                    .handler(
                        "integer",
                        (session, request, out) -> out.number(session.server().table().count())))
            .subcommand(
                sub(
                        "info",
                        -2,
                        "2.8.13",
                        "[command-name [command-name ...]]",
                        "Describes commands.")
                    .handler("array", CommandCommands::info))
            .subcommand(
                sub("docs", -2, "7.0.0", "[command-name [command-name ...]]", "Documents commands.")
                    .handler("map", CommandCommands::docs))
            .subcommand(
                sub("list", -2, "7.0.0", LIST_SYNTAX, "Names the commands.")
                    .handler("array", CommandCommands::list))
            .subcommand(
                sub("getkeys", -3, "2.8.13", "command [arg ...]", "Finds the keys of a request.")
                    .handler("array", CommandCommands::keys))
            .subcommand(
                sub("help", 2, "5.0.0", "", "Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "COMMAND",
                                "(no subcommand)",
                                "    Describe every command.",
                                "COUNT",
                                "    Count the commands.",
                                "LIST",
                                "    Name the commands.",
                                "INFO [<command-name> ...]",
                                "    Describe commands; all when none is named.",
                                "DOCS [<command-name> ...]",
                                "    Document commands; all when none is named.",
                                "GETKEYS <full-command>",
                                "    Return the keys of a request."))));
  }

  private static final String LIST_SYNTAX =
      "[FILTERBY (MODULE module-name | ACLCAT category | PATTERN pattern)]";

  private static Command.Builder sub(
      String name, int arity, String since, String syntax, String summary) {
    return Command.named(name)
        .arity(arity)
        .since(since)
        .syntax(syntax)
        .summary(summary)
        .flags(LOADING, STALE);
  }

  private static void describe(Collection<Command> commands, ReplyWriter out) {
    out.array(commands.size());
    for (Command command : commands) {
      describe(command, out);
    }
  }

  private static void info(RespSession session, Request request, ReplyWriter out) {
    CommandTable table = session.server().table();
    if (request.count() == 2) {
      describe(table.commands(), out);
      return;
    }
    out.array(request.count() - 2);
    for (int i = 2; i < request.count(); i++) {
      Command command = table.find(request.text(i));
      if (command == null) {
        out.nothingMany();
      } else {
        describe(command, out);
      }
    }
  }

  private static void describe(Command command, ReplyWriter out) {
    out.array(10);
    out.bulk(command.fullName());
    out.number(command.arity());
    out.set(command.flags().size());
    for (Command.Flag flag : command.flags()) {
      out.simple(flag.name().toLowerCase(Locale.ROOT));
    }
    out.number(command.firstKey());
    out.number(command.lastKey());
    out.number(command.keyStep());
    List<String> categories = command.categories();
    out.set(categories.size());
    for (String category : categories) {
      out.simple(category);
    }
    out.array(0);
    keySpecification(command, out);
    Collection<Command> subcommands = command.subcommands().values();
    out.array(subcommands.size());
    for (Command subcommand : subcommands) {
      describe(subcommand, out);
    }
  }

  private static void keySpecification(Command command, ReplyWriter out) {
    if (command.firstKey() == 0) {
      out.array(0);
      return;
    }
    boolean writes = command.has(Command.Flag.WRITE);
    out.array(1);
    out.map(3);
    out.bulk("flags");
    out.set(1);
    out.simple(writes ? "RW" : "RO");
    out.bulk("begin_search");
    out.map(2);
    out.bulk("type");
    out.bulk("index");
    out.bulk("spec");
    out.map(1);
    out.bulk("index");
    out.number(command.firstKey());
    out.bulk("find_keys");
    out.map(2);
    out.bulk("type");
    out.bulk("range");
    out.bulk("spec");
    out.map(3);
    out.bulk("lastkey");
    out.number(command.lastKey() < 0 ? command.lastKey() : command.lastKey() - command.firstKey());
    out.bulk("keystep");
    out.number(command.keyStep());
    out.bulk("limit");
    out.number(0);
  }

  private static void docs(RespSession session, Request request, ReplyWriter out) {
    CommandTable table = session.server().table();
    List<Command> wanted = new ArrayList<>();
    if (request.count() == 2) {
      wanted.addAll(table.commands());
    }
    for (int i = 2; i < request.count(); i++) {
      Command command = table.find(request.text(i));
      if (command != null) {
        wanted.add(command);
      }
    }
    out.map(wanted.size());
    for (Command command : wanted) {
      document(command, out);
    }
  }

  private static void document(Command command, ReplyWriter out) {
    List<Syntax.Argument> arguments = Syntax.parse(command.syntax());
    Collection<Command> subcommands = command.subcommands().values();
    out.bulk(command.fullName());
    out.map(4 + (arguments.isEmpty() ? 0 : 1) + (subcommands.isEmpty() ? 0 : 1));
    out.bulk("summary");
    out.bulk(command.summary());
    out.bulk("since");
    out.bulk(command.since());
    out.bulk("group");
    out.bulk(command.group());
    out.bulk("complexity");
    out.bulk(command.complexity());
    if (!arguments.isEmpty()) {
      out.bulk("arguments");
      out.array(arguments.size());
      for (Syntax.Argument argument : arguments) {
        document(argument, out);
      }
    }
    if (!subcommands.isEmpty()) {
      out.bulk("subcommands");
      out.map(subcommands.size());
      for (Command subcommand : subcommands) {
        document(subcommand, out);
      }
    }
  }

  private static void document(Syntax.Argument argument, ReplyWriter out) {
    boolean grouped = !argument.parts().isEmpty();
    String token = argument.token();
    int flags = (argument.optional() ? 1 : 0) + (argument.multiple() ? 1 : 0);
    boolean isKey = argument.type().equals("key");
    out.map(3 + (isKey ? 1 : 0) + (token == null ? 0 : 1) + (flags > 0 ? 1 : 0));
    out.bulk("name");
    out.bulk(argument.name());
    out.bulk("type");
    out.bulk(argument.type());
    if (grouped) {
      out.bulk("arguments");
      out.array(argument.parts().size());
      for (Syntax.Argument part : argument.parts()) {
        document(part, out);
      }
    } else {
      out.bulk("display_text");
      out.bulk(argument.name());
    }
    if (isKey) {
      out.bulk("key_spec_index");
      out.number(0);
    }
    if (token != null) {
      out.bulk("token");
      out.bulk(token);
    }
    if (flags > 0) {
      out.bulk("flags");
      out.array(flags);
      if (argument.optional()) {
        out.simple("optional");
      }
      if (argument.multiple()) {
        out.simple("multiple");
      }
    }
  }

  private static void list(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    var names = new ArrayList<String>();
    if (request.count() == 2) {
      for (Command command : session.server().table().commands()) {
        names.add(command.name());
      }
    } else if (request.count() == 5 && request.is(2, "FILTERBY")) {
      filter(session.server().table(), request, names);
    } else {
      throw CommandException.syntax();
    }
    out.array(names.size());
    for (String name : names) {
      out.bulk(name);
    }
  }

  private static void filter(CommandTable table, Request request, List<String> names)
      throws CommandException {
    String wanted = request.text(4);
    var glob = new Glob(request.bytes(4));
    boolean byPattern = request.is(3, "PATTERN");
    boolean byCategory = request.is(3, "ACLCAT");
    if (!byPattern && !byCategory && !request.is(3, "MODULE")) {
      throw CommandException.syntax();
    }
    for (Command command : table.commands()) {
      var candidates = new ArrayList<Command>();
      candidates.add(command);
      candidates.addAll(command.subcommands().values());
      for (Command candidate : candidates) {
        boolean takes =
            byPattern
                ? glob.matches(candidate.fullName().getBytes(StandardCharsets.UTF_8))
                : byCategory && candidate.categories().contains("@" + wanted);
        if (takes) {
          names.add(candidate.fullName());
        }
      }
    }
  }

  private static void keys(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    byte[] name = request.bytes(2);
    Command command = session.server().table().find(ByteBuffer.wrap(name), 0, name.length);
    if (command != null && !command.subcommands().isEmpty() && request.count() > 3) {
      Command subcommand = command.subcommands().get(request.text(3).toLowerCase(Locale.ROOT));
      command = subcommand == null ? command : subcommand;
    }
    if (command == null) {
      throw new CommandException("ERR Invalid command specified");
    }
    if (command.firstKey() == 0) {
      throw new CommandException("ERR The command has no key arguments");
    }
    Request inner = request.from(2);
    if (!command.accepts(inner.count())) {
      throw new CommandException("ERR Invalid number of arguments specified for command");
    }
    List<byte[]> keys = command.keys(inner);
    out.array(keys.size());
    for (byte[] key : keys) {
      out.bulk(key);
    }
  }
}
