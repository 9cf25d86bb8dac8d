package dev.henge.replication.membership;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/// Members whose silence is doubted, and who are being asked for a sign of life, by this node and
/// by helpers, before anybody is told.
///
/// - Bounds: [#UNDER_WAY_MAX] at a time; more wait, doubted, until others are decided.
/// - Threads: its owner's.
/// - Source: Das, Gupta, Motivala, "SWIM" (2002), section 3.1, but asked for only where the history
///   gives reason to; and twice, because a lost packet is likelier than a lost member.
final class Probes {
  static final int UNDER_WAY_MAX = 32;

  /// Asked so often, each time directly and through [#HELPERS] others.
  static final int ROUNDS = 2;

  static final int HELPERS = 3;

  /// One member's.
  static final class Probe {
    final long member;
    long number;
    int rounds;
    int waitedTicks;
    int asked;
    int taken;

    Probe(long member) {
      this.member = member;
    }
  }

  // By member.
  private final TreeMap<Long, Probe> underWay = new TreeMap<>();
  private long lastNumber;

  boolean isFull() {
    return underWay.size() >= UNDER_WAY_MAX;
  }

  boolean contains(long member) {
    return underWay.containsKey(member);
  }

  /// @return the probe, whose round is to be begun
  Probe begin(long member) {
    var probe = new Probe(member);
    underWay.put(member, probe);
    return probe;
  }

  /// A round begins: whatever belongs to the last one is of no account any more.
  void beginRound(Probe probe, int helpers) {
    probe.number = ++lastNumber;
    probe.rounds++;
    probe.waitedTicks = 0;
    probe.asked = helpers;
    probe.taken = 0;
  }

  /// A helper is at work.
  void taken(long number) {
    for (Probe probe : underWay.values()) {
      if (probe.number == number) {
        probe.taken++;
      }
    }
  }

  /// There is news of the member, or it is a member no more.
  void end(long member) {
    underWay.remove(member);
  }

  void clear() {
    underWay.clear();
  }

  void retain(MemberList members) {
    for (Iterator<Long> all = underWay.keySet().iterator(); all.hasNext(); ) {
      if (members.place(all.next()) < 0) {
        all.remove();
      }
    }
  }

  /// A tick has come.
  ///
  /// @param patience ticks that a round takes
  /// @return whose round is over without an answer
  List<Probe> unanswered(int patience) {
    var over = new ArrayList<Probe>();
    for (Probe probe : underWay.values()) {
      if (++probe.waitedTicks >= patience) {
        over.add(probe);
      }
    }
    return over;
  }
}
