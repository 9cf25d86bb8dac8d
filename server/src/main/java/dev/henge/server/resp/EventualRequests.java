package dev.henge.server.resp;

import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.replication.quorum.Level;
import dev.henge.server.cluster.Failures;
import dev.henge.server.eventual.Asking;
import dev.henge.server.eventual.EventualClient;
import dev.henge.server.eventual.EventualSession;
import dev.henge.server.eventual.EventualSession.Footprint;
import dev.henge.server.eventual.KeyAnswer;
import dev.henge.server.store.Keyspace;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How one connection's requests reach eventual keyspaces, and at which levels.
///
/// - Threads: that of the session.
final class EventualRequests {
  private final RespServer server;
  private final RespSession session;
  private final EventualSession order = new EventualSession();
  private @Nullable Level read;
  private @Nullable Level write;

  EventualRequests(RespServer server, RespSession session) {
    this.server = server;
    this.session = session;
  }

  /// From now on, for requests that name none; null for the keyspace's own.
  void levels(@Nullable Level forReads, @Nullable Level forWrites) {
    read = forReads;
    write = forWrites;
  }

  @Nullable Level read() {
    return read;
  }

  @Nullable Level write() {
    return write;
  }

  /// What a request asks besides its key.
  ///
  /// @param context as the client gave it; null for none
  /// @param readLevel null for the connection's
  /// @param writeLevel as `readLevel`
  record Options(
      @Nullable String context,
      @Nullable Level readLevel,
      @Nullable Level writeLevel,
      Expiry expiry) {}

  /// Writes what came of a request about one key.
  interface KeyReply {
    void write(KeyAnswer answer, ReplyWriter out);
  }

  /// Has an operation done; its answer holds its place among the replies.
  void handOver(
      Operation operation, Keyspace keyspace, Scope.Limits limits, LaterReplies.Answer answer)
      throws CommandException {
    EventualClient client = client();
    Asking asking = asking(keyspace, limits, read, write);
    LaterReplies.Later later = session.executor().answerLater(answer, Remote.bytes(operation));
    order.submit(
        Footprint.of(operation),
        done ->
            client.evaluate(
                operation,
                asking,
                reply -> {
                  done.run();
                  later.answer(reply);
                }));
  }

  void get(byte[] key, Options options, KeyReply reply) throws CommandException {
    EventualClient client = client();
    Asking asking = asking(options);
    submit(key, 0, false, reply, heard -> client.read(key, asking, heard));
  }

  void put(byte[] key, byte[] value, Options options, KeyReply reply) throws CommandException {
    EventualClient client = client();
    Asking asking = asking(options);
    submit(
        key,
        value.length,
        true,
        reply,
        heard -> client.put(key, value, options.context, options.expiry, asking, heard));
  }

  void delete(byte[] key, Options options, KeyReply reply) throws CommandException {
    EventualClient client = client();
    Asking asking = asking(options);
    submit(key, 0, true, reply, heard -> client.delete(key, options.context, asking, heard));
  }

  private void submit(
      byte[] key,
      int valueBytes,
      boolean writes,
      KeyReply reply,
      Consumer<Consumer<KeyAnswer>> request) {
    var found = new AtomicReference<KeyAnswer>();
    LaterReplies.Later later =
        session
            .executor()
            .answerLater((_, out) -> write(found.get(), reply, out), key.length + valueBytes);
    order.submit(
        new Footprint(List.of(key), writes),
        done ->
            request.accept(answer -> {
              found.set(answer);
              done.run();
              later.answer(Reply.NOTHING);
            }));
  }

  private static void write(KeyAnswer answer, KeyReply reply, ReplyWriter out) {
    if (answer instanceof KeyAnswer.Failed(Reply.Failure why)) {
      Replies.plain(why, out);
    } else {
      reply.write(answer, out);
    }
  }

  private Asking asking(Options options) {
    Executor executor = session.executor();
    return asking(
        executor.keyspace(),
        executor.limits(),
        options.readLevel == null ? read : options.readLevel,
        options.writeLevel == null ? write : options.writeLevel);
  }

  private Asking asking(
      Keyspace keyspace,
      Scope.Limits limits,
      @Nullable Level readLevel,
      @Nullable Level writeLevel) {
    return new Asking(
        keyspace.name(),
        keyspace.id(),
        limits,
        readLevel,
        writeLevel,
        server.options().requestTimeout().toMillis());
  }

  private EventualClient client() throws CommandException {
    EventualClient client = server.eventualClient();
    if (client == null) {
      throw new CommandException(
          Failures.UNAVAILABLE.code() + " this node has no way to eventual keyspaces yet");
    }
    return client;
  }
}
