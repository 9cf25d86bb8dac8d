package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.DENYOOM;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.READONLY;
import static dev.henge.server.resp.Command.Flag.WRITE;
import static dev.henge.server.resp.Command.Mode.EVENTUAL;

import dev.henge.data.Expiry;
import dev.henge.replication.quorum.Level;
import dev.henge.server.eventual.KeyAnswer;
import dev.henge.server.eventual.Live;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Keys of eventual keyspaces as they are: all values, and the context that says what was read.
final class EventualCommands {
  private EventualCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        key("henge.get", -2, "key [R level]", "Returns the values of a key, and their context.")
            .flags(READONLY, FAST)
            .handler(
                "array of the context and each value; in RESP3 a map of `context`, `values` and"
                    + " `copies`",
                EventualCommands::get),
        key("henge.put", -3, PUT_SYNTAX, "Sets a key, in the place of what the context has seen.")
            .flags(WRITE, DENYOOM, FAST)
            .handler(DONE, EventualCommands::put),
        key("henge.del", -2, DEL_SYNTAX, "Deletes what the context has seen of a key.")
            .flags(WRITE, FAST)
            .handler(DONE, EventualCommands::delete));
  }

  private static final String PUT_SYNTAX =
      "key value [CONTEXT context] [W level] [EX seconds | PX milliseconds"
          + " | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]";
  private static final String DEL_SYNTAX = "key [CONTEXT context] [R level] [W level]";
  private static final String DONE =
      "array of the new context, how many copies are durable, how many of them are hints; in RESP3"
          + " a map of `context`, `copies` and `hints`";

  private static Command.Builder key(String name, int arity, String syntax, String summary) {
    return Command.named(name)
        .group("generic")
        .arity(arity)
        .since("7.2.4")
        .key()
        .modes(EVENTUAL)
        .joins()
        .syntax(syntax)
        .summary(summary);
  }

  private static void get(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    EventualRequests.Options options = options(request, 2, Words.READ);
    session.executor().eventual().get(request.bytes(1), options, EventualCommands::seen);
  }

  private static void put(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    EventualRequests.Options options = options(request, 3, Words.PUT);
    session
        .executor()
        .eventual()
        .put(request.bytes(1), request.bytes(2), options, EventualCommands::done);
  }

  private static void delete(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    EventualRequests.Options options = options(request, 2, Words.DELETE);
    session.executor().eventual().delete(request.bytes(1), options, EventualCommands::done);
  }

  /// Which words a command takes.
  private enum Words {
    READ,
    PUT,
    DELETE
  }

  private static EventualRequests.Options options(Request request, int from, Words words)
      throws CommandException {
    @Nullable String context = null;
    @Nullable Level read = null;
    @Nullable Level write = null;
    @Nullable Expiry expiry = null;
    for (int i = from; i < request.count(); i++) {
      boolean more = i + 1 < request.count();
      if (words == Words.PUT && expiry == null && request.is(i, "KEEPTTL")) {
        expiry = Expiry.KEEP;
      } else if (!more) {
        throw CommandException.syntax();
      } else if (words != Words.READ && context == null && request.is(i, "CONTEXT")) {
        context = new String(request.bytes(++i), StandardCharsets.ISO_8859_1);
      } else if (words != Words.PUT && read == null && request.is(i, "R")) {
        read = level(request, ++i);
      } else if (words != Words.READ && write == null && request.is(i, "W")) {
        write = level(request, ++i);
      } else if (words == Words.PUT && expiry == null && Expiries.isTimed(request, i)) {
        expiry = Expiries.timed(request, i++, "henge.put");
      } else {
        throw CommandException.syntax();
      }
    }
    return new EventualRequests.Options(
        context, read, write, expiry == null ? Expiry.NONE : expiry);
  }

  /// The level that argument `index` names; the word before says of what.
  static Level level(Request request, int index) throws CommandException {
    return Level.parse(request.text(index))
        .orElseThrow(() ->
            new CommandException(
                "ERR "
                    + request.shown(index - 1).toUpperCase(Locale.ROOT)
                    + " is a number of copies from 1 to 99, or one of one, quorum, all,"
                    + " local_quorum, each_quorum"));
  }

  private static void seen(KeyAnswer answer, ReplyWriter out) {
    if (!(answer instanceof KeyAnswer.Seen seen)) {
      throw new IllegalStateException("a read answers what it has seen");
    }
    List<Live.Value> values = seen.live().values();
    if (out.protocol() == 3) {
      out.map(3);
      out.bulk("context");
      out.bulk(seen.context());
      out.bulk("values");
      out.array(values.size());
      values.forEach(value -> out.bulk(value.bytes()));
      out.bulk("copies");
      out.number(seen.copies());
    } else {
      out.array(1 + values.size());
      out.bulk(seen.context());
      values.forEach(value -> out.bulk(value.bytes()));
    }
  }

  private static void done(KeyAnswer answer, ReplyWriter out) {
    if (!(answer instanceof KeyAnswer.Done done)) {
      throw new IllegalStateException("a write answers that it is done");
    }
    boolean named = out.protocol() == 3;
    if (named) {
      out.map(3);
      out.bulk("context");
    } else {
      out.array(3);
    }
    out.bulk(done.context());
    if (named) {
      out.bulk("copies");
    }
    out.number(done.copies());
    if (named) {
      out.bulk("hints");
    }
    out.number(done.hints());
  }
}
