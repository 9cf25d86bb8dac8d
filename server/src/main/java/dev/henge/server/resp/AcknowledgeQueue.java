package dev.henge.server.resp;

import dev.henge.base.Connection;
import dev.henge.server.store.Group;
import dev.henge.storage.Engine;
import dev.henge.storage.WriteRefusedException;
import java.util.ArrayDeque;

/// Sessions of one event thread that wait for the log of one group.
///
/// However many wait, at most one listener is registered with the engine, and only when the event
/// thread has served every connection that was ready: then one commit covers them all. When the log
/// has moved on, the listener comes back to the event thread once, and every session there looks
/// for itself. So a commit costs one hand-over, not one for each write.
///
/// - Bound: each session waits here at most once.
/// - Threads: owned by the event thread; only the listener's methods are called by the log's
///   thread.
final class AcknowledgeQueue {
  private final Group group;
  private final ArrayDeque<RespSession> waiting = new ArrayDeque<>();
  private long sequence;
  private boolean registered;

  AcknowledgeQueue(Group group) {
    this.group = group;
  }

  /// `session` waits for `wanted` at least; it is told by [RespSession#logMoved].
  void add(RespSession session, long wanted) {
    waiting.add(session);
    sequence = Math.max(sequence, wanted);
    if (!registered) {
      registered = true;
      Connection connection = session.connection();
      connection.execute(() -> group.whenAcknowledged(sequence, new Waker(this, connection)));
    }
  }

  private void logMoved(boolean stopped) {
    registered = false;
    for (int rest = waiting.size(); rest > 0; rest--) {
      waiting.remove().logMoved(group, stopped);
    }
  }

  private record Waker(AcknowledgeQueue queue, Connection connection)
      implements Engine.AcknowledgeListener {
    @Override
    public void acknowledged() {
      moved(false);
    }

    @Override
    public void unknown(WriteRefusedException stopped) {
      moved(true);
    }

    /// Often the event thread itself has done the commit.
    private void moved(boolean stopped) {
      if (connection.inEventThread()) {
        queue.logMoved(stopped);
      } else {
        connection.execute(() -> queue.logMoved(stopped));
      }
    }
  }
}
