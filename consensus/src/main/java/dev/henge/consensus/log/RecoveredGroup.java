package dev.henge.consensus.log;

import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.List;
import java.util.TreeMap;

/// One group's log while its frames are read back, in their order.
///
/// Each frame says what it was written behind: index and term of the entry before it, or of the
/// last entry. Where the log so far has no such entry, what was between is lost, and is kept as a
/// range without a place. A later mark may pass it (the frames were no longer needed, and their
/// segment is gone); if none does, the log is cut there and the group recovers from its peers.
///
/// - Threads: one.
final class RecoveredGroup {
  final long id;
  final TermRuns terms = new TermRuns();

  /// Entries that hold configurations, by index.
  final TreeMap<Long, Entry> configurations = new TreeMap<>();

  WrittenLog log;

  /// Damage was met, and no frame since has told what the group should hold.
  boolean suspect;

  RecoveredGroup(long id) {
    this.id = id;
    this.log =
        new WrittenLog(HardState.EMPTY, new SnapshotMark(0, 0, Configuration.ofVoters(List.of())));
  }

  /// A frame of entries, whose first one begins at `at` of `bytes`.
  void entries(
      HardState state,
      long previousIndex,
      long previousTerm,
      int count,
      byte[] bytes,
      int at,
      WrittenLog.Place place) {
    log.hardState = state;
    suspect = false;
    attach(previousIndex, previousTerm);
    add(previousIndex, count, bytes, at, place);
  }

  /// A frame that says all but the entries.
  void state(
      HardState state, long lastIndex, long lastTerm, boolean recovering, SnapshotMark mark) {
    log.hardState = state;
    log.recovering = recovering;
    suspect = false;
    if (mark.index() >= log.mark.index()) {
      if (mayHold(mark)) {
        log.beginAt(mark);
        terms.dropThrough(mark.index());
        configurations.headMap(mark.index(), true).clear();
      } else {
        restart(mark);
      }
    }
    if (lastIndex <= mark.index()) {
      restart(mark);
    } else {
      attach(lastIndex, lastTerm);
      log.cutFrom(lastIndex + 1);
      cutTerms(lastIndex + 1);
      log.lastTerm = lastTerm;
    }
  }

  /// A frame that says all.
  void rewrite(
      HardState state,
      boolean recovering,
      SnapshotMark mark,
      int count,
      byte[] bytes,
      int at,
      WrittenLog.Place place) {
    log.hardState = state;
    log.recovering = recovering;
    suspect = false;
    restart(mark);
    add(mark.index(), count, bytes, at, place);
  }

  /// A copy behind a torn write: nobody was told of it, but a vote in it may be kept.
  void remember(HardState state) {
    HardState known = log.hardState;
    if (state.term() > known.term() || (state.term() == known.term() && known.vote() == 0)) {
      log.hardState = new HardState(state.term(), state.vote(), known.commit());
    }
  }

  /// Cuts the log at the first lost range that no mark has passed.
  void finish() {
    for (WrittenLog.Place place : log.places(log.mark.index() + 1, log.lastIndex, Long.MAX_VALUE)) {
      if (place.segment() == WrittenLog.LOST) {
        long cut = Math.max(place.first(), log.mark.index() + 1);
        log.cutFrom(cut);
        cutTerms(cut);
        log.lastTerm = cut - 1 == log.mark.index() ? log.mark.term() : terms.term(cut - 1);
        log.recovering = true;
        break;
      }
    }
    log.recovering |= suspect;
    HardState state = log.hardState;
    log.hardState =
        new HardState(
            state.term(),
            state.vote(),
            Math.max(log.mark.index(), Math.min(state.commit(), log.lastIndex)));
  }

  private void add(long previousIndex, int count, byte[] bytes, int at, WrittenLog.Place place) {
    if (count == 0) {
      return;
    }
    long index = previousIndex;
    long term = 0;
    cutTerms(previousIndex + 1);
    for (int i = 0; i < count; i++) {
      term = GroupFrame.entryTerm(bytes, at);
      terms.append(++index, term);
      if (GroupFrame.isConfiguration(bytes, at)) {
        configurations.put(index, GroupFrame.entry(bytes, at, index));
      }
      at += GroupFrame.entryBytes(bytes, at);
    }
    log.add(previousIndex + 1, index, term, place.segment(), place.offset(), place.bytes());
  }

  /// Makes the log hold an entry of that index and term, lost where it is not there.
  private void attach(long index, long term) {
    if (holds(index, term)) {
      return;
    }
    long first = Math.min(index, log.lastIndex + 1);
    cutTerms(first);
    if (first < index) {
      terms.append(first, 0);
    }
    terms.append(index, term);
    log.add(first, index, term, WrittenLog.LOST, 0, 0);
  }

  private boolean holds(long index, long term) {
    if (index <= log.mark.index()) {
      return index < log.mark.index() || term == log.mark.term();
    }
    return index <= log.lastIndex && terms.term(index) == term;
  }

  /// A mark within a lost range has no term to compare with: what is behind it stays.
  private boolean mayHold(SnapshotMark mark) {
    return holds(mark.index(), mark.term())
        || (mark.index() <= log.lastIndex && terms.term(mark.index()) == 0);
  }

  private void restart(SnapshotMark mark) {
    log.restartAt(mark);
    terms.clear();
    configurations.clear();
  }

  private void cutTerms(long index) {
    terms.cutFrom(index);
    configurations.tailMap(index, true).clear();
  }
}
