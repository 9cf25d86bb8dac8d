package dev.henge.server.resp;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.data.Reply;
import dev.henge.server.store.Group;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: its input, its replies, and who works on them.
///
/// A session has one owner at a time. Usually that is its event thread: requests are decoded where
/// they arrive and run at once, as long as what they need is in memory; replies leave when the
/// wake-up is over. A request that must wait (for the disk, for room in the engine, for a walk over
/// many keys) takes the whole session, with all the input it has, to a worker, which runs on until
/// that input is drained and then gives the session back. What arrives in between is kept. So
/// replies never overtake each other, and no connection holds up another.
///
/// Replies to unacknowledged writes, and all behind them, are [HeldReplies]: written, not sent.
/// Input goes on being evaluated meanwhile.
///
/// Where a keyspace is evaluated elsewhere, by a replicated group, requests are handed over and
/// their answers are [LaterReplies]: written when they come, in the order of the requests. Requests
/// of other kinds wait until none is open ([Executor.Outcome#IN_ORDER]).
///
/// - Bounds: unread input ([#INPUT_BYTES_MAX], then the socket is not read), replies not sent
///   ([RespOptions#outputHighWaterBytes], then nothing is decoded), unfinished requests of all
///   sessions together ([InputBytes], then this one ends).
/// - Threads: methods of [ConnectionHandler] and [#logMoved] on the event thread.
final class RespSession implements ConnectionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RespSession.class);

  /// Above so many bytes that wait to be decoded the socket is not read.
  private static final int INPUT_BYTES_MAX = 256 << 10;

  private static final byte[] UNKNOWN =
      ReplyWriter.ascii(
          "-UNKNOWN the log has stopped before this was acknowledged: whether writes before this"
              + " reply survive is known when the server has been restarted\r\n");

  // immutable
  private final RespServer server;
  private final Connection connection;
  private final EventThread eventThread;
  private final Client client;
  private final @Nullable ClusterView cluster;
  private final Runnable work = this::work;
  private final Runnable comeBack = this::comeBack;

  // owned by the event thread
  private final InputBuffer arrivals = new InputBuffer();
  private boolean away;
  private boolean finishing;
  private boolean waitsForLog;
  private @Nullable Group stoppedGroup;
  private boolean inputEnded;
  private volatile boolean closed;
  private long countedBytes;

  // owned by whoever has the session
  private final InputBuffer input = new InputBuffer();
  private final RequestDecoder decoder;
  private final Request request;
  private final ReplyWriter out = new ReplyWriter();
  private final HeldReplies held = new HeldReplies();
  private final LaterReplies later = new LaterReplies();
  private final AtomicBoolean wakes = new AtomicBoolean();
  private final Executor executor;
  private boolean requestReady;
  private boolean full;
  private boolean blocked;
  private boolean waitsForRoom;
  private boolean ending;
  private long outputRoomBytes;
  private long sleepMillis;

  // the part of the reply stream that is not settled yet
  private long settledReplyCount;
  private long holdFrom = -1;
  private long holdFromReplyCount;
  private long seenSequence;

  /// @param cluster where the connection speaks the Redis Cluster protocol; null elsewhere
  RespSession(
      RespServer server,
      Connection connection,
      EventThread eventThread,
      Client client,
      @Nullable ClusterView cluster) {
    this.cluster = cluster;
    this.server = server;
    this.connection = connection;
    this.eventThread = eventThread;
    this.client = client;
    this.decoder = new RequestDecoder(server.table(), server.limits());
    this.request = new Request(server.clock(), server.cursors());
    this.executor = new Executor(server, this, out);
  }

  RespServer server() {
    return server;
  }

  Connection connection() {
    return connection;
  }

  Client client() {
    return client;
  }

  /// The cluster, where the connection speaks the Redis Cluster protocol; null elsewhere.
  @Nullable ClusterView cluster() {
    return cluster;
  }

  /// Where replies are written.
  ReplyWriter output() {
    return out;
  }

  /// State that commands change.
  Executor executor() {
    return executor;
  }

  /// No further request is run; the connection closes when the replies are sent.
  void end() {
    ending = true;
  }

  /// The next request runs after so long; other connections go on.
  void sleep(long millis) {
    sleepMillis = millis;
  }

  /// Bytes that wait to be decoded, as [ConnectionHandler]'s thread sees it; for CLIENT LIST.
  int inputBytes() {
    return input.count();
  }

  int outputBytes() {
    return out.pendingBytes();
  }

  @Override
  public void received(ByteBuffer bytes) {
    client.touch(server.clock().monotonicNanos());
    if (ending && !away) {
      return;
    }
    if (away) {
      arrivals.append(bytes);
      if (arrivals.count() > INPUT_BYTES_MAX) {
        connection.readEnabled(false);
      }
      return;
    }
    if (input.count() > 0 || full || blocked) {
      input.append(bytes);
      if (!full && !blocked) {
        advance(input.view());
      }
    } else {
      advance(bytes);
    }
  }

  @Override
  public void receiveComplete() {
    if (!away) {
      settle();
    }
  }

  /// The server ends: no further request is run, and the connection closes when those under way are
  /// answered. On the event thread.
  void finish() {
    finishing = true;
    if (!away && !closed) {
      ending = true;
      settle();
    }
  }

  @Override
  public void inputEnded() {
    inputEnded = true;
    if (!away) {
      settle();
    }
  }

  @Override
  public void writabilityChanged() {
    if (!away && connection.writable()) {
      settle();
    }
  }

  @Override
  public void closed() {
    closed = true;
    server.sessions().remove(client.id());
    if (!away) {
      forget();
    }
  }

  /// The log of a group that replies wait for has moved on, or stopped for good.
  void logMoved(Group group, boolean stopped) {
    waitsForLog = false;
    if (stopped) {
      stoppedGroup = group;
    }
    if (!away && !closed) {
      settle();
    }
  }

  /// The client has been silent: give up buffers that can be had again.
  void shrink() {
    if (!away && !closed) {
      out.shrink();
      input.tidy();
    }
  }

  /// Whether answers are still to come for requests that were handed over.
  boolean waitsForAnswers() {
    return !later.isEmpty();
  }

  boolean hasRoomForAnswers() {
    return !later.isFull();
  }

  /// Whether replies wait for the log of a group of this node.
  boolean holdsReplies() {
    closePart();
    return !held.isEmpty();
  }

  /// Takes the place of a reply in the stream, for an answer that comes later.
  LaterReplies.Later answerLater(LaterReplies.Answer how, long requestBytes) {
    return later.add(how, requestBytes, this::answered);
  }

  /// The connection is gone: nobody waits for answers.
  boolean isClosed() {
    return closed;
  }

  /// From any thread: an answer has come. One task looks at all that came meanwhile.
  private void answered() {
    if (wakes.compareAndSet(false, true)) {
      connection.execute(this::answersCame);
    }
  }

  private void answersCame() {
    wakes.set(false);
    if (!away && !closed) {
      settle();
    }
  }

  /// Writes the answers whose turn has come.
  private void writeAnswers() {
    long before = out.end();
    while (later.writeNext(out)) {
      out.replyDone();
      checkOutput(before);
      before = out.end();
    }
  }

  /// Runs the requests in `in`; on the event thread.
  private void advance(ByteBuffer in) {
    int highWaterBytes = server.options().outputHighWaterBytes();
    outputRoomBytes = Math.max(highWaterBytes / 4, highWaterBytes - connection.unsentBytes());
    ByteBuffer from = in;
    while (true) {
      Executor.Outcome outcome = run(from, false);
      if (from != input.view() && from.hasRemaining() && !ending) {
        input.append(from);
      }
      from = input.view();
      if (outcome == Executor.Outcome.MUST_WAIT) {
        if (leave()) {
          return;
        }
        continue;
      }
      if (sleepMillis > 0) {
        rest();
      }
      return;
    }
  }

  /// Runs requests until none is complete, the output is full, or one must wait; by the owner.
  private Executor.Outcome run(ByteBuffer in, boolean onWorker) {
    executor.beginRun();
    try {
      while (!ending && sleepMillis == 0 && !blocked) {
        if (!requestReady) {
          if (out.pendingBytes() > outputRoomBytes) {
            full = true;
            return Executor.Outcome.DONE;
          }
          if (!decoder.decode(in, request, executor.trusted())) {
            return Executor.Outcome.DONE;
          }
          requestReady = true;
        }
        long before = out.end();
        switch (executor.execute(request, onWorker)) {
          case DONE -> replied(before);
          case LATER -> {
            requestReady = false;
            request.clear();
          }
          case IN_ORDER -> {
            blocked = true;
            waitsForRoom = later.isFull();
          }
          case MUST_WAIT -> {
            return Executor.Outcome.MUST_WAIT;
          }
        }
      }
    } catch (ProtocolException broken) {
      endWith("ERR Protocol error: " + broken.getMessage());
    }
    return Executor.Outcome.DONE;
  }

  /// Answers with an error, behind all that is still to be answered, and runs nothing more.
  private void endWith(String error) {
    ending = true;
    if (waitsForAnswers()) {
      answerLater((reply, writer) -> writer.error(error), 0).answer(Reply.NOTHING);
      return;
    }
    long before = out.end();
    out.error(error);
    replied(before);
  }

  /// Books the reply that begins at stream position `before`.
  private void replied(long before) {
    requestReady = false;
    request.clear();
    long sequence = executor.mark().sequence();
    if (sequence != seenSequence) {
      seenSequence = sequence;
      if (holdFrom < 0 && sequence != 0) {
        holdFrom = before;
        holdFromReplyCount = out.replyCount();
      }
    }
    out.replyDone();
    checkOutput(before);
  }

  /// A reply that is too long to be sent gives way to an error.
  ///
  /// @param before where the newest reply begins
  private void checkOutput(long before) {
    int bytesMax = server.options().outputBytesMax();
    if (out.pendingBytes() > bytesMax && out.end() - before > bytesMax / 2) {
      long bytes = out.end() - before;
      out.truncate(before);
      out.error(
          "ERR done, but the reply of "
              + bytes
              + " bytes is longer than what a connection is sent at once; ask for less");
    }
    if (out.pendingBytes() > bytesMax) {
      LOG.warn(
          "client {} at {} is closed: {} bytes of replies wait to be sent",
          client.id(),
          connection.remoteAddress(),
          out.pendingBytes());
      out.truncate(before);
      ending = true;
    }
  }

  /// Decides about what has been written since the last time: free, or held for a write. Called
  /// before the session changes its group, too, because a write mark belongs to one group.
  void closePart() {
    long end = out.end();
    Group group = executor.keyspace().group();
    if (!held.isEmpty()) {
      int replies = (int) (out.replyCount() - settledReplyCount);
      if (replies > 0 && group == null) {
        held.extend(end, replies);
      } else if (replies > 0 && group != null) {
        held.add(group, seenSequence, end, replies);
      }
    } else if (holdFrom >= 0 && group != null && !group.acknowledged(seenSequence)) {
      int replies = (int) (out.replyCount() - holdFromReplyCount);
      out.markFree(holdFrom);
      held.add(group, seenSequence, end, replies);
    }
    holdFrom = -1;
    settledReplyCount = out.replyCount();
  }

  /// Sends what may go, and goes on with input that had to wait for that; on the event thread.
  private void settle() {
    if (!away) {
      countInput();
    }
    while (true) {
      writeAnswers();
      closePart();
      send();
      boolean room =
          connection.writable()
              && out.pendingBytes() <= server.options().outputHighWaterBytes() / 2;
      boolean turn = later.isEmpty() || (waitsForRoom && !later.isFull());
      boolean free = blocked && turn && held.isEmpty();
      if ((!full && !free) || away || ending || !room) {
        break;
      }
      full = false;
      blocked = blocked && !free;
      if (blocked) {
        break;
      }
      advance(input.view());
    }
    if (away) {
      return;
    }
    input.tidy();
    boolean done = (ending || (inputEnded && !full && !blocked)) && later.isEmpty();
    if (done && out.pendingBytes() == 0) {
      connection.close();
    } else {
      connection.readEnabled(!ending && input.count() <= INPUT_BYTES_MAX);
    }
  }

  /// Tells what this session holds of unfinished requests, and gives up where that is too much.
  private void countInput() {
    long bytes =
        ending ? 0 : decoder.heldBytes() + input.count() + executor.transaction().queuedBytes();
    long counted = bytes <= InputBytes.FREE_BYTES ? 0 : bytes;
    if (counted == countedBytes) {
      return;
    }
    boolean fits = server.inputBytes().change(countedBytes, counted);
    countedBytes = counted;
    if (!fits) {
      LOG.warn(
          "client {} at {} is closed: unfinished requests of all clients take more than {} bytes",
          client.id(),
          connection.remoteAddress(),
          server.options().inputBytesMax());
      endWith(
          "OVERLOADED unfinished requests of all connections take too much memory; this one was not"
              + " run, and the connection is closed: come again later, with smaller requests or"
              + " fewer at a time");
    }
  }

  private void send() {
    while (!held.isEmpty() && (held.acknowledged() || held.group() == stoppedGroup)) {
      if (!held.acknowledged()) {
        out.replace(held.end(), repeated(UNKNOWN, held.replyCount()));
      }
      out.markFree(held.end());
      held.removeFirst();
    }
    if (held.isEmpty()) {
      out.markFree(out.end());
    }
    if (out.release(connection)) {
      connection.flush();
    }
    if (!held.isEmpty() && !waitsForLog) {
      waitsForLog = true;
      eventThread.queue(held.group()).add(this, held.sequence());
    }
  }

  private static byte[] repeated(byte[] text, int count) {
    byte[] all = new byte[text.length * count];
    for (int i = 0; i < count; i++) {
      System.arraycopy(text, 0, all, i * text.length, text.length);
    }
    return all;
  }

  /// Gives the session to a worker.
  ///
  /// @return false when none is free: the request has then been answered
  private boolean leave() {
    closePart();
    send();
    away = true;
    if (server.work(work)) {
      return true;
    }
    away = false;
    long before = out.end();
    out.error(
        "OVERLOADED too many requests wait for the disk; nothing was done, try again later or raise"
            + " worker-threads");
    replied(before);
    return false;
  }

  /// On a worker, which owns the session until the end.
  private void work() {
    try {
      outputRoomBytes = server.options().outputHighWaterBytes();
      run(input.view(), true);
    } finally {
      connection.execute(comeBack);
    }
  }

  /// DEBUG SLEEP: nobody works on the session until the time is over.
  private void rest() {
    long millis = sleepMillis;
    sleepMillis = 0;
    away = true;
    server.later(millis, () -> connection.execute(comeBack));
  }

  /// Back on the event thread.
  private void comeBack() {
    away = false;
    if (closed) {
      forget();
      return;
    }
    ending |= finishing;
    input.append(arrivals.view());
    arrivals.tidy();
    blocked = false;
    if (sleepMillis > 0) {
      rest();
      return;
    }
    if (!full) {
      advance(input.view());
    }
    if (!away) {
      settle();
    }
  }

  private void forget() {
    server.inputBytes().change(countedBytes, 0);
    countedBytes = 0;
    input.clear();
    arrivals.clear();
    later.clear();
    executor.forget();
  }
}
