package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.consensus.strong.RequestId;
import dev.henge.server.cluster.Consistency;
import dev.henge.storage.Access;
import dev.henge.storage.NotInMemoryException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Redis has no word for: how fresh reads are, and writes that happen once.
final class HengeCommands {
  private HengeCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("henge.consistency")
            .group("connection")
            .arity(-1)
            .since("7.2.4")
            .syntax("[linearizable | leader | stale]")
            .summary("Chooses how fresh this connection's reads are; returns that and their age.")
            .flags(LOADING, STALE, FAST)
            .handler(
                "simple string `OK`; without an argument an array of the level and the age in"
                    + " milliseconds of what the newest stale read saw",
                HengeCommands::consistency),
        Command.named("henge.request")
            .group("connection")
            .arity(-3)
            .since("7.2.4")
            .syntax("id command [argument ...]")
            .summary(
                "Runs a write, or EXEC, under an id of 32 hexadecimal digits: sent again, it is"
                    + " done once.")
            .insideTransaction()
            .prefixes()
            .handler("as the command's", HengeCommands::request));
  }

  private static void consistency(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Remote remote = session.executor().remote();
    if (request.count() == 1) {
      out.array(2);
      out.bulk(remote.consistency().word());
      out.number(remote.ageMillis());
      return;
    }
    if (request.count() > 2) {
      throw CommandException.syntax();
    }
    remote.consistency(
        Consistency.of(request.text(1))
            .orElseThrow(
                () -> new CommandException("ERR one of linearizable, leader, stale is expected")));
    out.ok();
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
