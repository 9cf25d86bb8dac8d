package dev.henge.consensus.log;

import dev.henge.base.LittleEndian;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.Arrays;
import java.util.TreeSet;

/// Reads the payload of a frame that is about one group.
final class GroupFrame {
  private GroupFrame() {}

  static long group(byte[] bytes, int at) {
    return LittleEndian.getLong(bytes, at + LogLayout.GROUP);
  }

  static HardState hardState(byte[] bytes, int at) {
    return new HardState(
        LittleEndian.getLong(bytes, at + LogLayout.TERM),
        LittleEndian.getLong(bytes, at + LogLayout.VOTE),
        LittleEndian.getLong(bytes, at + LogLayout.COMMIT));
  }

  /// Of a state or a rewrite.
  static SnapshotMark mark(byte[] bytes, int at) {
    int voters = LittleEndian.getInt(bytes, at + LogLayout.VOTER_COUNT);
    int outgoing = LittleEndian.getInt(bytes, at + LogLayout.OUTGOING_COUNT);
    int learners = LittleEndian.getInt(bytes, at + LogLayout.LEARNER_COUNT);
    int start = at + LogLayout.MEMBERS_START;
    return new SnapshotMark(
        LittleEndian.getLong(bytes, at + LogLayout.MARK_INDEX),
        LittleEndian.getLong(bytes, at + LogLayout.MARK_TERM),
        new Configuration(
            members(bytes, start, voters),
            members(bytes, start + 8 * voters, outgoing),
            members(bytes, start + 8 * (voters + outgoing), learners)));
  }

  /// Where the entries of a rewrite begin.
  static int rewriteEntries(byte[] bytes, int at) {
    return at
        + LogLayout.MEMBERS_START
        + 8
            * (LittleEndian.getInt(bytes, at + LogLayout.VOTER_COUNT)
                + LittleEndian.getInt(bytes, at + LogLayout.OUTGOING_COUNT)
                + LittleEndian.getInt(bytes, at + LogLayout.LEARNER_COUNT));
  }

  static long entryTerm(byte[] bytes, int at) {
    return LittleEndian.getLong(bytes, at + LogLayout.ENTRY_TERM);
  }

  static boolean isConfiguration(byte[] bytes, int at) {
    return LittleEndian.getInt(bytes, at + LogLayout.ENTRY_KIND) == Entry.Kind.CONFIGURATION.code();
  }

  static int entryBytes(byte[] bytes, int at) {
    return LogLayout.ENTRY_HEADER_BYTES + LittleEndian.getInt(bytes, at + LogLayout.ENTRY_LENGTH);
  }

  static Entry entry(byte[] bytes, int at, long index) {
    int start = at + LogLayout.ENTRY_HEADER_BYTES;
    return new Entry(
        index,
        entryTerm(bytes, at),
        Entry.Kind.of(LittleEndian.getInt(bytes, at + LogLayout.ENTRY_KIND)),
        Arrays.copyOfRange(
            bytes, start, start + LittleEndian.getInt(bytes, at + LogLayout.ENTRY_LENGTH)));
  }

  private static TreeSet<Long> members(byte[] bytes, int start, int count) {
    var members = new TreeSet<Long>();
    for (int i = 0; i < count; i++) {
      members.add(LittleEndian.getLong(bytes, start + 8 * i));
    }
    return members;
  }
}
