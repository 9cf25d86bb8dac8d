package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.DENYOOM;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.READONLY;
import static dev.henge.server.resp.Command.Flag.WRITE;

import dev.henge.data.Condition;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Strings: whole values, ranges, counters.
final class StringCommands {
  private StringCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        string("get", 2, "key", "Returns the value of a key.")
            .flags(READONLY, FAST)
            .operationAnywhere(request -> new Operation.Get(request.bytes(1)), Replies.BULK),
        string("set", -3, SET_SYNTAX, "Sets a key to a value, with conditions and an expiry.")
            .flags(WRITE, DENYOOM)
            .operationAnywhere(StringCommands::set, Replies.WRITTEN_OR_PREVIOUS),
        string("setnx", 3, "key value", "Sets a key that does not exist.")
            .flags(WRITE, DENYOOM, FAST)
            .operation(
                request -> set(request, 2, Expiry.NONE, Condition.ABSENT, false),
                Replies.WHETHER_WRITTEN),
        string("setex", 4, "key seconds value", "Sets a key with an expiry in seconds.")
            .since("2.0.0")
            .flags(WRITE, DENYOOM)
            .operationAnywhere(
                request ->
                    set(
                        request,
                        3,
                        Expiries.parse(request, 2, true, false, "setex"),
                        Condition.ALWAYS,
                        false),
                Replies.WRITTEN),
        string("psetex", 4, "key milliseconds value", "Sets a key with an expiry in milliseconds.")
            .since("2.6.0")
            .flags(WRITE, DENYOOM)
            .operationAnywhere(
                request ->
                    set(
                        request,
                        3,
                        Expiries.parse(request, 2, false, false, "psetex"),
                        Condition.ALWAYS,
                        false),
                Replies.WRITTEN),
        string("getset", 3, "key value", "Sets a key and returns the value before.")
            .flags(WRITE, DENYOOM, FAST)
            .operation(
                request -> set(request, 2, Expiry.NONE, Condition.ALWAYS, true), Replies.PREVIOUS),
        string("getdel", 2, "key", "Returns the value of a key and deletes it.")
            .since("6.2.0")
            .flags(WRITE, FAST)
            .operation(request -> new Operation.GetAndDelete(request.bytes(1)), Replies.BULK),
        string("getex", -2, GETEX_SYNTAX, "Returns the value of a key and changes its expiry.")
            .since("6.2.0")
            .flags(WRITE, FAST)
            .operation(StringCommands::getex, Replies.BULK),
        string("mget", -2, "key [key ...]", "Returns the values of several keys.")
            .keys(1, -1, 1)
            .complexity("O(N) in the number of keys")
            .flags(READONLY, FAST)
            .operationAnywhere(request -> new Operation.GetMany(request.list(1)), Replies.ARRAY),
        string("mset", -3, "key value [key value ...]", "Sets several keys at once.")
            .since("1.0.1")
            .keys(1, -1, 2)
            .complexity("O(N) in the number of keys")
            .flags(WRITE, DENYOOM)
            .operationAnywhere(request -> setMany(request, "mset", false), Replies.OK),
        string("msetnx", -3, "key value [key value ...]", "Sets several keys, if none exists.")
            .since("1.0.1")
            .keys(1, -1, 2)
            .complexity("O(N) in the number of keys")
            .flags(WRITE, DENYOOM)
            .operation(request -> setMany(request, "msetnx", true), Replies.INTEGER),
        string("append", 3, "key value", "Adds to the end of a value; returns the new length.")
            .since("2.0.0")
            .complexity("O(N) in the length of the value")
            .flags(WRITE, DENYOOM, FAST)
            .operation(
                request -> new Operation.Append(request.bytes(1), request.bytes(2)),
                Replies.INTEGER),
        string("strlen", 2, "key", "Returns the length of a value.")
            .since("2.2.0")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.StringLength(request.bytes(1)), Replies.INTEGER),
        string("getrange", 4, "key start end", "Returns a part of a value, both ends included.")
            .since("2.4.0")
            .complexity("O(N) in the length of the value")
            .flags(READONLY)
            .operation(StringCommands::getRange, Replies.BULK),
        string("substr", 4, "key start end", "GETRANGE by its old name.")
            .complexity("O(N) in the length of the value")
            .flags(READONLY)
            .operation(StringCommands::getRange, Replies.BULK),
        string(
                "setrange",
                4,
                "key offset value",
                "Overwrites a part of a value, filled with zeros.")
            .since("2.2.0")
            .complexity("O(N) in the length of the value")
            .flags(WRITE, DENYOOM)
            .operation(StringCommands::setRange, Replies.INTEGER),
        string("incr", 2, "key", "Adds one to a number.")
            .flags(WRITE, DENYOOM, FAST)
            .operationAnywhere(
                request -> new Operation.Increment(request.bytes(1), 1, false), Replies.INTEGER),
        string("decr", 2, "key", "Subtracts one from a number.")
            .flags(WRITE, DENYOOM, FAST)
            .operationAnywhere(
                request -> new Operation.Increment(request.bytes(1), -1, true), Replies.INTEGER),
        string("incrby", 3, "key increment", "Adds to a number.")
            .flags(WRITE, DENYOOM, FAST)
            .operationAnywhere(
                request -> new Operation.Increment(request.bytes(1), request.integer(2), false),
                Replies.INTEGER),
        string("decrby", 3, "key decrement", "Subtracts from a number.")
            .flags(WRITE, DENYOOM, FAST)
            .operationAnywhere(StringCommands::decrementBy, Replies.INTEGER),
        string("incrbyfloat", 3, "key increment", "Adds a decimal fraction to a number.")
            .since("2.6.0")
            .flags(WRITE, DENYOOM, FAST)
            .operation(StringCommands::incrementByFloat, Replies.BULK));
  }

  private static final String SET_SYNTAX =
      "key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds"
          + " | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]";
  private static final String GETEX_SYNTAX =
      "key [EX seconds | PX milliseconds | EXAT unix-time-seconds"
          + " | PXAT unix-time-milliseconds | PERSIST]";

  private static Command.Builder string(String name, int arity, String syntax, String summary) {
    return Command.named(name).group("string").arity(arity).key().syntax(syntax).summary(summary);
  }

  private static Operation set(
      Request request, int valueIndex, Expiry expiry, Condition condition, boolean previous) {
    return new Operation.Set(
        request.bytes(1), request.bytes(valueIndex), expiry, condition, previous);
  }

  /// Redis reads all options before it looks at what stands behind them, so a mistake in the syntax
  /// is told before one in a number.
  private static Operation set(Request request) throws CommandException {
    if (request.count() == 3) {
      return set(request, 2, Expiry.NONE, Condition.ALWAYS, false);
    }
    boolean keeps = false;
    int expiryAt = 0;
    Condition condition = null;
    boolean previous = false;
    for (int i = 3; i < request.count(); i++) {
      boolean more = i + 1 < request.count();
      boolean free = expiryAt == 0 && !keeps;
      if (condition == null && request.is(i, "NX")) {
        condition = Condition.ABSENT;
      } else if (condition == null && request.is(i, "XX")) {
        condition = Condition.PRESENT;
      } else if (condition == null && more && request.is(i, "IFEQ")) {
        condition = new Condition.ValueIs(request.bytes(++i));
      } else if (request.is(i, "GET")) {
        previous = true;
      } else if (expiryAt == 0 && request.is(i, "KEEPTTL")) {
        keeps = true;
      } else if (free && more && Expiries.isTimed(request, i)) {
        expiryAt = i++;
      } else {
        throw CommandException.syntax();
      }
    }
    Expiry expiry = keeps ? Expiry.KEEP : Expiry.NONE;
    return set(
        request,
        2,
        expiryAt == 0 ? expiry : Expiries.timed(request, expiryAt, "set"),
        condition == null ? Condition.ALWAYS : condition,
        previous);
  }

  private static Operation getex(Request request) throws CommandException {
    boolean persists = false;
    int expiryAt = 0;
    for (int i = 2; i < request.count(); i++) {
      if (expiryAt == 0 && request.is(i, "PERSIST")) {
        persists = true;
      } else if (expiryAt == 0
          && !persists
          && i + 1 < request.count()
          && Expiries.isTimed(request, i)) {
        expiryAt = i++;
      } else {
        throw CommandException.syntax();
      }
    }
    Expiry expiry = persists ? Expiry.NONE : Expiry.KEEP;
    return new Operation.GetAndExpire(
        request.bytes(1), expiryAt == 0 ? expiry : Expiries.timed(request, expiryAt, "getex"));
  }

  private static Operation setMany(Request request, String name, boolean onlyIfAbsent)
      throws CommandException {
    if (request.count() % 2 == 0) {
      throw new CommandException("ERR wrong number of arguments for '" + name + "' command");
    }
    return new Operation.SetMany(request.list(1), onlyIfAbsent);
  }

  private static Operation getRange(Request request) throws CommandException {
    return new Operation.GetRange(request.bytes(1), request.integer(2), request.integer(3));
  }

  private static Operation setRange(Request request) throws CommandException {
    long offset = request.integer(2);
    if (offset < 0) {
      throw new CommandException("ERR offset is out of range");
    }
    return new Operation.SetRange(request.bytes(1), offset, request.bytes(3));
  }

  private static Operation decrementBy(Request request) throws CommandException {
    long step = request.integer(2);
    if (step == Long.MIN_VALUE) {
      throw new CommandException("ERR decrement would overflow");
    }
    return new Operation.Increment(request.bytes(1), -step, true);
  }

  private static Operation incrementByFloat(Request request) {
    String delta = new String(request.bytes(2), StandardCharsets.ISO_8859_1);
    return new Operation.IncrementFloat(request.bytes(1), delta);
  }
}
