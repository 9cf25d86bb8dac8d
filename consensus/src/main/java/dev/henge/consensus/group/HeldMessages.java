package dev.henge.consensus.group;

import dev.henge.consensus.raft.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/// Messages that promise what a write makes durable, until it is.
///
/// - Bounds: those of the writes under way, which the log store refuses to take without end.
/// - Threads: the group's strand.
final class HeldMessages {
  private record Held(long writeNumber, List<Message> messages) {}

  private final ArrayDeque<Held> waiting = new ArrayDeque<>();

  void hold(long writeNumber, List<Message> messages) {
    waiting.add(new Held(writeNumber, messages));
  }

  /// All writes up to `writeNumber` are durable: what waited for them leaves, in order.
  void release(long writeNumber, Consumer<List<Message>> send) {
    Held first;
    while ((first = waiting.peekFirst()) != null && first.writeNumber <= writeNumber) {
      send.accept(waiting.removeFirst().messages);
    }
  }
}
