package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.NO_MULTI;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Operation;
import dev.henge.server.cluster.Consistency;
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
                "Runs a write under an id of 32 hexadecimal digits: sent again, it is done once.")
            .flags(NO_MULTI)
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

  private static void request(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    RequestId id = requestId(request.text(1));
    byte[] name = request.bytes(2);
    Command command = session.server().table().find(ByteBuffer.wrap(name), 0, name.length);
    Command.Parser parser = command == null ? null : command.parser();
    Request inner = request.from(2);
    if (id == null || command == null || parser == null || !command.accepts(inner.count())) {
      throw new CommandException(
          "ERR HENGE.REQUEST takes an id of 32 hexadecimal digits and a command that writes");
    }
    Operation operation = parser.parse(inner);
    Executor executor = session.executor();
    if (!operation.writes()) {
      throw new CommandException("ERR only writes have request ids");
    }
    if (executor.keyspace().group() != null) {
      throw new CommandException(
          "ERR request ids are remembered by replicated keyspaces; this one is on a single node");
    }
    executor.remote().redirect(command, inner, executor.keyspace());
    executor.remote().requestId(id);
    try {
      executor.run(command, inner);
    } finally {
      executor.remote().requestId(null);
    }
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
