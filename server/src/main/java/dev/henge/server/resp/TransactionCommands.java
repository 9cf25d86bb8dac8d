package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.ALLOW_BUSY;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.NOSCRIPT;
import static dev.henge.server.resp.Command.Flag.STALE;
import static dev.henge.server.resp.Command.Mode.STRONG;

import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.server.cluster.StrongSession;
import dev.henge.server.store.Group;
import dev.henge.server.store.Keyspace;
import dev.henge.storage.Access;
import dev.henge.storage.NotInMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// MULTI, EXEC and WATCH: queued data commands become one operation, and one batch of the engine.
final class TransactionCommands {
  private TransactionCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        transaction("multi", 1, "", "Begins to queue commands.")
            .since("1.2.0")
            .insideTransaction()
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .handler("simple string `OK`", TransactionCommands::multi),
        transaction("exec", 1, "", "Runs what is queued, all or nothing.")
            .since("1.2.0")
            .insideTransaction()
            .flags(NOSCRIPT, LOADING, STALE)
            .handler("array, or null where a watched key has changed", TransactionCommands::exec),
        transaction("discard", 1, "", "Forgets what is queued.")
            .since("2.0.0")
            .insideTransaction()
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .handler("simple string `OK`", TransactionCommands::discard),
        transaction("watch", -2, "key [key ...]", "Makes EXEC depend on keys staying as they are.")
            .since("2.2.0")
            .keys(1, -1, 1)
            .insideTransaction()
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .handler("simple string `OK`", TransactionCommands::watch),
        transaction("unwatch", 1, "", "Forgets the watched keys.")
            .since("2.2.0")
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .handler(
                "simple string `OK`",
                (session, request, out) -> {
                  session.executor().transaction().unwatch();
                  session.client().watchedCount(0);
                  out.ok();
                }));
  }

  private static Command.Builder transaction(
      String name, int arity, String syntax, String summary) {
    return Command.named(name)
        .group("transactions")
        .arity(arity)
        .modes(STRONG)
        .syntax(syntax)
        .summary(summary);
  }

  private static void multi(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Transaction transaction = session.executor().transaction();
    if (transaction.open()) {
      throw new CommandException("ERR MULTI calls can not be nested");
    }
    transaction.begin();
    session.client().queuedCount(0);
    out.ok();
  }

  private static void discard(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Transaction transaction = session.executor().transaction();
    if (!transaction.open()) {
      throw new CommandException("ERR DISCARD without MULTI");
    }
    end(session, transaction);
    out.ok();
  }

  private static void watch(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Executor executor = session.executor();
    Transaction transaction = executor.transaction();
    if (transaction.open()) {
      throw new CommandException("ERR WATCH inside MULTI is not allowed");
    }
    Keyspace keyspace = executor.keyspace();
    Group group = keyspace.group();
    if (group == null) {
      watchElsewhere(session, keyspace, request.list(1));
      return;
    }
    var watches = new ArrayList<Operation.Watch>();
    for (byte[] key : request.list(1)) {
      watches.add(group.watch(keyspace, key, executor.mark(), executor.access()));
    }
    transaction.watch(keyspace, watches);
    session.client().watchedCount(transaction.watches().size());
    out.ok();
  }

  private static void watchElsewhere(RespSession session, Keyspace keyspace, List<byte[]> keys)
      throws CommandException {
    Executor executor = session.executor();
    Transaction transaction = executor.transaction();
    transaction.watch(keyspace, List.of());
    var found = new AtomicReference<List<Operation.Watch>>(List.of());
    LaterReplies.Later later =
        executor.answerLater((reply, out) -> {
          try {
            transaction.watch(keyspace, found.get());
            session.client().watchedCount(transaction.watches().size());
            Replies.plain(reply, out);
          } catch (CommandException refused) {
            out.error(refused.bytes());
          }
        });
    executor
        .remote()
        .watch(
            keyspace,
            session.server().keyspaces().limits(keyspace),
            keys,
            new StrongSession.Watched() {
              @Override
              public void watches(List<Operation.Watch> watches) {
                found.set(watches);
                later.answer(Reply.OK);
              }

              @Override
              public void refused(Reply.Failure why) {
                later.answer(why);
              }
            });
  }

  private static void exec(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    Executor executor = session.executor();
    Transaction transaction = executor.transaction();
    if (!transaction.open()) {
      throw new CommandException("ERR EXEC without MULTI");
    }
    if (transaction.spoiled()) {
      end(session, transaction);
      throw new CommandException("EXECABORT Transaction discarded because of previous errors.");
    }
    if (!transaction.watchesOnly(executor.keyspace())) {
      end(session, transaction);
      throw new CommandException(
          "EXECABORT Transaction discarded because the watched keys belong to another keyspace");
    }
    List<Slot> slots = slots(session, transaction);
    boolean here = executor.keyspace().group() != null;
    if (here && executor.access() != Access.DISK && slots.stream().anyMatch(Slot::mustWait)) {
      throw NotInMemoryException.INSTANCE;
    }
    List<Operation.Step> steps = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.step != null) {
        steps.add(slot.step);
      }
    }
    boolean asksHolders =
        !here && !executor.wroteHere() && slots.stream().anyMatch(Slot::asksHolders);
    if (steps.isEmpty() && transaction.watches().isEmpty()) {
      if (asksHolders) {
        executor.answerAfterHolders(
            (reply, writer) -> finish(session, slots, new Reply.Many(List.of()), writer));
        return;
      }
      end(session, transaction);
      answer(session, slots, List.of(), out);
      return;
    }
    var operation = new Operation.Transaction(steps, List.copyOf(transaction.watches()));
    try {
      executor.evaluate(
          operation, asksHolders, (reply, writer) -> finish(session, slots, reply, writer));
    } catch (CommandException refused) {
      end(session, transaction);
      throw refused;
    }
  }

  /// The transaction is open until its answer is written: nothing of the connection comes between.
  private static void finish(RespSession session, List<Slot> slots, Reply reply, ReplyWriter out) {
    end(session, session.executor().transaction());
    switch (reply) {
      case Reply.Many many -> {
        if (many.items().size() == slots.stream().filter(slot -> slot.step != null).count()) {
          answer(session, slots, many.items(), out);
        } else {
          out.error("ERR another transaction was done under this request id; this one was not");
        }
      }
      case Reply.Nothing aborted -> out.nothingMany();
      default -> Replies.plain(reply, out);
    }
  }

  /// One queued request: a step of the operation, an error, or a command of the connection, which
  /// runs when its turn to answer has come.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Slot(
      Transaction.Queued queued, Operation.@Nullable Step step, byte @Nullable [] error) {
    boolean mustWait() {
      return queued.command().slow() || (step != null && step.operation().scans());
    }

    boolean asksHolders() {
      return queued.command().asksHolders();
    }
  }

  /// Reads the queued requests, without doing anything yet. SELECT is followed as it goes, because
  /// it decides where the requests behind it belong.
  private static List<Slot> slots(RespSession session, Transaction transaction) {
    Keyspace keyspace = session.executor().keyspace();
    var slots = new ArrayList<Slot>();
    for (Transaction.Queued queued : transaction.queued()) {
      Operation.Step step = null;
      byte[] error = null;
      try {
        Command.Parser parser = queued.command().parser();
        if (parser != null) {
          Operation operation = parser.parse(queued.request());
          Executor.checkPlace(operation, keyspace);
          step = new Operation.Step(keyspace.database(), operation);
        } else if (queued.command().name().equals("select")) {
          Keyspace next = ConnectionCommands.keyspace(session, queued.request(), 1);
          if (!next.sharesGroupWith(keyspace)) {
            throw new CommandException(
                "ERR a transaction cannot leave its keyspace; databases 0-15 are one");
          }
          keyspace = next;
        }
      } catch (CommandException refused) {
        error = refused.bytes();
      }
      slots.add(new Slot(queued, step, error));
    }
    return slots;
  }

  private static void answer(
      RespSession session, List<Slot> slots, List<Reply> replies, ReplyWriter out) {
    out.array(slots.size());
    int next = 0;
    for (Slot slot : slots) {
      Request request = slot.queued.request();
      Command.Translator translator = slot.queued.command().translator();
      if (slot.error != null) {
        out.error(slot.error);
      } else if (slot.step != null && translator != null) {
        translator.write(replies.get(next++), request, out);
      } else {
        long before = out.end();
        session.executor().answersTransaction(true);
        try {
          session.executor().run(slot.queued.command(), request);
        } catch (CommandException refused) {
          out.truncate(before);
          out.error(refused.bytes());
        } finally {
          session.executor().answersTransaction(false);
        }
      }
    }
  }

  private static void end(RespSession session, Transaction transaction) {
    transaction.discard();
    session.client().queuedCount(-1);
    session.client().watchedCount(0);
  }
}
