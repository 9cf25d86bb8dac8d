package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.READONLY;
import static dev.henge.server.resp.Command.Flag.WRITE;
import static dev.henge.server.resp.Command.Mode.STRONG;

import dev.henge.data.Operation;
import java.util.List;

/// Whole databases: how many keys, emptying, swapping.
final class KeyspaceCommands {
  private KeyspaceCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        database("dbsize", 1, "", "Counts the keys of the selected keyspace, exactly.")
            .complexity("O(N) in the number of keys")
            .flags(READONLY, FAST)
            .operationAnywhere(request -> new Operation.CountKeys(), Replies.INTEGER),
        database("flushdb", -1, "[ASYNC | SYNC]", "Deletes every key of the selected keyspace.")
            .flags(WRITE)
            .slow()
            .dangerous()
            .operation(request -> flush(request, false), Replies.OK),
        database("flushall", -1, "[ASYNC | SYNC]", "Deletes every key of databases 0-15.")
            .flags(WRITE)
            .slow()
            .dangerous()
            .operation(request -> flush(request, true), Replies.OK),
        database("swapdb", 3, "index1 index2", "Swaps two databases.")
            .since("4.0.0")
            .flags(WRITE, FAST)
            .dangerous()
            .modes(STRONG)
            .operation(KeyspaceCommands::swap, Replies.OK));
  }

  private static Command.Builder database(String name, int arity, String syntax, String summary) {
    return Command.named(name).arity(arity).wholeKeyspace().syntax(syntax).summary(summary);
  }

  private static Operation flush(Request request, boolean allDatabases) throws CommandException {
    if (request.count() > 2
        || (request.count() == 2 && !request.is(1, "ASYNC") && !request.is(1, "SYNC"))) {
      throw CommandException.syntax();
    }
    return new Operation.Flush(allDatabases);
  }

  private static Operation swap(Request request) throws CommandException {
    int first = number(request, 1, "ERR invalid first DB index");
    int second = number(request, 2, "ERR invalid second DB index");
    return new Operation.SwapDatabases(
        ConnectionCommands.inRange(first), ConnectionCommands.inRange(second));
  }

  private static int number(Request request, int index, String error) throws CommandException {
    return request.integer(index, Integer.MIN_VALUE, Integer.MAX_VALUE, error);
  }
}
