package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.ADMIN;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.NOSCRIPT;
import static dev.henge.server.resp.Command.Flag.STALE;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// CLIENT and its subcommands: connections by name and number.
final class ClientCommands {
  private ClientCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("client")
            .group("connection")
            .arity(-2)
            .since("2.4.0")
            .flags(NOSCRIPT)
            .summary("Commands about connections.")
            .subcommand(
                sub("id", 2, "5.0.0", "", "Returns the number of this connection.")
                    .handler(
                        "integer", (session, request, out) -> out.number(session.client().id())))
            .subcommand(
                sub("getname", 2, "2.6.9", "", "Returns the name of this connection.")
                    .handler("bulk string, or null", ClientCommands::name))
            .subcommand(
                sub("setname", 3, "2.6.9", "connection-name", "Names this connection.")
                    .handler(
                        "simple string `OK`",
                        (session, request, out) -> {
                          session.client().name(validName(request, 2));
                          out.ok();
                        }))
            .subcommand(
                sub("setinfo", 4, "7.2.0", SETINFO_SYNTAX, "Tells the client library in use.")
                    .handler("simple string `OK`", ClientCommands::setInfo))
            .subcommand(
                sub("info", 2, "6.2.0", "", "Describes this connection.")
                    .handler(
                        "text",
                        (session, request, out) -> out.verbatim(describe(session, session))))
            .subcommand(
                sub("list", -2, "2.4.0", LIST_SYNTAX, "Describes connections.")
                    .flags(ADMIN)
                    .complexity("O(N) in the number of connections")
                    .handler("text", ClientCommands::list))
            .subcommand(
                sub("kill", -3, "2.4.0", KILL_SYNTAX, "Closes connections.")
                    .flags(ADMIN)
                    .complexity("O(N) in the number of connections")
                    .handler("integer, or `OK` in the short form", ClientCommands::kill))
            .subcommand(
                sub("no-evict", 3, "7.0.0", "(ON | OFF)", "Accepted: no connection is evicted.")
                    .flags(ADMIN)
                    .handler(
                        "simple string `OK`",
                        (session, request, out) -> {
                          session.client().noEvict(onOrOff(request));
                          out.ok();
                        }))
            .subcommand(
                sub("no-touch", 3, "7.2.0", "(ON | OFF)", "Accepted: reads touch no key.")
                    .handler(
                        "simple string `OK`",
                        (session, request, out) -> {
                          session.client().noTouch(onOrOff(request));
                          out.ok();
                        }))
            .subcommand(
                sub("help", 2, "5.0.0", "", "Lists the subcommands.")
                    .handler("array", (session, request, out) -> Help.write(out, "CLIENT", HELP))));
  }

  private static final String SETINFO_SYNTAX = "(LIB-NAME libname | LIB-VER libver)";
  private static final String LIST_SYNTAX =
      "[TYPE (NORMAL | MASTER | REPLICA | PUBSUB)] [ID client-id [client-id ...]]";
  private static final String KILL_SYNTAX =
      "(ip:port | [ID client-id] [TYPE (NORMAL | MASTER | REPLICA | PUBSUB)] [USER username]"
          + " [ADDR ip:port] [LADDR ip:port] [SKIPME (YES | NO)])";

  private static final String[] HELP = {
    "GETNAME",
    "    Return the name of this connection.",
    "ID",
    "    Return the number of this connection.",
    "INFO",
    "    Describe this connection.",
    "KILL <ip:port>",
    "    Close the connection from there.",
    "KILL <option> <value> [<option> <value> [...]]",
    "    Close connections by ID, TYPE, USER, ADDR, LADDR; SKIPME (yes|no) spares this one.",
    "LIST [options ...]",
    "    Describe connections, all or by TYPE or ID.",
    "NO-EVICT (ON|OFF)",
    "    Accepted: no connection is evicted.",
    "NO-TOUCH (ON|OFF)",
    "    Accepted: reads touch no key.",
    "SETINFO (LIB-NAME|LIB-VER) <value>",
    "    Tell the client library in use.",
    "SETNAME <name>",
    "    Name this connection.",
  };

  private static Command.Builder sub(
      String name, int arity, String since, String syntax, String summary) {
    return Command.named(name)
        .arity(arity)
        .since(since)
        .syntax(syntax)
        .summary(summary)
        .flags(NOSCRIPT, LOADING, STALE);
  }

  /// A name for a connection: no spaces, nothing unprintable.
  static String validName(Request request, int index) throws CommandException {
    return printable(
        request, index, "ERR Client names cannot contain spaces, newlines or special characters.");
  }

  private static String printable(Request request, int index, String error)
      throws CommandException {
    for (byte letter : request.bytes(index)) {
      if (letter < '!' || letter > '~') {
        throw new CommandException(error);
      }
    }
    return request.text(index);
  }

  private static void name(RespSession session, Request request, ReplyWriter out) {
    String name = session.client().name();
    if (name.isEmpty()) {
      out.nothing();
    } else {
      out.bulk(name);
    }
  }

  private static void setInfo(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    String option = request.text(2);
    String value;
    switch (option.toLowerCase(Locale.ROOT)) {
      case "lib-name" -> {
        value = printable(request, 3, badInfo("lib-name"));
        session.client().libraryName(value);
      }
      case "lib-ver" -> {
        value = printable(request, 3, badInfo("lib-ver"));
        session.client().libraryVersion(value);
      }
      default -> throw new CommandException("ERR Unrecognized option '" + request.shown(2) + "'");
    }
    out.ok();
  }

  private static String badInfo(String option) {
    return "ERR " + option + " cannot contain spaces, newlines or special characters.";
  }

  private static boolean onOrOff(Request request) throws CommandException {
    if (request.is(2, "ON")) {
      return true;
    }
    if (request.is(2, "OFF")) {
      return false;
    }
    throw CommandException.syntax();
  }

  private static String describe(RespSession session, RespSession asking) {
    return session
            .client()
            .describe(
                asking.server().clock().monotonicNanos(),
                session.inputBytes(),
                session.outputBytes())
        + "\n";
  }

  private static void list(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Predicate<RespSession> wanted = other -> true;
    if (request.count() == 4 && request.is(2, "TYPE")) {
      boolean normal = isNormal(request, 3);
      wanted = other -> normal;
    } else if (request.count() > 3 && request.is(2, "ID")) {
      Set<Long> ids = new HashSet<>();
      for (int i = 3; i < request.count(); i++) {
        ids.add(request.integer(i, "ERR Invalid client ID"));
      }
      wanted = other -> ids.contains(other.client().id());
    } else if (request.count() != 2) {
      throw CommandException.syntax();
    }
    var text = new StringBuilder();
    for (RespSession other : session.server().sessions().inOrder()) {
      if (wanted.test(other)) {
        text.append(describe(other, session));
      }
    }
    out.verbatim(text.toString());
  }

  private static boolean isNormal(Request request, int index) throws CommandException {
    return switch (request.text(index).toLowerCase(Locale.ROOT)) {
      case "normal" -> true;
      case "master", "slave", "replica", "pubsub" -> false;
      default ->
          throw new CommandException("ERR Unknown client type '" + request.shown(index) + "'");
    };
  }

  private static void kill(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() == 3) {
      String address = request.text(2);
      int killed = kill(session, other -> other.client().remoteAddress().equals(address), false);
      if (killed == 0) {
        throw new CommandException("ERR No such client");
      }
      out.ok();
      return;
    }
    if (request.count() % 2 == 1) {
      throw CommandException.syntax();
    }
    boolean sparesSelf = true;
    var filters = new ArrayList<Predicate<RespSession>>();
    for (int i = 2; i < request.count(); i += 2) {
      @Nullable Predicate<RespSession> filter = null;
      String value = request.text(i + 1);
      if (request.is(i, "ID")) {
        long id = request.integer(i + 1, "ERR client-id should be greater than 0");
        if (id < 1) {
          throw new CommandException("ERR client-id should be greater than 0");
        }
        filter = other -> other.client().id() == id;
      } else if (request.is(i, "TYPE")) {
        boolean normal = isNormal(request, i + 1);
        filter = other -> normal;
      } else if (request.is(i, "ADDR")) {
        filter = other -> other.client().remoteAddress().equals(value);
      } else if (request.is(i, "LADDR")) {
        filter = other -> other.client().localAddress().equals(value);
      } else if (request.is(i, "USER")) {
        if (!value.equals("default")) {
          throw new CommandException("ERR No such user '" + request.shown(i + 1) + "'");
        }
      } else if (request.is(i, "SKIPME")) {
        sparesSelf =
            switch (value.toLowerCase(Locale.ROOT)) {
              case "yes" -> true;
              case "no" -> false;
              default -> throw CommandException.syntax();
            };
      } else {
        throw CommandException.syntax();
      }
      if (filter != null) {
        filters.add(filter);
      }
    }
    out.number(
        kill(session, other -> filters.stream().allMatch(one -> one.test(other)), sparesSelf));
  }

  private static int kill(RespSession session, Predicate<RespSession> wanted, boolean sparesSelf) {
    int count = 0;
    for (RespSession other : session.server().sessions().inOrder()) {
      if (!wanted.test(other) || (sparesSelf && other == session)) {
        continue;
      }
      count++;
      if (other == session) {
        session.end();
      } else {
        other.connection().close();
      }
    }
    return count;
  }
}
