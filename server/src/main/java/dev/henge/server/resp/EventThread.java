package dev.henge.server.resp;

import dev.henge.server.store.Group;
import java.util.IdentityHashMap;
import java.util.Map;

/// What the sessions of one event thread share.
///
/// - Threads: owned by that event thread.
final class EventThread {
  // one entry for each group of the node
  private final Map<Group, AcknowledgeQueue> queues = new IdentityHashMap<>();

  AcknowledgeQueue queue(Group group) {
    return queues.computeIfAbsent(group, AcknowledgeQueue::new);
  }
}
