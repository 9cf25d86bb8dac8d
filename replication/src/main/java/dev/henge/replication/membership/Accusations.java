package dev.henge.replication.membership;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Who accuses whom, each at the newest heartbeat that is known of the accused.
///
/// - Bounds: [#ACCUSERS_MAX] of each member: two decide, and one more may be this node or removed.
/// - Threads: its owner's.
final class Accusations {
  static final int ACCUSERS_MAX = 3;

  // By the accused's number.
  private final TreeMap<Long, List<Long>> accusers = new TreeMap<>();

  /// The last one that was told of.
  private long told;

  /// @return whether that was not known
  boolean add(long accused, long accuser) {
    List<Long> known = accusers.computeIfAbsent(accused, first -> new ArrayList<>(ACCUSERS_MAX));
    return known.size() < ACCUSERS_MAX && !known.contains(accuser) && known.add(accuser);
  }

  /// The accuser takes it back.
  void withdraw(long accused, long accuser) {
    List<Long> known = accusers.get(accused);
    if (known != null && known.remove(accuser) && known.isEmpty()) {
      accusers.remove(accused);
    }
  }

  /// There is news of the accused.
  void clear(long accused) {
    accusers.remove(accused);
  }

  int count(long accused) {
    List<Long> known = accusers.get(accused);
    return known == null ? 0 : known.size();
  }

  /// Those who are accused by anybody.
  List<Long> accused() {
    return List.copyOf(accusers.keySet());
  }

  /// Only `members` can accuse or be accused.
  void retain(MemberList members) {
    accusers.keySet().removeIf(accused -> members.place(accused) < 0);
    accusers.values().forEach(known -> known.removeIf(accuser -> members.place(accuser) < 0));
    accusers.values().removeIf(List::isEmpty);
  }

  /// Up to `count` for a message, going round.
  List<Accusation> select(MemberList members, int count) {
    if (accusers.isEmpty()) {
      return List.of();
    }
    var chosen = new ArrayList<Accusation>();
    SequencedMap<Long, List<Long>> ahead = accusers.tailMap(told, false);
    fill(ahead, members, count, chosen);
    if (chosen.size() < count) {
      fill(accusers.headMap(told, true), members, count, chosen);
    }
    return chosen;
  }

  private void fill(
      SequencedMap<Long, List<Long>> some, MemberList members, int count, List<Accusation> chosen) {
    for (var one : some.entrySet()) {
      int place = members.place(one.getKey());
      for (long accuser : one.getValue()) {
        if (chosen.size() == count) {
          return;
        }
        chosen.add(
            new Accusation(
                one.getKey(), members.incarnation(place), members.heartbeat(place), accuser));
      }
      told = one.getKey();
    }
  }
}
