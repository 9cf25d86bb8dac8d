package dev.henge.consensus.raft;

import dev.henge.base.FormatException;
import dev.henge.base.Invariant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a replica does with what a leader of its term sends (3.5, 5).
final class Following {
  private final Raft raft;
  private @Nullable SnapshotMark installing;

  Following(Raft raft) {
    this.raft = raft;
  }

  boolean isInstalling() {
    return installing != null;
  }

  void append(Message.Append m) {
    raft.follow(m.from());
    if (installing != null) {
      return; // the image that comes replaces the log
    }
    long previous = m.previousIndex();
    long previousTerm = m.previousTerm();
    List<Entry> entries = m.entries();
    long commit = raft.commitIndex();
    if (previous < commit) {
      // What is committed here matches every later leader's log, also below the log's mark.
      int known = (int) Math.min(entries.size(), commit - previous);
      entries = entries.subList(known, entries.size());
      previous = commit;
      previousTerm = raft.log.term(commit);
    }
    if (!raft.log.holds(previous, previousTerm)) {
      refuse(m.from(), previous, previousTerm);
      return;
    }
    long last = previous + entries.size();
    appendNew(entries);
    raft.commitTo(Math.min(m.commit(), last));
    accept(m.from(), last);
  }

  /// Skips what is here already, so that a late message never cuts the log.
  private void appendNew(List<Entry> entries) {
    int known = 0;
    while (known < entries.size()
        && raft.log.holds(entries.get(known).index(), entries.get(known).term())) {
      known++;
    }
    if (known == entries.size()) {
      return;
    }
    List<Entry> unknown = entries.subList(known, entries.size());
    long first = unknown.getFirst().index();
    Invariant.check(first > raft.commitIndex(), "what is committed is never cut away");
    raft.configurations.cut(first);
    raft.log.append(unknown);
    for (Entry entry : unknown) {
      if (entry.kind() == Entry.Kind.CONFIGURATION) {
        raft.configurations.add(entry.index(), configuration(entry));
      }
    }
  }

  private static Configuration configuration(Entry entry) {
    try {
      return Configuration.decode(entry.bytes());
    } catch (FormatException e) {
      throw new IllegalStateException("a leader sent a configuration that nobody can read", e);
    }
  }

  private void accept(long to, long index) {
    raft.outbox.send(new Message.AppendReply(raft.self, to, raft.term(), true, index, 0, 0));
  }

  /// Names the last place where the logs may agree: not behind the refused entry's term.
  private void refuse(long to, long previous, long previousTerm) {
    long hint = raft.log.lastOfTerm(previous, previousTerm);
    long term = raft.log.term(hint);
    raft.outbox.send(
        new Message.AppendReply(raft.self, to, raft.term(), false, previous, hint, term));
  }

  void heartbeat(Message.Heartbeat m) {
    raft.follow(m.from());
    raft.commitTo(m.commit());
    raft.outbox.send(
        new Message.HeartbeatReply(raft.self, m.from(), raft.term(), m.round(), raft.stamp()));
  }

  void offer(Message.SnapshotOffer m) {
    raft.follow(m.from());
    SnapshotMark mark = m.mark();
    if (installing != null) {
      return;
    }
    if (raft.log.holds(mark.index(), mark.term())) {
      raft.commitTo(mark.index());
    }
    if (mark.index() <= raft.commitIndex()) {
      accept(m.from(), raft.commitIndex());
      return;
    }
    installing = mark;
    raft.outbox.install(m.from(), mark);
  }

  void installed(SnapshotMark mark) {
    installing = null;
    if (mark.index() < raft.commitIndex()) {
      return;
    }
    raft.log.installed(mark);
    raft.configurations.cut(raft.log.lastIndex() + 1);
    raft.configurations.compacted(mark);
    raft.commitTo(mark.index());
    if (raft.leader() != 0 && raft.role() == Raft.Role.FOLLOWER) {
      accept(raft.leader(), mark.index());
    }
  }

  void abandoned() {
    installing = null;
  }

  void quiesce(Message.Quiesce m) {
    raft.follow(m.from());
    if (raft.log.lastIndex() == m.commit() && raft.log.durable() == m.commit()) {
      raft.commitTo(m.commit());
      raft.quiescence.rest();
    }
  }
}
