package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.STALE;
import static dev.henge.server.resp.Command.Mode.STRONG;

import dev.henge.consensus.strong.RequestId;
import dev.henge.replication.hot.HotKeys;
import dev.henge.replication.quorum.Level;
import dev.henge.server.cluster.Consistency;
import dev.henge.server.eventual.EventualClient;
import dev.henge.storage.Access;
import dev.henge.storage.NotInMemoryException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Redis has no word for: how fresh reads are, writes that happen once, and what is asked for
/// most.
final class HengeCommands {
  private HengeCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("henge.consistency")
            .group("connection")
            .arity(-1)
            .since("7.2.4")
            .syntax("[linearizable | leader | stale] [R level] [W level]")
            .summary(
                "Chooses how fresh this connection's reads are, and how many copies eventual"
                    + " keyspaces ask; returns that.")
            .flags(LOADING, STALE, FAST)
            .handler(
                "simple string `OK`; without an argument an array of how fresh reads are, the age"
                    + " in milliseconds of what the newest stale read saw, and the levels R and W"
                    + " or `default`",
                HengeCommands::consistency),
        Command.named("henge.hotkeys")
            .group("server")
            .arity(-1)
            .since("7.2.4")
            .syntax("[count]")
            .summary(
                "Returns the keys of eventual keyspaces that this node is asked for most, most"
                    + " first.")
            .flags(LOADING, STALE, FAST)
            .handler(
                "array of arrays: the keyspace, the key, its requests a second at this node, and"
                    + " their percentage of all, both about",
                HengeCommands::hotKeys),
        Command.named("henge.request")
            .group("connection")
            .arity(-3)
            .since("7.2.4")
            .syntax("id command [argument ...]")
            .summary(
                "Runs a write, or EXEC, under an id of 32 hexadecimal digits: sent again, it is"
                    + " done once.")
            .insideTransaction()
            .modes(STRONG)
            .prefixes()
            .handler("as the command's", HengeCommands::request));
  }

  private static void consistency(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Remote remote = session.executor().remote();
    EventualRequests eventual = session.executor().eventual();
    if (request.count() == 1) {
      out.array(4);
      out.bulk(remote.consistency().word());
      out.number(remote.ageMillis());
      out.bulk(word(eventual.read()));
      out.bulk(word(eventual.write()));
      return;
    }
    Consistency fresh = remote.consistency();
    Level read = eventual.read();
    Level write = eventual.write();
    for (int i = 1; i < request.count(); i++) {
      boolean more = i + 1 < request.count();
      if (more && request.is(i, "R")) {
        read = level(request, ++i);
      } else if (more && request.is(i, "W")) {
        write = level(request, ++i);
      } else if (i == 1) {
        fresh =
            Consistency.of(request.text(i))
                .orElseThrow(() ->
                    new CommandException(
                        "ERR one of linearizable, leader, stale is expected, or R or W and a"
                            + " level"));
      } else {
        throw CommandException.syntax();
      }
    }
    remote.consistency(fresh);
    eventual.levels(read, write);
    out.ok();
  }

  private static final int HOT_KEYS = 10;
  private static final int HOT_KEYS_MAX = 256;

  private static void hotKeys(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() > 2) {
      throw CommandException.syntax();
    }
    int count =
        request.count() == 1
            ? HOT_KEYS
            : request.integer(1, 1, HOT_KEYS_MAX, "ERR count is 1 to " + HOT_KEYS_MAX);
    RespServer server = session.server();
    EventualClient client = server.eventualClient();
    List<HotKeys.Rate> rates = client == null ? List.of() : client.hotKeys(count);
    out.array(rates.size());
    for (HotKeys.Rate rate : rates) {
      out.array(4);
      out.bulk(server.keyspaces().name(rate.key().keyspaceId()));
      out.bulk(rate.key().key());
      out.number(Math.round(rate.perSecond()));
      out.number(Math.round(rate.percent()));
    }
  }

  private static final String KEYSPACES_OWN = "default";

  private static String word(@Nullable Level level) {
    return level == null ? KEYSPACES_OWN : level.toString();
  }

  private static @Nullable Level level(Request request, int index) throws CommandException {
    return request.is(index, "DEFAULT") ? null : EventualCommands.level(request, index);
  }

  /// Arguments of HENGE.REQUEST that stand before the command.
  static final int PREFIX_COUNT = 2;

  /// The command that HENGE.REQUEST is to run; null when there is none of that name.
  static @Nullable Command inner(RespSession session, Request request) {
    byte[] name = request.bytes(PREFIX_COUNT);
    return session.server().table().find(ByteBuffer.wrap(name), 0, name.length);
  }

  private static void request(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Executor executor = session.executor();
    RequestId id = requestId(request.text(1));
    Command command = inner(session, request);
    Request inner = request.from(PREFIX_COUNT);
    boolean exec = command != null && command.name().equals("exec");
    if (executor.transaction().open() && !exec) {
      executor.transaction().spoil();
      throw new CommandException(
          "ERR within MULTI a request id goes with EXEC: HENGE.REQUEST id EXEC");
    }
    if (id == null
        || command == null
        || !command.accepts(inner.count())
        || (command.parser() == null && !exec)) {
      executor.transaction().spoil();
      throw new CommandException(
          "ERR HENGE.REQUEST takes an id of 32 hexadecimal digits and a command that writes");
    }
    Command.Parser parser = command.parser();
    if (parser != null) {
      if (!parser.parse(inner).writes()) {
        throw new CommandException("ERR only writes have request ids");
      }
      executor.remote().redirect(command, inner, executor.keyspace());
    }
    boolean here = executor.keyspace().group() != null;
    if (here && command.slow() && executor.access() != Access.DISK) {
      throw NotInMemoryException.INSTANCE;
    }
    executor.runUnder(id, command, inner);
  }

  /// An id as its 32 digits, or as a UUID is written.
  static @Nullable RequestId requestId(String text) {
    String digits = text.replace("-", "");
    if (!digits.matches("[0-9a-fA-F]{32}")) {
      return null;
    }
    return new RequestId(
        Long.parseUnsignedLong(digits.substring(0, 16), 16),
        Long.parseUnsignedLong(digits.substring(16), 16));
  }
}
