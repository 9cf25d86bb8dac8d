package dev.henge.server.resp;

import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.server.store.Group;
import dev.henge.server.store.GroupMovedException;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.WriteMark;
import dev.henge.storage.Access;
import dev.henge.storage.EngineException;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.WriteRefusedException;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the requests of one session: finds the command, checks what may be run, evaluates it, and
/// writes its reply.
///
/// - Threads: that of the session.
final class Executor {
  /// Whether a request has been answered.
  enum Outcome {
    DONE,
    /// It was handed over, and holds its place among the replies.
    LATER,
    /// Nothing was done or written: come again on the event thread, when the answers to what was
    /// handed over have come and what this node's log holds back has been sent.
    IN_ORDER,
    /// Nothing was done or written: come again on a thread that may block.
    MUST_WAIT
  }

  private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

  /// How much of an unknown command's arguments its error repeats.
  private static final int SHOWN_CHARACTERS = 128;

  private final RespServer server;
  private final RespSession session;
  private final ReplyWriter out;
  private final WriteMark mark = new WriteMark();
  private final Transaction transaction = new Transaction();
  private Keyspace keyspace;
  private Scope.Limits limits;
  private boolean trusted;
  private boolean onWorker;
  private boolean handedOver;
  private boolean answersTransaction;
  private @Nullable RequestId requestId;

  // where the client's newest write was evaluated
  private @Nullable Group wroteIn;
  private long wroteSequence;
  private boolean wroteElsewhere;

  // of replicated keyspaces
  private final Remote remote;
  private final EventualRequests eventual;

  // of the run in progress
  private boolean firstRequest;
  private boolean timeKnown;
  private long nanos;

  Executor(RespServer server, RespSession session, ReplyWriter out) {
    this.server = server;
    this.session = session;
    this.out = out;
    this.remote = new Remote(server, session);
    this.eventual = new EventualRequests(server, session);
    this.keyspace = first(server, session);
    this.limits = server.keyspaces().limits(keyspace);
    this.trusted = server.parameters().password().isEmpty();
  }

  private static Keyspace first(RespServer server, RespSession session) {
    Keyspace ofCluster = session.cluster() == null ? null : server.clusterKeyspace();
    return ofCluster == null ? server.keyspaces().database(0) : ofCluster;
  }

  /// Whether the client may run commands: it has authenticated, or need not.
  boolean trusted() {
    return trusted;
  }

  void trust(boolean yes) {
    trusted = yes;
  }

  Keyspace keyspace() {
    return keyspace;
  }

  /// What is too large for the keyspace.
  Scope.Limits limits() {
    return limits;
  }

  WriteMark mark() {
    return mark;
  }

  Transaction transaction() {
    return transaction;
  }

  /// Whether a command runs because its turn to answer within a transaction has come.
  boolean answersTransaction() {
    return answersTransaction;
  }

  void answersTransaction(boolean yes) {
    answersTransaction = yes;
  }

  /// Runs a command whose write has a request id.
  void runUnder(RequestId id, Command command, Request request) throws CommandException {
    requestId = id;
    try {
      run(command, request);
    } finally {
      requestId = null;
    }
  }

  /// How the client's operations reach replicated keyspaces.
  Remote remote() {
    return remote;
  }

  /// How they reach eventual ones.
  EventualRequests eventual() {
    return eventual;
  }

  /// Moves the client to another keyspace.
  void select(Keyspace other) {
    if (other.group() != keyspace.group()) {
      session.closePart();
      mark.reset();
    }
    keyspace = other;
    limits = server.keyspaces().limits(other);
    session.client().keyspace(other.name(), other.database());
  }

  /// A run of requests begins, one after another without a pause.
  void beginRun() {
    firstRequest = true;
    timeKnown = false;
  }

  /// Runs a complete request.
  ///
  /// @param mayBlock whether this thread may wait for the disk
  Outcome execute(Request request, boolean mayBlock) {
    long before = out.end();
    onWorker = mayBlock;
    handedOver = false;
    boolean replicated = keyspace.group() == null;
    if (session.waitsForAnswers()) {
      if (!mayJoin(request) || !session.hasRoomForAnswers()) {
        return Outcome.IN_ORDER;
      }
    } else if (replicated && (mayBlock || session.holdsReplies())) {
      return Outcome.IN_ORDER;
    }
    try {
      Command command = request.command();
      if (command == null) {
        throw rejected(unknown(request));
      }
      if (!command.subcommands().isEmpty() && request.count() > 1) {
        command = subcommand(command, request);
      }
      if (!command.accepts(request.count())) {
        String wrong = "wrong number of arguments for '" + command.fullName() + "' command";
        if (command.name().equals("exec")) {
          transaction.discard();
          session.client().queuedCount(-1);
          throw new CommandException("EXECABORT Transaction discarded because of: " + wrong);
        }
        throw rejected("ERR " + wrong);
      }
      if (!trusted && !command.noAuthentication()) {
        throw rejected("NOAUTH Authentication required.");
      }
      if (!command.modes().contains(Command.Mode.of(keyspace))) {
        throw rejected("ERR " + command.needs());
      }
      if (!command.prefixes()) {
        remote.redirect(command, request, keyspace);
      }
      if (transaction.open() && !command.insideTransaction()) {
        if (command.has(Command.Flag.NO_MULTI)) {
          throw rejected("ERR Command not allowed inside a transaction");
        }
        transaction.queue(request, command);
        session.client().queuedCount(transaction.queuedCount());
        out.queued();
        return Outcome.DONE;
      }
      if (!mayBlock && !replicated && command.slow()) {
        return Outcome.MUST_WAIT;
      }
      // A request begins when the one before it has ended: the clock is read once for both.
      long begun = timeKnown ? nanos : server.clock().monotonicNanos();
      timeKnown = false;
      run(command, request);
      session.client().ran(command);
      nanos = server.slowLog().consider(command, request, begun, session.client());
      timeKnown = true;
      firstRequest = false;
      return handedOver ? Outcome.LATER : Outcome.DONE;
    } catch (CommandException refused) {
      if (session.waitsForAnswers()) {
        return Outcome.IN_ORDER;
      }
      out.truncate(before);
      out.error(refused.bytes());
      return Outcome.DONE;
    } catch (NotInMemoryException elsewhere) {
      out.truncate(before);
      return Outcome.MUST_WAIT;
    } catch (GroupMovedException moved) {
      out.truncate(before);
      select(keyspace.elsewhere());
      return Outcome.IN_ORDER;
    } catch (EngineException damaged) {
      LOG.error("a request of client {} met damage", session.client().id(), damaged);
      out.truncate(before);
      out.error("DAMAGED " + damaged.getMessage() + "; run `henge check` on the data directory");
      return Outcome.DONE;
    } catch (RuntimeException bug) {
      LOG.error("a request of client {} failed", session.client().id(), bug);
      out.truncate(before);
      out.error("ERR internal error: " + bug + "; the connection is closed");
      session.end();
      return Outcome.DONE;
    }
  }

  /// Runs a command whose name, arity and place have been checked.
  void run(Command command, Request request) throws CommandException {
    Command.Parser parser = command.parser();
    Command.Translator translator = command.translator();
    if (parser != null && translator != null) {
      Operation operation = parser.parse(request);
      if (keyspace.group() == null) {
        Request kept = request.copy();
        handOver(operation, false, (reply, writer) -> translator.write(reply, kept, writer));
      } else {
        translator.write(evaluate(operation), request, out);
      }
      return;
    }
    Command.Handler handler = command.handler();
    if (handler == null) {
      throw new CommandException(
          "ERR wrong number of arguments for '" + command.fullName() + "' command");
    }
    handler.handle(session, request, out);
  }

  /// Evaluates `operation` for this client and has its answer written, now or when it comes.
  ///
  /// @param holdersFirst whether the answer needs to know who holds the client's newest write
  ///   before that ([Remote#holdersBefore])
  /// @throws NotInMemoryException when this thread may not wait, and it must
  void evaluate(Operation operation, boolean holdersFirst, LaterReplies.Answer answer)
      throws CommandException {
    if (keyspace.group() == null) {
      handOver(operation, holdersFirst, answer);
    } else {
      answer.write(evaluate(operation), out);
    }
  }

  /// The answer to the request comes later, by [LaterReplies.Later#answer].
  LaterReplies.Later answerLater(LaterReplies.Answer answer) {
    return answerLater(answer, 0);
  }

  /// @param requestBytes that the request keeps in memory until then
  LaterReplies.Later answerLater(LaterReplies.Answer answer, long requestBytes) {
    handedOver = true;
    return session.answerLater(answer, requestBytes);
  }

  private void handOver(Operation operation, boolean holdersFirst, LaterReplies.Answer answer)
      throws CommandException {
    checkPlace(operation, keyspace);
    if (keyspace.isEventual()) {
      eventual.handOver(operation, keyspace, limits, answer);
      return;
    }
    remote.handOver(operation, keyspace, limits, requestId, holdersFirst, answer);
    handedOver = true;
    if (operation.writes()) {
      wroteIn = null;
      wroteElsewhere = true;
    }
  }

  /// The answer comes when it is known who holds the client's newest write.
  void answerAfterHolders(LaterReplies.Answer answer) throws CommandException {
    remote.answerAfterHolders(keyspace, limits, answer);
    handedOver = true;
  }

  /// Whether the client's newest write, or what it would write next where it has written nothing,
  /// is in a group of this node alone.
  boolean wroteHere() {
    return wroteIn != null || (!wroteElsewhere && keyspace.group() != null);
  }

  /// The group of this node alone that has the client's newest write; null where it has none.
  @Nullable Group wroteIn() {
    return wroteIn;
  }

  /// Up to where the engine of [#wroteIn] must be durable for that.
  long wroteSequence() {
    return wroteSequence;
  }

  private Reply evaluate(Operation operation, Group group, Access access)
      throws WriteRefusedException {
    Reply reply = group.evaluate(operation, keyspace, limits, requestId, mark, access);
    if (operation.writes()) {
      wroteIn = group;
      wroteSequence = mark.sequence();
      wroteElsewhere = false;
    }
    return reply;
  }

  /// Whether a request may be handed over while answers to others are still to come.
  private boolean mayJoin(Request request) {
    Command command = request.command();
    int count = request.count();
    if (command != null && command.prefixes() && count > HengeCommands.PREFIX_COUNT) {
      command = HengeCommands.inner(session, request);
      count -= HengeCommands.PREFIX_COUNT;
    }
    return command != null
        && (command.parser() != null || command.joins())
        && command.modes().contains(Command.Mode.of(keyspace))
        && command.accepts(count)
        && trusted
        && !transaction.open()
        && keyspace.group() == null;
  }

  /// Evaluates `operation` on this node's own group.
  ///
  /// @throws NotInMemoryException when this thread may not wait, and it must
  Reply evaluate(Operation operation) throws CommandException {
    checkPlace(operation, keyspace);
    Group group = Objects.requireNonNull(keyspace.group(), "evaluated by this node");
    if (!onWorker) {
      if (operation.scans()) {
        throw NotInMemoryException.INSTANCE;
      }
      try {
        return evaluate(operation, group, access());
      } catch (WriteRefusedException refused) {
        if (refused.reason() == WriteRefusedException.Reason.STALLED) {
          throw NotInMemoryException.INSTANCE;
        }
        throw refusal(refused);
      }
    }
    while (true) {
      try {
        return evaluate(operation, group, Access.DISK);
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          throw refusal(refused);
        }
      }
      try {
        group.engine().awaitRoom();
      } catch (WriteRefusedException stopped) {
        throw refusal(stopped);
      }
    }
  }

  /// What names databases by number cannot be asked of a named keyspace.
  static void checkPlace(Operation operation, Keyspace keyspace) throws CommandException {
    if (keyspace.database() >= 0) {
      return;
    }
    boolean databases =
        switch (operation) {
          case Operation.Flush flush -> flush.allDatabases();
          case Operation.SwapDatabases swap -> true;
          case Operation.Copy copy -> copy.targetDatabase() >= 0;
          default -> false;
        };
    if (databases) {
      throw new CommandException(
          "ERR that is about databases 0-15, and keyspace '"
              + keyspace.name()
              + "' is none of them: SELECT one first");
    }
  }

  /// What this thread may do to find data. On an event thread the first request of a run may fetch
  /// a block that the system has in memory, because handing it over costs more; where further ones
  /// need blocks, a worker fetches all of them, and the event thread is free for other connections.
  Access access() {
    if (onWorker) {
      return Access.DISK;
    }
    return firstRequest ? Access.MEMORY : Access.CACHE;
  }

  /// The client has gone.
  void forget() {
    transaction.discard();
  }

  private static CommandException refusal(WriteRefusedException refused) {
    return new CommandException(
        switch (refused.reason()) {
          case DISK_FULL ->
              "DISKFULL "
                  + refused.getMessage()
                  + "; nothing was written, reads go on, writes are taken again when space returns";
          case STOPPED ->
              "STOPPED "
                  + refused.getMessage()
                  + "; nothing was written, reads go on; restart the server to write again";
          case TOO_LARGE -> "ERR " + refused.getMessage();
          case STALLED -> "OVERLOADED " + refused.getMessage();
        });
  }

  private Command subcommand(Command container, Request request) throws CommandException {
    Command found = container.subcommands().get(request.text(1).toLowerCase(Locale.ROOT));
    if (found == null) {
      throw rejected(
          "ERR unknown subcommand '"
              + shortened(request.shown(1))
              + "'. Try "
              + container.name().toUpperCase(Locale.ROOT)
              + " HELP.");
    }
    return found;
  }

  private static String unknown(Request request) {
    var shown = new StringBuilder();
    for (int i = 1; i < request.count() && shown.length() < SHOWN_CHARACTERS; i++) {
      String text = request.shown(i);
      int room = SHOWN_CHARACTERS - shown.length();
      shown.append('\'').append(text, 0, Math.min(room, text.length())).append("' ");
    }
    return "ERR unknown command '"
        + shortened(request.shown(0))
        + "', with args beginning with: "
        + shown;
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS);
  }

  /// A request that is wrong spoils the transaction it is meant for.
  private CommandException rejected(String line) {
    transaction.spoil();
    return new CommandException(line);
  }
}
