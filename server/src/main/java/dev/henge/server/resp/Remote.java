package dev.henge.server.resp;

import dev.henge.base.Slots;
import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.server.cluster.Consistency;
import dev.henge.server.cluster.Failures;
import dev.henge.server.cluster.StrongCall;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.cluster.StrongSession;
import dev.henge.server.store.Keyspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How one client's operations reach keyspaces that replicated groups, or other nodes, evaluate.
///
/// - Threads: that of the session.
final class Remote {
  /// Between two looks at who holds a write.
  private static final long LOOK_MILLIS = 5;

  private final RespServer server;
  private final RespSession session;
  private @Nullable StrongSession strong;
  private Consistency consistency = Consistency.LINEARIZABLE;
  private boolean asking;
  private volatile long ageMillis;
  private volatile Reply.Many holdersBefore = NO_HOLDERS;

  Remote(RespServer server, RespSession session) {
    this.server = server;
    this.session = session;
  }

  Consistency consistency() {
    return consistency;
  }

  void consistency(Consistency chosen) {
    consistency = chosen;
  }

  /// How old what the newest stale read saw may be.
  long ageMillis() {
    return ageMillis;
  }

  /// ASKING: the next command is not redirected.
  void asking() {
    asking = true;
  }

  /// Submits `operation`; its answer holds its place among the replies.
  ///
  /// @param requestId under which a write that is sent again happens once; null for none
  /// @param holdersFirst whether it is looked before who holds the client's newest write
  LaterReplies.Later handOver(
      Operation operation,
      Keyspace keyspace,
      Scope.Limits limits,
      @Nullable RequestId requestId,
      boolean holdersFirst,
      LaterReplies.Answer answer)
      throws CommandException {
    StrongSession to = strong();
    LaterReplies.Later later = session.answerLater(answer, bytes(operation));
    Consistency level = consistency;
    var call = new StrongCall(keyspace, limits, operation, level, requestId, timeoutMillis());
    Runnable submit =
        () ->
            to.submit(
                call,
                (reply, index, age) -> {
                  if (level == Consistency.STALE && !operation.writes()) {
                    ageMillis = age;
                  }
                  later.answer(reply);
                });
    if (holdersFirst) {
      lookBefore(to, keyspace, limits, submit);
    } else {
      submit.run();
    }
    return later;
  }

  /// WATCH: `watched` is told how the keys stand.
  void watch(
      Keyspace keyspace, Scope.Limits limits, List<byte[]> keys, StrongSession.Watched watched)
      throws CommandException {
    strong().watch(call(keyspace, limits, new Operation.GetMany(keys)), keys, watched);
  }

  /// Answers who holds the client's newest write, as `Many` of whether the leader does and how many
  /// replicas besides, as soon as that is as many as wanted, or when the time is over.
  ///
  /// @param wantedOwn whether the leader must hold it, 1 or 0
  /// @param timeoutMillis 0 for no end
  void waitForHolders(
      Keyspace keyspace,
      Scope.Limits limits,
      long wantedOwn,
      long wanted,
      long timeoutMillis,
      LaterReplies.Later later)
      throws CommandException {
    StrongSession to = strong();
    long begun = server.clock().monotonicNanos();
    var look = new Look(wantedOwn, wanted, timeoutMillis, begun, later);
    look(to, call(keyspace, limits, NOTHING), look);
  }

  private record Look(
      long wantedOwn, long wanted, long timeoutMillis, long begun, LaterReplies.Later later) {}

  private void look(StrongSession to, StrongCall call, Look look) {
    to.holders(
        call,
        (reply, index, age) -> {
          long passed = (server.clock().monotonicNanos() - look.begun) / 1_000_000;
          Reply.Many found = holders(reply);
          boolean enough = own(found) >= look.wantedOwn && others(found) >= look.wanted;
          boolean over = look.timeoutMillis > 0 && passed >= look.timeoutMillis;
          if (enough || over || session.isClosed()) {
            look.later.answer(found);
          } else {
            Runnable again = () -> look(to, call, look);
            server.later(LOOK_MILLIS, () -> session.connection().execute(again));
          }
        });
  }

  /// Looks once who holds the client's newest write, for [#holdersBefore], and goes on with `then`.
  private void lookBefore(StrongSession to, Keyspace keyspace, Scope.Limits limits, Runnable then) {
    to.holders(
        call(keyspace, limits, NOTHING),
        (reply, index, age) -> {
          holdersBefore = holders(reply);
          session.connection().execute(then);
        });
  }

  /// Who held the client's newest write before the transaction that is being answered.
  Reply.Many holdersBefore() {
    return holdersBefore;
  }

  /// `answer` comes when it is known who holds the client's newest write.
  LaterReplies.Later answerAfterHolders(
      Keyspace keyspace, Scope.Limits limits, LaterReplies.Answer answer) throws CommandException {
    StrongSession to = strong();
    LaterReplies.Later later = session.answerLater(answer, 0);
    lookBefore(to, keyspace, limits, () -> later.answer(Reply.NOTHING));
    return later;
  }

  /// Whether the leader holds it.
  static long own(Reply.Many holders) {
    return number(holders, 0);
  }

  /// How many replicas besides hold it.
  static long others(Reply.Many holders) {
    return number(holders, 1);
  }

  /// What is not known is none.
  private static Reply.Many holders(Reply reply) {
    return reply instanceof Reply.Many many && many.items().size() == 2 ? many : NO_HOLDERS;
  }

  private static long number(Reply.Many holders, int index) {
    return holders.items().get(index) instanceof Reply.Number(long value) ? value : 0;
  }

  /// On the port of the Redis Cluster protocol: sends a client that routes by itself to the leader.
  void redirect(Command command, Request request, Keyspace keyspace) throws CommandException {
    boolean asked = asking;
    asking = false;
    ClusterView cluster = session.cluster();
    if (cluster == null
        || keyspace.group() != null
        || keyspace.isEventual()
        || command.firstKey() == 0) {
      return;
    }
    List<byte[]> keys = command.keys(request);
    if (keys.isEmpty() || asked) {
      return;
    }
    int slot = Slots.of(keys.getFirst());
    boolean readsHere = consistency == Consistency.STALE && command.has(Command.Flag.READONLY);
    String elsewhere = cluster.redirection(keyspace, slot, readsHere);
    if (elsewhere != null) {
      session.executor().transaction().spoil();
      throw new CommandException(elsewhere);
    }
  }

  private StrongCall call(Keyspace keyspace, Scope.Limits limits, Operation operation) {
    return new StrongCall(keyspace, limits, operation, consistency, null, timeoutMillis());
  }

  private long timeoutMillis() {
    return server.options().requestTimeout().toMillis();
  }

  private StrongSession strong() throws CommandException {
    StrongSession known = strong;
    if (known != null) {
      return known;
    }
    StrongClient client = server.strongClient();
    if (client == null) {
      throw new CommandException(
          Failures.UNAVAILABLE.code() + " " + Failures.UNAVAILABLE.message());
    }
    StrongSession made = client.session();
    strong = made;
    return made;
  }

  /// What an operation keeps in memory, about.
  static long bytes(Operation operation) {
    return switch (operation) {
      case Operation.Set set -> set.key().length + set.value().length;
      case Operation.SetMany many ->
          many.keysAndValues().stream().mapToLong(part -> part.length).sum();
      case Operation.Append append -> append.key().length + append.suffix().length;
      case Operation.SetRange set -> set.key().length + set.value().length;
      case Operation.Restore restore -> restore.key().length + restore.payload().length;
      case Operation.Transaction transaction ->
          transaction.steps().stream().mapToLong(step -> bytes(step.operation())).sum();
      default -> 256;
    };
  }

  private static final Reply.Many NO_HOLDERS = new Reply.Many(List.of(Reply.ZERO, Reply.ZERO));
  private static final Operation NOTHING = new Operation.CountExisting(List.of());
}
