package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.ADMIN;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.NOSCRIPT;
import static dev.henge.server.resp.Command.Flag.READONLY;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.consensus.metadata.Address;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.server.store.Group;
import dev.henge.storage.Engine;
import dev.henge.storage.WriteRefusedException;
import java.util.List;

/// The server itself: what it is, how it does, what is durable.
final class ServerCommands {
  private ServerCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        server("info", -1, "[section [section ...]]", "Describes the server and how it does.")
            .slow()
            .flags(LOADING, STALE)
            .handler("text", Information::write),
        server("time", 1, "", "Returns the wall clock: seconds and microseconds.")
            .since("2.6.0")
            .flags(LOADING, STALE, FAST)
            .handler("array", ServerCommands::time),
        server("role", 1, "", "Returns the role in the group of the keyspace.")
            .since("2.8.12")
            .flags(NOSCRIPT, LOADING, STALE, FAST)
            .handler("array", ServerCommands::role),
        server(
                "wait",
                3,
                "numreplicas timeout",
                "Counts replicas besides the leader that hold this connection's newest write.")
            .group("generic")
            .since("3.0.0")
            .modes(Command.Mode.STRONG)
            .asksHolders()
            .handler("integer", ServerCommands::waitForReplicas),
        server("waitaof", 4, "numlocal numreplicas timeout", WAITAOF_SUMMARY)
            .group("generic")
            .since("7.2.0")
            .modes(Command.Mode.STRONG)
            .asksHolders()
            .slow()
            .flags(NOSCRIPT)
            .handler("array of two integers", ServerCommands::waitForLog),
        Command.named("slowlog")
            .arity(-2)
            .since("2.2.12")
            .summary("Commands about the slowest requests.")
            .subcommand(
                sub("get", -2, "2.2.12", "[count]", "Returns the newest slow requests.")
                    .handler("array", ServerCommands::slowest))
            .subcommand(
                sub("len", 2, "2.2.12", "", "Counts the slow requests that are kept.")
                    .handler(
                        "integer",
                        (session, request, out) -> out.number(session.server().slowLog().count())))
            .subcommand(
                sub("reset", 2, "2.2.12", "", "Forgets the slow requests.")
                    .handler(
                        "simple string `OK`",
                        (session, request, out) -> {
                          session.server().slowLog().clear();
                          out.ok();
                        }))
            .subcommand(
                sub("help", 2, "6.2.0", "", "Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "SLOWLOG",
                                "GET [<count>]",
                                "    Return the newest slow requests (10, or -1 for all).",
                                "LEN",
                                "    Count the slow requests that are kept.",
                                "RESET",
                                "    Forget the slow requests."))),
        Command.named("memory")
            .arity(-2)
            .since("4.0.0")
            .summary("Commands about memory.")
            .subcommand(
                Command.named("usage")
                    .arity(-3)
                    .since("4.0.0")
                    .keys(2, 2, 1)
                    .flags(READONLY)
                    .syntax("key [SAMPLES count]")
                    .summary("Estimates the bytes that a key and its value take.")
                    .operation(ServerCommands::memoryUsage, Replies.INTEGER))
            .subcommand(
                sub("help", 2, "4.0.0", "", "Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "MEMORY",
                                "USAGE <key> [SAMPLES <count>]",
                                "    Estimate the bytes that a key and its value take."))),
        Command.named("latency")
            .arity(-2)
            .since("2.8.13")
            .summary("Commands about latency; nothing is sampled, see SLOWLOG.")
            .subcommand(
                sub("latest", 2, "2.8.13", "", "Returns no samples.")
                    .handler("array", (session, request, out) -> out.array(0)))
            .subcommand(
                sub("history", 3, "2.8.13", "event", "Returns no samples.")
                    .handler("array", (session, request, out) -> out.array(0)))
            .subcommand(
                sub("reset", -2, "2.8.13", "[event [event ...]]", "Forgets no samples.")
                    .handler("integer", (session, request, out) -> out.number(0))),
        Command.named("debug")
            .arity(-2)
            .since("1.0.0")
            .summary("Commands for tests.")
            .subcommand(
                sub("sleep", 3, "1.0.0", "seconds", "Pauses this connection, and no other.")
                    .handler("simple string `OK`", ServerCommands::sleep)));
  }

  private static final String WAITAOF_SUMMARY =
      "Makes the writes of this connection durable, and says where they are.";

  /// DEBUG SLEEP is for tests: an hour is enough.
  private static final double SLEEP_SECONDS_MAX = 3600;

  private static Command.Builder server(String name, int arity, String syntax, String summary) {
    return Command.named(name).arity(arity).syntax(syntax).summary(summary);
  }

  private static Command.Builder sub(
      String name, int arity, String since, String syntax, String summary) {
    return Command.named(name)
        .arity(arity)
        .since(since)
        .syntax(syntax)
        .summary(summary)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE);
  }

  private static void time(RespSession session, Request request, ReplyWriter out) {
    long millis = request.nowMillis();
    out.array(2);
    out.bulk(millis / 1000);
    out.bulk(millis % 1000 * 1000);
  }

  private static void role(RespSession session, Request request, ReplyWriter out) {
    switch (Replication.of(session)) {
      case Replication.Leader leader -> {
        List<Replication.Connected> online =
            leader.replicas().stream().filter(Replication.Connected::online).toList();
        out.array(3);
        out.bulk("master");
        out.number(leader.offset());
        out.array(online.size());
        for (Replication.Connected replica : online) {
          out.array(3);
          out.bulk(replica.address().host());
          out.bulk(Replication.port(replica.address(), session));
          out.bulk(replica.offset());
        }
      }
      case Replication.Follower follower -> {
        Address master = follower.leader();
        out.array(5);
        out.bulk("slave");
        out.bulk(master == null ? "" : master.host());
        out.number(master == null ? 0 : Replication.port(master, session));
        out.bulk(follower.linkUp() ? "connected" : "connect");
        out.number(follower.offset());
      }
    }
  }

  /// What one node has evaluated alone has no replicas, and gets none while it waits: that is known
  /// at once.
  private static void waitForReplicas(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    long wanted = request.integer(1);
    long timeoutMillis = timeout(request, 2);
    if (session.executor().wroteHere()) {
      out.number(0);
      return;
    }
    waitForHolders(
        session,
        0,
        wanted,
        timeoutMillis,
        (holders, writer) -> writer.number(Remote.others(holders)));
  }

  private interface Held {
    void write(Reply.Many holders, ReplyWriter out);
  }

  /// Within a transaction nothing waits: the answer is who held the newest write before it.
  private static void waitForHolders(
      RespSession session, long wantedOwn, long wanted, long timeoutMillis, Held answer)
      throws CommandException {
    Executor executor = session.executor();
    if (executor.answersTransaction()) {
      answer.write(executor.remote().holdersBefore(), session.output());
      return;
    }
    executor
        .remote()
        .waitForHolders(
            executor.keyspace(),
            session.server().keyspaces().limits(executor.keyspace()),
            wantedOwn,
            wanted,
            timeoutMillis,
            executor.answerLater((reply, writer) -> {
              if (reply instanceof Reply.Many holders) {
                answer.write(holders, writer);
              }
            }));
  }

  private static void waitForLog(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    boolean local = request.integer(1, 0, 1, OUT_OF_RANGE) == 1;
    long wanted = request.integer(2, "ERR value is out of range, must be positive");
    if (wanted < 0) {
      throw new CommandException("ERR value is out of range, must be positive");
    }
    long timeoutMillis = timeout(request, 3);
    if (!session.executor().wroteHere()) {
      waitForHolders(
          session,
          local ? 1 : 0,
          wanted,
          timeoutMillis,
          (holders, writer) -> {
            writer.array(2);
            writer.number(Remote.own(holders));
            writer.number(Remote.others(holders));
          });
      return;
    }
    // the keyspace may have been left since
    Group group = session.executor().wroteIn();
    boolean durable = true;
    if (group != null) {
      Engine engine = group.engine();
      long written = session.executor().wroteSequence();
      if (local && engine.durableSequence() < written) {
        try {
          engine.syncLog();
        } catch (WriteRefusedException stopped) {
          throw new CommandException("STOPPED " + stopped.getMessage());
        }
      }
      durable = engine.durableSequence() >= written;
    }
    out.array(2);
    out.number(durable ? 1 : 0);
    out.number(0);
  }

  private static final String OUT_OF_RANGE =
      "ERR value is out of range, value must between 0 and 1";

  private static long timeout(Request request, int index) throws CommandException {
    long millis = request.integer(index, "ERR timeout is not an integer or out of range");
    if (millis < 0) {
      throw new CommandException("ERR timeout is negative");
    }
    return millis;
  }

  private static void slowest(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() > 3) {
      throw new CommandException("ERR wrong number of arguments for 'slowlog|get' command");
    }
    int count = 10;
    if (request.count() == 3) {
      count =
          request.integer(
              2, -1, Integer.MAX_VALUE, "ERR count should be greater than or equal to -1");
      if (count < 0) {
        count = Integer.MAX_VALUE;
      }
    }
    List<SlowLog.Entry> entries = session.server().slowLog().newest(count);
    out.array(entries.size());
    for (SlowLog.Entry entry : entries) {
      out.array(6);
      out.number(entry.id());
      out.number(entry.wallSeconds());
      out.number(entry.micros());
      out.array(entry.arguments().size());
      for (String argument : entry.arguments()) {
        out.bulk(argument);
      }
      out.bulk(entry.address());
      out.bulk(entry.name());
    }
  }

  private static Operation memoryUsage(Request request) throws CommandException {
    for (int i = 3; i < request.count(); i += 2) {
      if (!request.is(i, "SAMPLES") || i + 1 == request.count()) {
        throw CommandException.syntax();
      }
      if (request.integer(i + 1) < 0) {
        throw CommandException.syntax();
      }
    }
    return new Operation.MemoryUsage(request.bytes(2));
  }

  private static void sleep(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    double seconds;
    try {
      seconds = Double.parseDouble(request.text(2));
    } catch (NumberFormatException e) {
      throw new CommandException("ERR value is not a valid float");
    }
    if (!(seconds >= 0 && seconds <= SLEEP_SECONDS_MAX)) {
      throw new CommandException("ERR sleep is 0 to 3600 seconds");
    }
    session.sleep((long) (seconds * 1000));
    out.ok();
  }
}
