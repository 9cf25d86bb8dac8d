package dev.henge.consensus.metadata;

import dev.henge.consensus.metadata.Member.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds members for groups: on distinct racks and data centres where there are, spread by load for
/// each unit of capacity, moving as little as possible.
///
/// - Method: local search. A step is taken only where it lowers first what two voters share, then
///   the sum over members of (replicas squared / capacity). Both are bounded below and fall
///   strictly, so that steps end, and where none helps nothing moves.
/// - Shape: a step costs groups x voters x members. Made for one round of planning, then thrown
///   away.
final class Placement {
  /// Voters of a data group.
  static final int VOTERS = 3;

  private final Metadata metadata;
  private final Set<Long> live;
  private final Map<Long, Integer> replicas = new HashMap<>();

  Placement(Metadata metadata, Set<Long> live) {
    this.metadata = metadata;
    this.live = live;
    for (GroupRecord group : metadata.dataGroups()) {
      group.target().voters().forEach(this::took);
    }
  }

  /// Whether `member` may have replicas: it is up and stays. One that is leaving stays eligible
  /// while the successor that it waits for is joining.
  boolean isEligible(long member) {
    Member found = metadata.members().get(member);
    return found != null
        && (found.state() == State.UP
            || (found.state() == State.LEAVING && state(found.successor()) == State.JOINING));
  }

  /// Whether `member` may be given another replica.
  boolean isCandidate(long member) {
    return state(member) == State.UP && live.contains(member);
  }

  List<Long> eligible() {
    return metadata.members().keySet().stream().filter(this::isEligible).toList();
  }

  /// Voters for a group that has `voters` now: those that may stay stay, `want` in all where there
  /// are candidates. A leaving voter stays, too, while nobody can be had in its place.
  SortedSet<Long> filled(SortedSet<Long> voters, int want) {
    var kept = new TreeSet<Long>();
    var going = new ArrayList<Long>();
    for (long voter : voters) {
      if (isEligible(voter)) {
        kept.add(voter);
      } else {
        going.add(voter);
        gave(voter);
      }
    }
    while (kept.size() > want) {
      long least = worst(kept);
      kept.remove(least);
      gave(least);
    }
    var successors = new ArrayList<Long>();
    for (long leaving : going) {
      metadata.member(leaving).ifPresent(member -> successors.add(member.successor()));
    }
    while (kept.size() < want) {
      Optional<Long> next = best(kept, successors);
      if (next.isEmpty()) {
        break;
      }
      kept.add(next.get());
      took(next.get());
    }
    for (long stay : going) {
      if (kept.size() < want && state(stay) != null) {
        kept.add(stay);
        took(stay);
      }
    }
    return kept;
  }

  /// One exchange that lets `voters` share less; the same set where there is none.
  SortedSet<Long> apart(SortedSet<Long> voters) {
    SortedSet<Long> best = voters;
    int least = shared(voters);
    for (long from : voters) {
      for (long to : metadata.members().keySet()) {
        if (isCandidate(to) && !voters.contains(to)) {
          SortedSet<Long> next = exchanged(voters, from, to);
          int cost = shared(next);
          if (cost < least) {
            least = cost;
            best = next;
          }
        }
      }
    }
    if (!best.equals(voters)) {
      voters.forEach(this::gave);
      best.forEach(this::took);
    }
    return best;
  }

  /// A replica to move from one member to another.
  record Move(GroupRecord group, long from, long to) {}

  /// The move within `groups` that evens the load out most; empty where none does.
  Optional<Move> balance(List<GroupRecord> groups) {
    Move best = null;
    double gained = 0;
    for (GroupRecord group : groups) {
      SortedSet<Long> voters = group.target().voters();
      int cost = shared(voters);
      for (long from : voters) {
        for (long to : metadata.members().keySet()) {
          if (isCandidate(to) && !voters.contains(to)) {
            double gain = gain(from, to);
            if (gain > gained && shared(exchanged(voters, from, to)) <= cost) {
              gained = gain;
              best = new Move(group, from, to);
            }
          }
        }
      }
    }
    return Optional.ofNullable(best);
  }

  void move(Move move) {
    gave(move.from());
    took(move.to());
  }

  static SortedSet<Long> exchanged(SortedSet<Long> voters, long from, long to) {
    var next = new TreeSet<>(voters);
    next.remove(from);
    next.add(to);
    return next;
  }

  /// By how much the sum of load squares falls; below a rounding error it is nothing.
  static double gain(int fromCount, double fromCapacity, int toCount, double toCapacity) {
    double gain = (2.0 * fromCount - 1) / fromCapacity - (2.0 * toCount + 1) / toCapacity;
    return gain > 1e-9 ? gain : 0;
  }

  private double gain(long from, long to) {
    return gain(count(from), capacity(from), count(to), capacity(to));
  }

  /// Pairs that share a data centre, and again where they share a rack.
  private int shared(SortedSet<Long> voters) {
    int pairs = 0;
    for (long one : voters) {
      for (long other : voters.tailSet(one + 1)) {
        Optional<Member> first = metadata.member(one);
        Optional<Member> second = metadata.member(other);
        if (first.isPresent() && second.isPresent()) {
          Location here = first.get().node().location();
          Location there = second.get().node().location();
          pairs += here.dataCentre().equals(there.dataCentre()) ? 1 : 0;
          pairs += here.equals(there) ? 1 : 0;
        }
      }
    }
    return pairs;
  }

  private Optional<Long> best(SortedSet<Long> voters, List<Long> successors) {
    return metadata.members().keySet().stream()
        .filter(member -> isCandidate(member) && !voters.contains(member))
        .min(
            Comparator.<Long>comparingInt(member -> successors.contains(member) ? 0 : 1)
                .thenComparingInt(member -> shared(exchanged(voters, 0, member)))
                .thenComparingDouble(member -> (count(member) + 1) / capacity(member))
                .thenComparingLong(member -> member));
  }

  /// Whom the group needs least: a dead one, one that shares most, the most loaded.
  private long worst(SortedSet<Long> voters) {
    return voters.stream()
        .max(
            Comparator.<Long>comparingInt(member -> live.contains(member) ? 0 : 1)
                .thenComparingInt(member -> {
                  var rest = new TreeSet<>(voters);
                  rest.remove(member);
                  return -shared(rest);
                })
                .thenComparingDouble(member -> count(member) / capacity(member))
                .thenComparingLong(member -> member))
        .orElseThrow();
  }

  private int count(long member) {
    return replicas.getOrDefault(member, 0);
  }

  private double capacity(long member) {
    return metadata.member(member).map(found -> found.node().capacity()).orElse(1);
  }

  private void took(long member) {
    replicas.merge(member, 1, Integer::sum);
  }

  private void gave(long member) {
    replicas.merge(member, -1, Integer::sum);
  }

  private @Nullable State state(long member) {
    Member found = metadata.members().get(member);
    return found == null ? null : found.state();
  }
}
