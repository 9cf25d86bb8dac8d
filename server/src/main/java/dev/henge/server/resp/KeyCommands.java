package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.DENYOOM;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.READONLY;
import static dev.henge.server.resp.Command.Flag.WRITE;

import dev.henge.data.Operation;
import dev.henge.data.Operation.ExpireCondition;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Keys of any type, their expiries, and walks over a keyspace.
final class KeyCommands {
  private KeyCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        key("del", -2, "key [key ...]", "Deletes keys.")
            .keys(1, -1, 1)
            .complexity("O(N) in the number of keys")
            .flags(WRITE)
            .operationAnywhere(request -> new Operation.Delete(request.list(1)), Replies.INTEGER),
        key("unlink", -2, "key [key ...]", "Deletes keys; the space is reclaimed later.")
            .since("4.0.0")
            .keys(1, -1, 1)
            .complexity("O(N) in the number of keys")
            .flags(WRITE, FAST)
            .operationAnywhere(request -> new Operation.Delete(request.list(1)), Replies.INTEGER),
        key("exists", -2, "key [key ...]", "Counts which of the keys exist, repeats included.")
            .keys(1, -1, 1)
            .complexity("O(N) in the number of keys")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.CountExisting(request.list(1)), Replies.INTEGER),
        key("touch", -2, "key [key ...]", "Counts which of the keys exist.")
            .since("3.2.1")
            .keys(1, -1, 1)
            .complexity("O(N) in the number of keys")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.CountExisting(request.list(1)), Replies.INTEGER),
        key("type", 2, "key", "Names the type of the value of a key.")
            .flags(READONLY, FAST)
            .operationAnywhere(request -> new Operation.TypeOf(request.bytes(1)), Replies.WORD),
        key("rename", 3, "key newkey", "Renames a key, over an existing one.")
            .keys(1, 2, 1)
            .flags(WRITE)
            .operation(
                request -> new Operation.Rename(request.bytes(1), request.bytes(2), false),
                Replies.OK),
        key("renamenx", 3, "key newkey", "Renames a key, unless the new name exists.")
            .keys(1, 2, 1)
            .flags(WRITE, FAST)
            .operation(
                request -> new Operation.Rename(request.bytes(1), request.bytes(2), true),
                Replies.INTEGER),
        key("copy", -3, COPY_SYNTAX, "Copies the value and expiry of a key to another.")
            .since("6.2.0")
            .keys(1, 2, 1)
            .complexity("O(N) in the length of the value")
            .flags(WRITE, DENYOOM)
            .operation(KeyCommands::copy, Replies.INTEGER),
        expiring(
            "expire", "seconds", "Sets the expiry of a key, in seconds from now.", true, false),
        expiring(
                "pexpire",
                "milliseconds",
                "Sets the expiry of a key, in milliseconds from now.",
                false,
                false)
            .since("2.6.0"),
        expiring(
                "expireat",
                "unix-time-seconds",
                "Sets the expiry of a key to a time in seconds.",
                true,
                true)
            .since("1.2.0"),
        expiring(
                "pexpireat",
                "unix-time-milliseconds",
                "Sets the expiry of a key to a time in milliseconds.",
                false,
                true)
            .since("2.6.0"),
        key("ttl", 2, "key", "Returns the seconds that a key has left.")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.RemainingOf(request.bytes(1)), Replies.SECONDS),
        key("pttl", 2, "key", "Returns the milliseconds that a key has left.")
            .since("2.6.0")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.RemainingOf(request.bytes(1)), Replies.INTEGER),
        key("expiretime", 2, "key", "Returns when a key expires, in seconds.")
            .since("7.0.0")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.ExpiryOf(request.bytes(1)), Replies.SECONDS),
        key("pexpiretime", 2, "key", "Returns when a key expires, in milliseconds.")
            .since("7.0.0")
            .flags(READONLY, FAST)
            .operationAnywhere(
                request -> new Operation.ExpiryOf(request.bytes(1)), Replies.INTEGER),
        key("persist", 2, "key", "Removes the expiry of a key.")
            .since("2.2.0")
            .flags(WRITE, FAST)
            .operationAnywhere(request -> new Operation.Persist(request.bytes(1)), Replies.INTEGER),
        key("dump", 2, "key", "Returns a value in serialized form, with version and checksum.")
            .since("2.6.0")
            .complexity("O(N) in the length of the value")
            .flags(READONLY)
            .operation(request -> new Operation.Dump(request.bytes(1)), Replies.BULK),
        key("restore", -4, RESTORE_SYNTAX, "Makes a key of what DUMP gave.")
            .since("2.6.0")
            .complexity("O(N) in the length of the value")
            .flags(WRITE, DENYOOM)
            .dangerous()
            .operation(KeyCommands::restore, Replies.OK),
        whole("randomkey", 1, "", "Returns a key by chance.")
            .flags(READONLY)
            .operation(request -> new Operation.RandomKey(), Replies.BULK),
        whole("keys", 2, "pattern", "Returns every key that matches a pattern.")
            .complexity("O(N) in the number of keys")
            .flags(READONLY)
            .dangerous()
            .operation(request -> new Operation.Keys(request.bytes(1)), Replies.ARRAY),
        whole("scan", -2, SCAN_SYNTAX, "Walks over the keys in steps.")
            .since("2.8.0")
            .complexity("O(1) a step, O(N) for a whole walk")
            .flags(READONLY)
            .operationAnywhere(KeyCommands::scan, Replies.SCAN_PAGE),
        Command.named("object")
            .arity(-2)
            .group("generic")
            .since("2.2.3")
            .summary("Commands about how a value is kept.")
            .subcommand(
                Command.named("encoding")
                    .arity(3)
                    .keys(2, 2, 1)
                    .since("2.2.3")
                    .flags(READONLY)
                    .syntax("key")
                    .summary("Names the encoding of a value.")
                    .operation(request -> new Operation.EncodingOf(request.bytes(2)), Replies.BULK))
            .subcommand(
                Command.named("help")
                    .arity(2)
                    .since("6.2.0")
                    .flags(Command.Flag.LOADING, Command.Flag.STALE)
                    .summary("Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "OBJECT",
                                "ENCODING <key>",
                                "    Name the kind of encoding."))));
  }

  private static final String COPY_SYNTAX = "source destination [DB destination-db] [REPLACE]";
  private static final String RESTORE_SYNTAX =
      "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]";
  private static final String SCAN_SYNTAX = "cursor [MATCH pattern] [COUNT count] [TYPE type]";

  /// What a step of SCAN looks at when nothing else is said.
  private static final int SCAN_COUNT = 10;

  /// More than this in one step would hold a reader open for too long.
  private static final int SCAN_COUNT_MAX = 100_000;

  private static Command.Builder key(String name, int arity, String syntax, String summary) {
    return whole(name, arity, syntax, summary).key();
  }

  private static Command.Builder whole(String name, int arity, String syntax, String summary) {
    return Command.named(name)
        .group("generic")
        .arity(arity)
        .wholeKeyspace()
        .syntax(syntax)
        .summary(summary);
  }

  private static Command.Builder expiring(
      String name, String argument, String summary, boolean inSeconds, boolean absolute) {
    return key(name, -3, "key " + argument + " [NX | XX | GT | LT]", summary)
        .flags(WRITE, FAST)
        .operationAnywhere(
            request ->
                new Operation.Expire(
                    request.bytes(1),
                    expiry(request, inSeconds, absolute, name),
                    condition(request)),
            Replies.INTEGER);
  }

  private static dev.henge.data.Expiry expiry(
      Request request, boolean inSeconds, boolean absolute, String name) throws CommandException {
    condition(request);
    return Expiries.parsePast(request, 2, inSeconds, absolute, name);
  }

  private static ExpireCondition condition(Request request) throws CommandException {
    boolean absent = false;
    boolean present = false;
    boolean greater = false;
    boolean less = false;
    for (int i = 3; i < request.count(); i++) {
      if (request.is(i, "NX")) {
        absent = true;
      } else if (request.is(i, "XX")) {
        present = true;
      } else if (request.is(i, "GT")) {
        greater = true;
      } else if (request.is(i, "LT")) {
        less = true;
      } else {
        throw new CommandException("ERR Unsupported option " + request.shown(i));
      }
    }
    if (absent && (present || greater || less)) {
      throw new CommandException(
          "ERR NX and XX, GT or LT options at the same time are not compatible");
    }
    if (greater && less) {
      throw new CommandException("ERR GT and LT options at the same time are not compatible");
    }
    return request.count() == 3
        ? ExpireCondition.ALWAYS
        : new ExpireCondition(absent, present, greater, less);
  }

  private static Operation copy(Request request) throws CommandException {
    int database = -1;
    boolean replace = false;
    for (int i = 3; i < request.count(); i++) {
      if (request.is(i, "REPLACE")) {
        replace = true;
      } else if (request.is(i, "DB") && i + 1 < request.count()) {
        database = ConnectionCommands.database(request, ++i);
      } else {
        throw CommandException.syntax();
      }
    }
    return new Operation.Copy(request.bytes(1), request.bytes(2), database, replace);
  }

  private static Operation restore(Request request) throws CommandException {
    boolean replace = false;
    boolean absolute = false;
    for (int i = 4; i < request.count(); i++) {
      boolean more = i + 1 < request.count();
      if (request.is(i, "REPLACE")) {
        replace = true;
      } else if (request.is(i, "ABSTTL")) {
        absolute = true;
      } else if (request.is(i, "IDLETIME") && more) {
        if (request.integer(++i) < 0) {
          throw new CommandException("ERR Invalid IDLETIME value, must be >= 0");
        }
      } else if (request.is(i, "FREQ") && more) {
        long frequency = request.integer(++i);
        if (frequency < 0 || frequency > 255) {
          throw new CommandException("ERR Invalid FREQ value, must be >= 0 and <= 255");
        }
      } else {
        throw CommandException.syntax();
      }
    }
    long ttl = request.integer(2);
    if (ttl < 0) {
      throw new CommandException("ERR Invalid TTL value, must be >= 0");
    }
    return new Operation.Restore(request.bytes(1), request.bytes(3), ttl, absolute, replace);
  }

  private static Operation scan(Request request) throws CommandException {
    long cursor = ScanCursors.parse(request.bytes(1));
    byte @Nullable [] pattern = null;
    int count = SCAN_COUNT;
    @Nullable String type = null;
    for (int i = 2; i < request.count(); i += 2) {
      if (i + 1 == request.count()) {
        throw CommandException.syntax();
      }
      if (request.is(i, "COUNT")) {
        long wanted = request.integer(i + 1);
        if (wanted < 1) {
          throw CommandException.syntax();
        }
        count = (int) Math.min(wanted, SCAN_COUNT_MAX);
      } else if (request.is(i, "MATCH")) {
        pattern = request.bytes(i + 1);
      } else if (request.is(i, "TYPE")) {
        type = request.text(i + 1).toLowerCase(Locale.ROOT);
      } else {
        throw CommandException.syntax();
      }
    }
    if (pattern != null && pattern.length == 1 && pattern[0] == '*') {
      pattern = null;
    }
    return new Operation.Scan(request.cursors().position(cursor), pattern, NO_PREFIX, count, type);
  }

  private static final byte[] NO_PREFIX = {};
}
