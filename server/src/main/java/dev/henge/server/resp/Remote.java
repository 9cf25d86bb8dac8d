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
  LaterReplies.Later handOver(
      Operation operation,
      Keyspace keyspace,
      Scope.Limits limits,
      @Nullable RequestId requestId,
      LaterReplies.Answer answer)
      throws CommandException {
    StrongSession to = strong();
    LaterReplies.Later later = session.answerLater(answer, bytes(operation));
    Consistency level = consistency;
    to.submit(
        new StrongCall(keyspace, limits, operation, level, requestId, timeoutMillis()),
        (reply, index, age) -> {
          if (level == Consistency.STALE && !operation.writes()) {
            ageMillis = age;
          }
          later.answer(reply);
        });
    return later;
  }

  /// WATCH: `watched` is told how the keys stand.
  void watch(
      Keyspace keyspace, Scope.Limits limits, List<byte[]> keys, StrongSession.Watched watched)
      throws CommandException {
    strong().watch(call(keyspace, limits, new Operation.GetMany(keys)), keys, watched);
  }

  /// Answers, as a number, how many replicas hold the client's newest write, as soon as there are
  /// `wanted`, or when the time is over.
  ///
  /// @param timeoutMillis 0 for no end
  void waitForHolders(
      Keyspace keyspace,
      Scope.Limits limits,
      long wanted,
      long timeoutMillis,
      LaterReplies.Later later)
      throws CommandException {
    StrongSession to = strong();
    long begun = server.clock().monotonicNanos();
    StrongCall call = call(keyspace, limits, NOTHING);
    look(to, call, wanted, timeoutMillis, begun, later);
  }

  private void look(
      StrongSession to,
      StrongCall call,
      long wanted,
      long timeoutMillis,
      long begun,
      LaterReplies.Later later) {
    to.holders(
        call,
        (reply, index, age) -> {
          long passed = (server.clock().monotonicNanos() - begun) / 1_000_000;
          long count = reply instanceof Reply.Number(long value) ? value : 0;
          boolean over = timeoutMillis > 0 && passed >= timeoutMillis;
          if (count >= wanted || over || session.isClosed() || !to.hasWritten()) {
            later.answer(new Reply.Number(count));
          } else {
            Runnable again = () -> look(to, call, wanted, timeoutMillis, begun, later);
            server.later(LOOK_MILLIS, () -> session.connection().execute(again));
          }
        });
  }

  /// On the port of the Redis Cluster protocol: sends a client that routes by itself to the leader.
  void redirect(Command command, Request request, Keyspace keyspace) throws CommandException {
    boolean asked = asking;
    asking = false;
    ClusterView cluster = session.cluster();
    if (cluster == null || keyspace.group() != null || command.firstKey() == 0) {
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
  private static long bytes(Operation operation) {
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

  private static final Operation NOTHING = new Operation.CountExisting(List.of());
}
