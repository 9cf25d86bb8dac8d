package dev.henge.server.resp;

import dev.henge.data.Reply;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Requests of one session whose answers come later, from groups that are evaluated elsewhere, in
/// the order in which they were asked.
///
/// - Bound: [#COUNT_MAX] requests and [#BYTES_MAX] bytes of their arguments; then the session
///   decodes no further.
/// - Threads: that of the session; only [Later#answer] is called by any.
final class LaterReplies {
  private static final int COUNT_MAX = 1024;
  private static final long BYTES_MAX = 32 << 20;

  /// Writes an answer when its turn has come.
  interface Answer {
    void write(Reply reply, ReplyWriter out);
  }

  /// One request that waits for its answer.
  static final class Later {
    private final Answer how;
    private final long bytes;
    private final Runnable wake;
    private volatile @Nullable Reply reply;

    private Later(Answer how, long bytes, Runnable wake) {
      this.how = how;
      this.bytes = bytes;
      this.wake = wake;
    }

    /// From any thread, once.
    void answer(Reply given) {
      reply = given;
      wake.run();
    }
  }

  private final Deque<Later> waiting = new ArrayDeque<>(0);
  private long bytes;

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  boolean isFull() {
    return waiting.size() >= COUNT_MAX || bytes >= BYTES_MAX;
  }

  /// @param requestBytes of the arguments
  /// @param wake is run when the answer is there
  Later add(Answer how, long requestBytes, Runnable wake) {
    var later = new Later(how, requestBytes, wake);
    waiting.add(later);
    bytes += requestBytes;
    return later;
  }

  /// Writes the next answer, if it is there.
  boolean writeNext(ReplyWriter out) {
    Later next = waiting.peek();
    Reply reply = next == null ? null : next.reply;
    if (next == null || reply == null) {
      return false;
    }
    waiting.remove();
    bytes -= next.bytes;
    next.how.write(reply, out);
    return true;
  }

  void clear() {
    waiting.clear();
    bytes = 0;
  }
}
