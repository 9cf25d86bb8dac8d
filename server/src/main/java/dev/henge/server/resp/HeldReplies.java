package dev.henge.server.resp;

import dev.henge.server.store.Group;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Which replies of one session wait for which write, in order.
///
/// - Shape: a ring of parts of the reply stream. A part is what one wake-up wrote from its first
///   unacknowledged write on; parts touch, and the last ends where the stream ends.
/// - Bound: a part holds at least one reply, and the session stops decoding when too many bytes of
///   replies wait.
/// - Threads: that of the session.
final class HeldReplies {
  private @Nullable Group[] groups = {};
  private long[] sequences = {};
  private long[] ends = {};
  private int[] replyCounts = {};
  private int first;
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  /// The group and the sequence number that the first part waits for.
  Group group() {
    return Objects.requireNonNull(groups[first], "a held part has a group");
  }

  long sequence() {
    return sequences[first];
  }

  /// Stream position behind the first part.
  long end() {
    return ends[first];
  }

  int replyCount() {
    return replyCounts[first];
  }

  boolean acknowledged() {
    return group().acknowledged(sequence());
  }

  void add(Group group, long sequence, long end, int replyCount) {
    if (count > 0) {
      int last = (first + count - 1) & (ends.length - 1);
      if (sequences[last] == sequence && groups[last] == group) {
        ends[last] = end;
        replyCounts[last] += replyCount;
        return;
      }
    }
    if (count == ends.length) {
      grow();
    }
    int place = (first + count) & (ends.length - 1);
    groups[place] = group;
    sequences[place] = sequence;
    ends[place] = end;
    replyCounts[place] = replyCount;
    count++;
  }

  /// What was written behind the last part waits with it.
  void extend(long end, int replyCount) {
    int last = (first + count - 1) & (ends.length - 1);
    ends[last] = end;
    replyCounts[last] += replyCount;
  }

  void removeFirst() {
    groups[first] = null;
    first = (first + 1) & (ends.length - 1);
    count--;
  }

  private void grow() {
    int capacity = Math.max(4, ends.length * 2);
    @Nullable Group[] newGroups = new @Nullable Group[capacity];
    long[] newSequences = new long[capacity];
    long[] newEnds = new long[capacity];
    int[] newCounts = new int[capacity];
    for (int i = 0; i < count; i++) {
      int place = (first + i) & (ends.length - 1);
      newGroups[i] = groups[place];
      newSequences[i] = sequences[place];
      newEnds[i] = ends[place];
      newCounts[i] = replyCounts[place];
    }
    groups = newGroups;
    sequences = newSequences;
    ends = newEnds;
    replyCounts = newCounts;
    first = 0;
  }

  @Override
  public String toString() {
    return count + " parts waiting for " + Arrays.toString(sequences);
  }
}
