package dev.henge.consensus.group;

import dev.henge.consensus.raft.Message;
import java.util.ArrayList;
import java.util.List;

/// What waits for a group's strand besides commands and reads: messages of other members, and
/// things to do there.
///
/// - Bounds: messages by bytes; those beyond are dropped, and sent again by their sender's
///   protocol. Things to do come from this node, each at most a few times at once.
/// - Threads: any.
final class Inbox {
  private final long bytesMax;

  // guarded by this
  private List<Message> messages = new ArrayList<>();
  private List<Runnable> tasks = new ArrayList<>();
  private long bytes;
  private boolean ticked;

  Inbox(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized void add(Message message) {
    if (bytes < bytesMax) {
      messages.add(message);
      bytes += Outbox.bytes(message);
    }
  }

  synchronized void add(Runnable task) {
    tasks.add(task);
  }

  /// Ticks that were missed are not made up for.
  synchronized void tick() {
    ticked = true;
  }

  synchronized List<Message> takeMessages() {
    if (messages.isEmpty()) {
      return List.of();
    }
    List<Message> taken = messages;
    messages = new ArrayList<>();
    bytes = 0;
    return taken;
  }

  synchronized List<Runnable> takeTasks() {
    if (tasks.isEmpty()) {
      return List.of();
    }
    List<Runnable> taken = tasks;
    tasks = new ArrayList<>();
    return taken;
  }

  synchronized boolean takeTick() {
    boolean taken = ticked;
    ticked = false;
    return taken;
  }
}
