package dev.henge.consensus.group;

import dev.henge.consensus.log.GroupLog;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.List;

/// Cuts a group's log where its state machine needs it no longer.
///
/// Entries that members still lack are kept for a while, since an image costs them more; a log that
/// grows to twice its bound is cut all the same.
///
/// - Threads: [#keepBehind] from any, the rest is the group's strand's.
final class Compaction {
  private final Raft core;
  private final GroupLog log;
  private final Applier applier;
  private final long logBytes;

  private volatile long keepBehind = Long.MAX_VALUE;

  private long grownBytes;

  Compaction(Raft core, GroupLog log, Applier applier, GroupOptions.Bounds bounds) {
    this.core = core;
    this.log = log;
    this.applier = applier;
    this.logBytes = bounds.logBytes();
    // How large the entries of an earlier life are is not known: they go at the first occasion.
    grownBytes = log.lastIndex() > log.mark().index() ? logBytes : 0;
  }

  void keepBehind(long index) {
    keepBehind = index;
  }

  void grown(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      grownBytes += entries.get(i).sizeBytes();
    }
  }

  /// Space is short: the log goes as far as it can.
  void force() {
    grownBytes = Math.max(grownBytes, 2 * logBytes);
  }

  void tick() {
    if (grownBytes < logBytes) {
      return;
    }
    // After a restart the state machine may be ahead of what the core knows to be committed.
    long applied = Math.min(applier.appliedIndex(), core.commitIndex());
    long wanted = Math.min(applied, keepBehind);
    if (grownBytes < 2 * logBytes) {
      for (long held : core.matched().values()) {
        wanted = Math.min(wanted, held);
      }
    }
    if (wanted <= log.mark().index()) {
      return;
    }
    long durable = applier.durableIndex();
    if (durable < wanted) {
      applier.refreshDurable(wanted);
    }
    long index = Math.min(durable, wanted);
    if (index > log.mark().index()) {
      log.compact(new SnapshotMark(index, log.term(index), core.configurationAt(index)));
      grownBytes = index == log.lastIndex() ? 0 : grownBytes / 2;
    }
  }
}
