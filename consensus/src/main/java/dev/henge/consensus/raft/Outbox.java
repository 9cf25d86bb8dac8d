package dev.henge.consensus.raft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gathers what the next [Ready] says, and numbers the writes.
///
/// A message that promises something durable goes with the write that makes it so. When nothing is
/// written now but earlier writes are under way, it stays here until they are durable.
final class Outbox {
  private final Raft raft;

  private HardState handed;
  private long lastWrite;
  private long lastDurable;
  private long voteWrite;
  private long toldCommit;

  private List<Message> messages = new ArrayList<>();
  private List<Message> durableMessages = new ArrayList<>();
  private List<Ready.ReadState> readStates = new ArrayList<>();
  private List<Ready.Fetch> fetches = new ArrayList<>();
  private Ready.@Nullable InstallSnapshot install;

  Outbox(Raft raft, HardState persisted) {
    this.raft = raft;
    handed = persisted;
  }

  void send(Message message) {
    (raft.awaitsDurability(message) ? durableMessages : messages).add(message);
  }

  void readState(long context, long index) {
    readStates.add(new Ready.ReadState(context, index));
  }

  void fetch(long from, long to) {
    fetches.add(new Ready.Fetch(from, to));
  }

  void install(long from, SnapshotMark mark) {
    install = new Ready.InstallSnapshot(from, mark);
  }

  void persisted(long writeNumber) {
    lastDurable = Math.max(lastDurable, writeNumber);
  }

  /// Whether the term and the vote of now are durable.
  boolean isVoteDurable() {
    return !voteChanged() && voteWrite <= lastDurable;
  }

  boolean hasReady() {
    return writes()
        || !messages.isEmpty()
        || (!durableMessages.isEmpty() && lastWrite == lastDurable)
        || !readStates.isEmpty()
        || !fetches.isEmpty()
        || install != null
        || tellableCommit() > toldCommit;
  }

  Ready take() {
    long number = 0;
    HardState state = null;
    List<Entry> entries = List.of();
    if (writes()) {
      number = ++lastWrite;
      if (voteChanged()) {
        voteWrite = number;
      }
      var now = new HardState(raft.term(), raft.vote(), raft.commitIndex());
      state = now.equals(handed) ? null : now;
      handed = now;
      entries = raft.log.handOver(number);
    }
    boolean release = number != 0 || lastWrite == lastDurable;
    List<Message> durable = release ? durableMessages : List.of();
    toldCommit = Math.max(toldCommit, tellableCommit());
    var ready =
        new Ready(
            number, state, entries, messages, durable, toldCommit, readStates, fetches, install);
    messages = new ArrayList<>();
    if (release) {
      durableMessages = new ArrayList<>();
    }
    readStates = new ArrayList<>();
    fetches = new ArrayList<>();
    install = null;
    return ready;
  }

  private boolean writes() {
    return raft.log.hasWaiting() || voteChanged();
  }

  private boolean voteChanged() {
    return handed.term() != raft.term() || handed.vote() != raft.vote();
  }

  /// A state machine must not run ahead of its own durable log: after a crash the log would lack
  /// what it has applied.
  private long tellableCommit() {
    return Math.min(raft.commitIndex(), raft.log.durable());
  }
}
