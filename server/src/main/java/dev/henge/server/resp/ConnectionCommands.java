package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.ALLOW_BUSY;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.NOSCRIPT;
import static dev.henge.server.resp.Command.Flag.NO_AUTH;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.data.DatabaseIds;
import dev.henge.server.cluster.Consistency;
import dev.henge.server.store.Keyspace;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/// What belongs to the connection, not to data: greeting, password, selected keyspace.
final class ConnectionCommands {
  private ConnectionCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        connection("ping", -1, "[message]", "Answers PONG, or the message.")
            .flags(FAST)
            .handler("simple string `PONG`, or bulk string", ConnectionCommands::ping),
        connection("echo", 2, "message", "Answers the message.")
            .flags(LOADING, STALE, FAST)
            .handler("bulk string", (session, request, out) -> out.bulk(request.bytes(1))),
        connection("hello", -1, HELLO_SYNTAX, "Greets the server, and chooses the protocol.")
            .since("6.0.0")
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .handler("map", ConnectionCommands::hello),
        connection("auth", -2, "[username] password", "Authenticates the connection.")
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .handler("simple string `OK`", ConnectionCommands::auth),
        connection("select", 2, "index-or-name", "Selects a database or a named keyspace.")
            .flags(LOADING, STALE, FAST)
            .handler("simple string `OK`", ConnectionCommands::select),
        connection("quit", -1, "", "Closes the connection.")
            .insideTransaction()
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .handler(
                "simple string `OK`",
                (session, request, out) -> {
                  out.ok();
                  session.end();
                }),
        connection("reset", 1, "", "Makes the connection as if new.")
            .since("6.2.0")
            .insideTransaction()
            .flags(NOSCRIPT, LOADING, STALE, FAST, NO_AUTH, ALLOW_BUSY)
            .handler("simple string `RESET`", ConnectionCommands::reset));
  }

  private static final String HELLO_SYNTAX =
      "[protover [AUTH username password] [SETNAME clientname]]";

  /// Redis's text for a wrong user or password.
  private static final String WRONG_PASSWORD =
      "WRONGPASS invalid username-password pair or user is disabled.";

  private static Command.Builder connection(String name, int arity, String syntax, String summary) {
    return Command.named(name).group("connection").arity(arity).syntax(syntax).summary(summary);
  }

  private static void ping(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() > 2) {
      throw new CommandException("ERR wrong number of arguments for 'ping' command");
    }
    if (request.count() == 2) {
      out.bulk(request.bytes(1));
    } else {
      out.simple("PONG");
    }
  }

  private static void hello(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    int version = 0;
    if (request.count() > 1) {
      version =
          request.integer(
              1,
              Integer.MIN_VALUE,
              Integer.MAX_VALUE,
              "ERR Protocol version is not an integer or out of range");
      if (version < 2 || version > 3) {
        throw new CommandException("NOPROTO unsupported protocol version");
      }
    }
    int authAt = 0;
    String name = null;
    for (int i = 2; i < request.count(); i++) {
      int more = request.count() - 1 - i;
      if (request.is(i, "AUTH") && more >= 2) {
        authAt = i;
        i += 2;
      } else if (request.is(i, "SETNAME") && more >= 1) {
        name = ClientCommands.validName(request, ++i);
      } else {
        throw new CommandException("ERR Syntax error in HELLO option '" + request.shown(i) + "'");
      }
    }
    if (authAt > 0) {
      authenticate(session, request.bytes(authAt + 1), request.bytes(authAt + 2));
    }
    if (!session.executor().trusted()) {
      throw new CommandException(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
              + " <proto> AUTH <user> <pass> option can be used to authenticate the client and"
              + " select the RESP protocol version at the same time");
    }
    if (name != null) {
      session.client().name(name);
    }
    if (version > 0) {
      out.protocol(version);
      session.client().protocol(version);
    }
    out.map(7);
    out.bulk("server");
    out.bulk("redis");
    out.bulk("version");
    out.bulk(RespServer.REDIS_VERSION);
    out.bulk("proto");
    out.number(out.protocol());
    out.bulk("id");
    out.number(session.client().id());
    out.bulk("mode");
    out.bulk(session.cluster() == null ? "standalone" : "cluster");
    out.bulk("role");
    out.bulk(Replication.of(session).role());
    out.bulk("modules");
    out.array(0);
  }

  private static void auth(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() > 3) {
      throw CommandException.syntax();
    }
    if (request.count() == 2) {
      if (session.server().parameters().password().isEmpty()) {
        throw new CommandException(
            "ERR AUTH <password> called without any password configured for the default user. Are"
                + " you sure your configuration is correct?");
      }
      authenticate(session, DEFAULT_USER, request.bytes(1));
    } else {
      authenticate(session, request.bytes(1), request.bytes(2));
    }
    out.ok();
  }

  private static final byte[] DEFAULT_USER = ReplyWriter.ascii("default");

  private static void authenticate(RespSession session, byte[] user, byte[] password)
      throws CommandException {
    String wanted = session.server().parameters().password();
    boolean known = MessageDigest.isEqual(user, DEFAULT_USER);
    boolean right =
        wanted.isEmpty()
            || MessageDigest.isEqual(password, wanted.getBytes(StandardCharsets.UTF_8));
    if (!known || !right) {
      throw new CommandException(WRONG_PASSWORD);
    }
    session.executor().trust(true);
  }

  private static void select(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Keyspace chosen = keyspace(session, request, 1);
    if (session.cluster() != null && !chosen.equals(session.executor().keyspace())) {
      throw new CommandException("ERR SELECT is not allowed in cluster mode");
    }
    session.executor().select(chosen);
    out.ok();
  }

  /// The keyspace that argument `index` names, by number or name.
  static Keyspace keyspace(RespSession session, Request request, int index)
      throws CommandException {
    if (Request.isInteger(request.bytes(index))) {
      return session.server().keyspaces().database(database(request, index));
    }
    Keyspace found = session.server().keyspaces().find(request.text(index));
    if (found == null) {
      throw new CommandException(
          CommandException.NOT_AN_INTEGER + ", and no keyspace has that name");
    }
    return found;
  }

  /// The number of a database, 0-15.
  static int database(Request request, int index) throws CommandException {
    long number = request.integer(index);
    if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
      throw new CommandException(
          "ERR value is out of range, value must between -2147483648 and 2147483647");
    }
    return inRange((int) number);
  }

  static int inRange(int database) throws CommandException {
    if (database < 0 || database >= DatabaseIds.COUNT) {
      throw new CommandException("ERR DB index is out of range");
    }
    return database;
  }

  private static void reset(RespSession session, Request request, ReplyWriter out) {
    Executor executor = session.executor();
    executor.transaction().discard();
    if (session.cluster() == null) {
      executor.select(session.server().keyspaces().database(0));
    }
    executor.remote().consistency(Consistency.LINEARIZABLE);
    executor.eventual().levels(null, null);
    executor.trust(session.server().parameters().password().isEmpty());
    Client client = session.client();
    client.name("");
    client.noEvict(false);
    client.noTouch(false);
    client.queuedCount(-1);
    client.watchedCount(0);
    client.protocol(2);
    out.protocol(2);
    out.simple("RESET");
  }
}
