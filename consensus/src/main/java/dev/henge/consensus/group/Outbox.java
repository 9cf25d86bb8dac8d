package dev.henge.consensus.group;

import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// What all groups of this node have to say to one member: whatever was added since the last flush
/// leaves as one [PeerMessage.GroupMessages].
///
/// - Bounds: messages and bytes that wait; more are dropped, which Raft copes with.
/// - Threads: any. Messages of one group leave in the order in which its strand added them.
final class Outbox {
  /// A group has a handful of messages under way to a member; this is for thousands of groups.
  private static final int MESSAGES_MAX = 100_000;

  private static final long BYTES_MAX = 64L << 20;

  /// A larger message would hold up others behind it.
  private static final long FLUSH_BYTES = 4L << 20;

  private static final int MESSAGE_BYTES = 64;

  private final long member;
  private final PeerTransport transport;
  private final long deadlineMillis;
  private final Strand later;
  // flushes asked for and not made; the one who raised it from 0 makes them
  private final AtomicInteger flushes = new AtomicInteger();

  // guarded by this
  private List<PeerMessage.GroupMessage> waiting = new ArrayList<>();
  private long waitingBytes;

  /// @param deadlineMillis after which a message has lost its use
  Outbox(long member, PeerTransport transport, long deadlineMillis, StrandPool pool) {
    this.member = member;
    this.transport = transport;
    this.deadlineMillis = deadlineMillis;
    this.later = new Strand(pool, this::flush);
  }

  synchronized void add(long group, Message message) {
    if (waiting.size() >= MESSAGES_MAX || waitingBytes >= BYTES_MAX) {
      return;
    }
    waiting.add(new PeerMessage.GroupMessage(group, message));
    waitingBytes += bytes(message);
  }

  /// Sends what waits. Where another thread is at it, that one sends this too.
  void flush() {
    int asked = flushes.incrementAndGet();
    if (asked != 1) {
      return;
    }
    while (asked != 0) {
      send();
      asked = flushes.addAndGet(-asked);
    }
  }

  /// Flushes when the strands that wait for the pool now have had their turn, so that what they
  /// have to say travels together.
  void flushLater() {
    later.signal();
  }

  private void send() {
    List<PeerMessage.GroupMessage> taken;
    long takenBytes;
    synchronized (this) {
      if (waiting.isEmpty()) {
        return;
      }
      taken = waiting;
      takenBytes = waitingBytes;
      waiting = new ArrayList<>();
      waitingBytes = 0;
    }
    if (takenBytes <= FLUSH_BYTES) {
      transport.send(member, new PeerMessage.GroupMessages(taken), deadlineMillis);
      return;
    }
    int from = 0;
    long size = 0;
    for (int i = 0; i < taken.size(); i++) {
      size += bytes(taken.get(i).message());
      if (size >= FLUSH_BYTES || i == taken.size() - 1) {
        transport.send(
            member,
            new PeerMessage.GroupMessages(List.copyOf(taken.subList(from, i + 1))),
            deadlineMillis);
        from = i + 1;
        size = 0;
      }
    }
  }

  /// About what a message takes in memory.
  static long bytes(Message message) {
    long sum = MESSAGE_BYTES;
    if (message instanceof Message.Append append) {
      for (Entry entry : append.entries()) {
        sum += entry.sizeBytes();
      }
    }
    return sum;
  }
}
