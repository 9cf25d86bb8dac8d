package dev.henge.replication.membership;

import dev.henge.base.Invariant;
import java.util.Arrays;

/// The members and the newest heartbeat that this node has heard of each.
///
/// Members have places, by number ascending. A heartbeat is newer than another one of the same
/// member in a later incarnation, or in the same with a higher count. Those that changed form a
/// chain, the newest change first, from which messages take what is news.
///
/// - Shape: arrays by place, 28 bytes a member, besides the numbers; every operation but [#remap]
///   and [#select] takes constant time.
/// - Threads: its owner's.
final class MemberList {
  private static final int NONE = -1;

  // owned by the caller's thread; arrays by place
  private long[] numbers = new long[0];
  private long[] incarnations = new long[0];
  private long[] heartbeats = new long[0];

  /// The chain: who changed just before and just after; links of places that are in it.
  private int[] older = new int[0];

  private int[] newer = new int[0];
  private int newest = NONE;

  /// Selections in which a place was last taken, so that none is taken twice.
  private int[] taken = new int[0];

  private int selection;

  /// Where going round the list goes on.
  private int next;

  int size() {
    return numbers.length;
  }

  long number(int place) {
    return numbers[place];
  }

  long incarnation(int place) {
    return incarnations[place];
  }

  long heartbeat(int place) {
    return heartbeats[place];
  }

  /// Whether anything was ever heard of the member.
  boolean isKnown(int place) {
    return heartbeats[place] > 0 || incarnations[place] > 0;
  }

  /// Where `member` stands; negative where it does not.
  int place(long member) {
    if (numbers.length == 0 || member < numbers[0]) {
      return NONE;
    }
    // Numbers ascend, so that a place is at most so high; without gaps it is just that.
    long highest = Math.min(member - numbers[0], numbers.length - 1L);
    return numbers[(int) highest] == member
        ? (int) highest
        : Arrays.binarySearch(numbers, 0, (int) highest, member);
  }

  /// Whether the heartbeat would be news.
  boolean isNewer(int place, long incarnation, long heartbeat) {
    return incarnation > incarnations[place]
        || (incarnation == incarnations[place] && heartbeat > heartbeats[place]);
  }

  /// Takes the heartbeat, which is newer.
  void raise(int place, long incarnation, long heartbeat) {
    incarnations[place] = incarnation;
    heartbeats[place] = heartbeat;
    if (newest != place) {
      unlink(place);
      older[place] = newest;
      if (newest != NONE) {
        newer[newest] = place;
      }
      newest = place;
    }
  }

  private void unlink(int place) {
    if (newer[place] != NONE) {
      older[newer[place]] = older[place];
    }
    if (older[place] != NONE) {
      newer[older[place]] = newer[place];
    }
    newer[place] = NONE;
  }

  /// The members are `members` from now on, ascending; the array is shared and never changed.
  ///
  /// @return for each place where that member stood before, or -1
  int[] remap(long[] members) {
    var before = new int[members.length];
    for (int i = 0; i < members.length; i++) {
      Invariant.check(i == 0 || members[i - 1] < members[i], "members ascend");
      before[i] = Math.max(NONE, place(members[i]));
    }
    long[] oldIncarnations = incarnations;
    long[] oldHeartbeats = heartbeats;
    var after = new int[numbers.length];
    Arrays.fill(after, NONE);
    int[] chain = chain();
    numbers = members;
    incarnations = new long[members.length];
    heartbeats = new long[members.length];
    older = new int[members.length];
    newer = new int[members.length];
    Arrays.fill(older, NONE);
    Arrays.fill(newer, NONE);
    taken = new int[members.length];
    selection = 0;
    next = 0;
    newest = NONE;
    for (int i = 0; i < before.length; i++) {
      if (before[i] >= 0) {
        after[before[i]] = i;
      }
    }
    for (int i = chain.length - 1; i >= 0; i--) {
      int place = after[chain[i]];
      if (place >= 0) {
        raise(place, oldIncarnations[chain[i]], oldHeartbeats[chain[i]]);
      }
    }
    return before;
  }

  /// Places of members that are known, the newest change first.
  private int[] chain() {
    var places = new int[numbers.length];
    int count = 0;
    for (int place = newest; place != NONE; place = older[place]) {
      places[count++] = place;
    }
    return Arrays.copyOf(places, count);
  }

  /// Up to `count` known members for a message, `self` among them: half of them those that changed
  /// last, the others going round the list, so that none is left out for long.
  ///
  /// @return places, ascending
  int[] select(int self, int count) {
    selection++;
    var places = new int[Math.min(count, numbers.length)];
    int found = 0;
    taken[self] = selection;
    places[found++] = self;
    int place = newest;
    while (found < count / 2 && place != NONE) {
      if (taken[place] != selection) {
        taken[place] = selection;
        places[found++] = place;
      }
      place = older[place];
    }
    for (int seen = 0; found < places.length && seen < numbers.length; seen++) {
      if (isKnown(next) && taken[next] != selection) {
        taken[next] = selection;
        places[found++] = next;
      }
      next = next + 1 == numbers.length ? 0 : next + 1;
    }
    int[] chosen = Arrays.copyOf(places, found);
    Arrays.sort(chosen);
    return chosen;
  }
}
