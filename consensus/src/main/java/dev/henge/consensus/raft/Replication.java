package dev.henge.consensus.raft;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A leader's work: appending, bringing every member's log up to its own, committing (3.5, 3.6, 5).
///
/// What is appended is sent when the driver asks for a [Ready], so that all that came meanwhile
/// shares a message.
final class Replication {
  private record Proposal(long index, long bytes) {}

  private final Raft raft;
  private final TreeMap<Long, Progress> members = new TreeMap<>();

  /// Own proposals that are not applied: at most `unappliedBytesMax`.
  private final ArrayDeque<Proposal> unapplied = new ArrayDeque<>();

  private long unappliedBytes;

  private int heartbeatElapsed;
  private int quorumElapsed;

  Replication(Raft raft) {
    this.raft = raft;
  }

  // ---- a term as leader

  void begin() {
    members.clear();
    heartbeatElapsed = 0;
    quorumElapsed = 0;
    follow(raft.configuration());
    ownProgress();
  }

  void stop() {
    members.clear();
  }

  /// Members come and go with the configuration.
  private void follow(Configuration configuration) {
    members.keySet().removeIf(member -> !configuration.contains(member));
    for (long member : configuration.members()) {
      members.computeIfAbsent(member, m -> new Progress(raft.options, raft.log.lastIndex() + 1));
    }
  }

  void tick() {
    raft.quiescence.tick();
    if (raft.quiescence.isQuiet()) {
      return;
    }
    if (++quorumElapsed >= raft.options.electionTicks()) {
      quorumElapsed = 0;
      if (!hearsQuorum()) {
        raft.becomeFollower(raft.term(), 0);
        return;
      }
    }
    raft.transfer.tick();
    if (++heartbeatElapsed >= raft.options.heartbeatTicks()) {
      heartbeatElapsed = 0;
      raft.reads.beginRound();
    }
  }

  /// CheckQuorum: a leader that cannot commit makes room.
  private boolean hearsQuorum() {
    long heard =
        Quorum.reached(
            raft.deciding(), member -> member == raft.self || progress(member).active ? 1 : 0);
    members.values().forEach(progress -> progress.active = false);
    return heard == 1;
  }

  /// Everybody gets the time of a whole check before being missed.
  void wake() {
    quorumElapsed = 0;
    heartbeatElapsed = raft.options.heartbeatTicks();
    members.values().forEach(progress -> progress.active = true);
  }

  // ---- appending

  Outcome mayPropose(List<byte[]> commands) {
    if (raft.role() != Raft.Role.LEADER) {
      return Outcome.NOT_LEADER;
    }
    if (raft.transfer.isUnderWay()) {
      return Outcome.TRANSFERRING;
    }
    long bytes = 0;
    for (byte[] command : commands) {
      bytes += command.length + Entry.OVERHEAD_BYTES;
    }
    return unappliedBytes > 0 && unappliedBytes + bytes > raft.options.unappliedBytesMax()
        ? Outcome.OVERLOADED
        : Outcome.ACCEPTED;
  }

  void append(Entry.Kind kind, byte[] bytes) {
    var entry = new Entry(raft.log.lastIndex() + 1, raft.term(), kind, bytes);
    raft.log.append(List.of(entry));
    if (kind == Entry.Kind.COMMANDS) {
      unapplied.add(new Proposal(entry.index(), entry.sizeBytes()));
      unappliedBytes += entry.sizeBytes();
    }
    ownProgress();
  }

  void appendConfiguration(Configuration configuration) {
    raft.configurations.add(raft.log.lastIndex() + 1, configuration);
    follow(configuration);
    append(Entry.Kind.CONFIGURATION, configuration.encode());
  }

  void applied(long index) {
    while (!unapplied.isEmpty() && unapplied.getFirst().index() <= index) {
      unappliedBytes -= unapplied.removeFirst().bytes();
    }
  }

  // ---- sending

  /// Sends each member what it may be sent now.
  void pump() {
    if (raft.role() == Raft.Role.LEADER) {
      members.forEach((member, progress) -> {
        if (member != raft.self) {
          pump(member, progress);
        }
      });
    }
  }

  private void pump(long member, Progress progress) {
    if (progress.next() <= raft.log.mark().index() && progress.state() != Progress.State.SNAPSHOT) {
      progress.becomeSnapshot(); // also from a window full of lost messages
    }
    while (progress.maySend()) {
      switch (progress.state()) {
        case SNAPSHOT -> {
          SnapshotMark mark = raft.log.mark();
          raft.outbox.send(new Message.SnapshotOffer(raft.self, member, raft.term(), mark));
          progress.sent(mark.index(), 0);
        }
        case PROBE -> sendEntries(member, progress, inMemory(progress));
        case REPLICATE -> {
          if (progress.next() > raft.log.lastIndex()) {
            if (progress.commitSent < raft.commitIndex()) {
              sendEntries(member, progress, List.of());
            }
            return;
          }
          List<Entry> entries = inMemory(progress);
          if (entries.isEmpty()) {
            fetch(progress);
            return;
          }
          sendEntries(member, progress, entries);
        }
      }
    }
  }

  private List<Entry> inMemory(Progress progress) {
    return progress.next() > raft.log.lastIndex()
        ? List.of()
        : raft.log.entries(progress.next(), raft.log.lastIndex(), raft.options.appendBytesMax());
  }

  private void fetch(Progress progress) {
    if (!progress.fetching) {
      progress.fetching = true;
      raft.outbox.fetch(progress.next(), raft.log.lastIndex());
    }
  }

  private void sendEntries(long member, Progress progress, List<Entry> entries) {
    long previous = progress.next() - 1;
    raft.outbox.send(
        new Message.Append(
            raft.self,
            member,
            raft.term(),
            previous,
            raft.log.term(previous),
            entries,
            raft.commitIndex()));
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.sizeBytes();
    }
    progress.commitSent = raft.commitIndex();
    progress.sent(previous + entries.size(), bytes);
  }

  /// Goes to every member whose next entries are among them.
  void fetched(List<Entry> entries) {
    members.forEach((member, progress) -> {
      if (!progress.fetching) {
        return;
      }
      progress.fetching = false;
      if (entries.isEmpty() || progress.state() != Progress.State.REPLICATE) {
        return;
      }
      int at = (int) Math.min(Integer.MAX_VALUE, progress.next() - entries.getFirst().index());
      if (at >= 0
          && at < entries.size()
          && progress.maySend()
          && progress.next() > raft.log.mark().index()) {
        sendEntries(member, progress, entries.subList(at, entries.size()));
      }
    });
  }

  void heartbeat(long round) {
    for (var member : members.entrySet()) {
      if (member.getKey() != raft.self) {
        long commit = Math.min(member.getValue().match(), raft.commitIndex());
        raft.outbox.send(
            new Message.Heartbeat(
                raft.self,
                member.getKey(),
                raft.term(),
                commit,
                round,
                raft.reads.confirmedIndex(),
                raft.reads.confirmedStamp(member.getKey())));
      }
    }
  }

  // ---- answers

  void appendReply(Message.AppendReply m) {
    Progress progress = members.get(m.from());
    if (progress == null || raft.role() != Raft.Role.LEADER) {
      return;
    }
    progress.active = true;
    if (!m.accepted()) {
      progress.refused(m.index(), raft.log.lastOfTerm(m.hintIndex(), m.hintTerm()));
      return;
    }
    progress.accepted(m.index(), raft.log.mark().index());
    advance();
  }

  void heartbeatReply(Message.HeartbeatReply m) {
    Progress progress = members.get(m.from());
    if (progress == null || raft.role() != Raft.Role.LEADER) {
      return;
    }
    progress.active = true;
    progress.answered();
    progress.round = Math.max(progress.round, m.round());
    progress.stamp = m.stamp();
    if (progress.state() == Progress.State.REPLICATE
        && progress.match() < progress.next() - 1
        && progress.next() > raft.log.mark().index()) {
      // The last message may have been lost, and with a full window nothing else would tell.
      sendEntries(m.from(), progress, List.of());
    }
    raft.reads.answered();
  }

  void snapshotOutcome(long member, boolean ok) {
    Progress progress = members.get(member);
    if (progress != null && progress.state() == Progress.State.SNAPSHOT) {
      progress.becomeProbe(ok ? raft.log.mark().index() + 1 : progress.match() + 1);
    }
  }

  void unreachable(long member) {
    Progress progress = members.get(member);
    if (progress != null && progress.state() == Progress.State.REPLICATE) {
      progress.becomeProbe(progress.match() + 1);
    }
  }

  // ---- committing

  /// The leader's own copy counts like any other's.
  void ownProgress() {
    Progress own = members.get(raft.self);
    if (own != null) {
      own.accepted(raft.ownMatch(), 0);
      advance();
    }
  }

  private void advance() {
    tryCommit();
    raft.transfer.advance();
    raft.change.advance();
  }

  private void tryCommit() {
    long index = Quorum.reached(raft.deciding(), member -> progress(member).match());
    if (index > raft.commitIndex() && raft.commitsByCounting(index)) {
      raft.commitTo(index);
      raft.reads.committed();
    }
  }

  // ---- what it knows

  /// Of a member of the configuration.
  Progress progress(long member) {
    Progress progress = members.get(member);
    if (progress == null) {
      throw new IllegalStateException("member " + member + " is not followed");
    }
    return progress;
  }

  boolean allMatch(long index) {
    return members.values().stream().allMatch(progress -> progress.match() == index);
  }

  /// What each member's last answer carried, and what this one would say now.
  Map<Long, Long> stamps() {
    var stamps = new HashMap<Long, Long>();
    members.forEach((member, progress) -> stamps.put(member, progress.stamp));
    stamps.put(raft.self, raft.stamp());
    return stamps;
  }

  SortedMap<Long, Long> matched() {
    var matched = new TreeMap<Long, Long>();
    members.forEach((member, progress) -> matched.put(member, progress.match()));
    return matched;
  }

  void describe(StringBuilder text) {
    members.forEach((member, progress) -> {
      if (member != raft.self) {
        text.append("\n  ").append(member).append(": ").append(progress);
      }
    });
  }
}
