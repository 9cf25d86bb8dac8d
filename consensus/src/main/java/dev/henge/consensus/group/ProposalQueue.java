package dev.henge.consensus.group;

import dev.henge.consensus.group.ConsensusGroup.ProposalListener;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Commands that wait for their group's strand, and the account of all that is not answered yet.
///
/// - Bounds: what is waiting or in the log and not answered, in bytes and in commands.
/// - Threads: any.
final class ProposalQueue {
  private final GroupOptions.Bounds bounds;

  // guarded by this
  private Batch waiting = new Batch();
  private long waitingBytes;
  private long pendingBytes;
  private int pendingCount;
  private boolean stopped;

  ProposalQueue(GroupOptions.Bounds bounds) {
    this.bounds = bounds;
  }

  /// What happened to a command that was offered.
  enum Offer {
    /// It waits, and the strand must be signalled: nothing waited, or now there is enough for an
    /// entry.
    DUE,
    /// It waits behind others.
    QUEUED,
    TOO_LARGE,
    OVERLOADED,
    STOPPED
  }

  synchronized Offer offer(byte[] command, long term, ProposalListener listener) {
    if (stopped) {
      return Offer.STOPPED;
    }
    if (command.length > bounds.commandBytes()) {
      return Offer.TOO_LARGE;
    }
    if (pendingCount >= bounds.pendingCount()
        || pendingBytes + command.length > bounds.pendingBytes()) {
      return Offer.OVERLOADED;
    }
    pendingCount++;
    pendingBytes += command.length;
    boolean filled = fillsEntry();
    waitingBytes += command.length;
    waiting.add(command, term, listener);
    return waiting.count == 1 || (!filled && fillsEntry()) ? Offer.DUE : Offer.QUEUED;
  }

  /// Takes all that waits; null when nothing does. Its commands stay in the account until
  /// [#settle].
  synchronized @Nullable Batch take() {
    if (waiting.count == 0) {
      return null;
    }
    Batch taken = waiting;
    waiting = new Batch();
    waitingBytes = 0;
    return taken;
  }

  synchronized boolean isEmpty() {
    return waiting.count == 0;
  }

  /// Whether what waits is enough for an entry of the largest size.
  synchronized boolean fillsEntry() {
    return waitingBytes >= bounds.entryBytes();
  }

  /// Commands have been answered.
  synchronized void settle(int count, long bytes) {
    pendingCount -= count;
    pendingBytes -= bytes;
  }

  /// Refuses from now on; what waits is given back to be answered.
  synchronized @Nullable Batch stop() {
    stopped = true;
    return take();
  }

  /// Commands in the order they came.
  ///
  /// - Threads: one at a time.
  static final class Batch {
    byte[][] commands = new byte[16][];
    long[] terms = new long[16];
    ProposalListener[] listeners = new ProposalListener[16];
    int count;

    void add(byte[] command, long term, ProposalListener listener) {
      if (count == commands.length) {
        commands = Arrays.copyOf(commands, 2 * count);
        terms = Arrays.copyOf(terms, 2 * count);
        listeners = Arrays.copyOf(listeners, 2 * count);
      }
      commands[count] = command;
      terms[count] = term;
      listeners[count] = listener;
      count++;
    }

    long bytes(int from, int to) {
      long sum = 0;
      for (int i = from; i < to; i++) {
        sum += commands[i].length;
      }
      return sum;
    }

    /// Where an entry that begins with command `from` ends: as many as fit into `bytesMax`, at
    /// least one.
    int entryEnd(int from, int bytesMax) {
      int to = from + 1;
      long size = commands[from].length;
      while (to < count && size + commands[to].length <= bytesMax) {
        size += commands[to].length;
        to++;
      }
      return to;
    }

    /// Takes out the commands that were meant for another term than `term`, and refuses them.
    void refuseOtherTerms(long term, long leader, ProposalQueue account) {
      int kept = 0;
      int refused = 0;
      long refusedBytes = 0;
      for (int i = 0; i < count; i++) {
        if (terms[i] != 0 && terms[i] != term) {
          refused++;
          refusedBytes += commands[i].length;
          listeners[i].refused(Refusal.NOT_LEADER, leader);
        } else {
          commands[kept] = commands[i];
          listeners[kept] = listeners[i];
          kept++;
        }
      }
      count = kept;
      if (refused > 0) {
        account.settle(refused, refusedBytes);
      }
    }

    /// Refuses the commands from `from` on.
    void refuse(int from, Refusal refusal, long leader, ProposalQueue account) {
      account.settle(count - from, bytes(from, count));
      for (int i = from; i < count; i++) {
        listeners[i].refused(refusal, leader);
      }
      count = from;
    }
  }
}
