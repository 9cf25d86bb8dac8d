package dev.henge.simulation.eventual;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Says what no eventual keyspace may do to a key, and this one did.
///
/// What a write took the place of is what its author had read; of one that says nothing, what its
/// coordinator held before and not after. Where the outcome is unknown, both are possible.
///
/// - Threads: one.
final class KeyJudge {
  private final KeyHistory history;
  private final List<Deed> deeds;
  private final Map<String, Deed> puts = new HashMap<>();

  /// Of values, as far as anybody was shown them.
  private final Map<String, Long> times = new HashMap<>();

  private final List<String> found = new ArrayList<>();

  private KeyJudge(KeyHistory history) {
    this.history = history;
    this.deeds =
        history.deeds().stream().sorted(Comparator.comparingLong(Deed::startNanos)).toList();
    for (Deed deed : deeds) {
      if (deed.value() != null) {
        puts.put(deed.value(), deed);
      }
      times.putAll(deed.after().times());
    }
  }

  /// @return empty where all is well
  static List<String> violations(KeyHistory history) {
    var judge = new KeyJudge(history);
    boolean counter = history.deeds().stream().anyMatch(deed -> deed.kind() == Deed.Kind.ADD);
    if (counter) {
      judge.sum();
    } else {
      judge.nothingLost();
      judge.nothingRisen();
      judge.nothingHidden();
      judge.shown();
      judge.quorums();
    }
    return judge.found;
  }

  private void violation(String text) {
    found.add(text + "\n" + history.text());
  }

  /// Every value that was acknowledged is there, or something took its place, which is there or was
  /// replaced in turn. A write of unknown outcome that says nothing, and is accounted for itself,
  /// may have replaced any one value.
  private void nothingLost() {
    Set<String> accounted = new HashSet<>(history.end().values());
    spread(accounted);
    boolean forgotten =
        deeds.stream().anyMatch(deed -> deed.replacesUnseen() && deed.kind() == Deed.Kind.FORGET);
    var excused = new ArrayList<Deed>();
    for (List<Deed> lost = lost(accounted); !lost.isEmpty(); lost = lost(accounted)) {
      Deed next = excuse(lost, accounted);
      excused.add(next);
      accounted.add(Objects.requireNonNull(next.value()));
      spread(accounted);
    }
    if (!forgotten && excused.size() > unseen(accounted)) {
      violation("lost, all but " + unseen(accounted) + " of these: " + excused);
    }
  }

  private List<Deed> lost(Set<String> accounted) {
    return deeds.stream()
        .filter(deed -> deed.isDone() && deed.writes() && isSafe(deed))
        .filter(deed -> !isAccounted(deed, accounted))
        .toList();
  }

  private long unseen(Set<String> accounted) {
    return deeds.stream()
        .filter(deed -> deed.replacesUnseen() && deed.kind() == Deed.Kind.PUT)
        .filter(deed -> accounted.contains(deed.value()))
        .count();
  }

  /// What to account for next: what nothing that is known has replaced, else what accounts for the
  /// most others.
  private Deed excuse(List<Deed> lost, Set<String> accounted) {
    Set<String> replaced = new HashSet<>();
    for (Deed deed : deeds) {
      if (deed.writes() && deed.mayBeDone()) {
        replaced.addAll(deed.replaced());
      }
    }
    Deed best = lost.getFirst();
    int fewest = Integer.MAX_VALUE;
    for (Deed deed : deeds) {
      String value = deed.value();
      if (value != null && deed.mayBeDone() && !accounted.contains(value)) {
        if (lost.contains(deed) && !replaced.contains(value)) {
          return deed;
        }
        Set<String> more = new HashSet<>(accounted);
        more.add(value);
        spread(more);
        int left = lost(more).size();
        if (left < fewest) {
          fewest = left;
          best = deed;
        }
      }
    }
    return best;
  }

  private boolean isAccounted(Deed deed, Set<String> accounted) {
    // What a deletion did is judged by what comes back.
    return deed.value() == null
        || accounted.contains(deed.value())
        || (history.latest() && time(deed) <= latestOf(accounted));
  }

  /// The latest time that a write which is accounted for may have had: what was earlier gave way to
  /// it, also where a writer who had read it, but whose clock is behind, took its place.
  private long latestOf(Set<String> accounted) {
    long latest = history.end().newest();
    for (Deed deed : deeds) {
      if (deed.writes()
          && deed.mayBeDone()
          && (deed.value() == null || accounted.contains(deed.value()))) {
        latest = Math.max(latest, time(deed));
      }
    }
    return latest;
  }

  /// Of the write itself; above all where nobody knows it.
  private long time(Deed deed) {
    if (deed.value() != null) {
      return times.getOrDefault(deed.value(), Long.MAX_VALUE);
    }
    return deed.isDone() ? deed.after().newest() : Long.MAX_VALUE;
  }

  /// What has been replaced by something that is accounted for, is.
  private void spread(Set<String> accounted) {
    boolean more = true;
    while (more) {
      more = false;
      for (Deed deed : deeds) {
        boolean counts =
            deed.writes()
                && deed.mayBeDone()
                && (deed.value() == null || accounted.contains(deed.value()));
        more |= counts && accounted.addAll(deed.replaced());
      }
    }
  }

  /// Whether a disk that acknowledged it is whole.
  private boolean isSafe(Deed deed) {
    int copies = deed.copies() + (history.delivered() ? deed.hints() : 0);
    return copies > history.damages() - deed.damages();
  }

  /// What was replaced, and that acknowledged, is gone.
  private void nothingRisen() {
    for (Deed deed : deeds) {
      if (deed.isDone() && deed.writes() && isSafe(deed)) {
        for (String gone : deed.replaced()) {
          if (history.end().values().contains(gone)) {
            violation("risen: " + gone + ", which was replaced by " + deed);
            return;
          }
        }
      }
    }
  }

  /// Somebody who has read nothing takes the place of one value at most. Where the latest wins, a
  /// write is later than what its coordinator held.
  private void nothingHidden() {
    for (Deed deed : deeds) {
      boolean put = deed.isDone() && deed.kind() == Deed.Kind.PUT;
      if (put && !history.latest() && deed.context() == null && deed.replaced().size() > 1) {
        violation("several values were hidden by " + deed);
        return;
      }
      if (put && history.latest() && time(deed) <= deed.before().newest()) {
        violation("earlier than what was there is " + deed);
        return;
      }
    }
  }

  /// No answer shows what was never written, a value beside what it replaced, or more values than
  /// there can be.
  private void shown() {
    for (Deed deed : deeds) {
      if (deed.isDone()) {
        shown(deed.after(), deed.toString());
      }
    }
    shown(history.end(), "the end");
  }

  private void shown(Deed.Values values, String where) {
    for (String value : values.values()) {
      Deed put = puts.get(value);
      if (put == null || !put.mayBeDone()) {
        violation("nobody has written " + value + ", which is shown by " + where);
        return;
      }
      for (String replaced : put.replaced()) {
        if (values.values().contains(replaced)) {
          violation(value + " has replaced " + replaced + ", both are shown by " + where);
          return;
        }
      }
    }
    if (history.latest() && values.times().size() > 1) {
      violation("more than one value is shown by " + where);
    }
    if (values.writers() > history.replicas()) {
      violation("more replicas have written than there were, by " + where);
    }
    if (values.blind() > history.replicas()) {
      violation("a coordinator has left several values beside others, by " + where);
    }
  }

  /// A read shows what was written before it began, where some copy must have been asked that has
  /// it.
  private void quorums() {
    if (!history.strict()) {
      return;
    }
    for (Deed read : deeds) {
      if (read.isDone() && read.kind() == Deed.Kind.READ) {
        for (Deed write : deeds) {
          if (write.startNanos() > read.startNanos()) {
            break;
          }
          boolean meets =
              write.copies() - (history.damages() - write.damages()) + read.copies()
                  > history.owners();
          if (write.isDone()
              && write.writes()
              && write.endNanos() < read.startNanos()
              && meets
              && !shows(read, write)) {
            violation("not seen: " + write + "\n  by " + read);
            return;
          }
        }
      }
    }
  }

  private boolean shows(Deed read, Deed write) {
    for (String gone : write.replaced()) {
      if (read.after().values().contains(gone)) {
        return false;
      }
    }
    return write.value() == null
        || (history.latest() && read.after().newest() >= time(write))
        || read.after().values().contains(write.value())
        || mayBeReplaced(write, read.endNanos());
  }

  private boolean mayBeReplaced(Deed write, long untilNanos) {
    for (Deed deed : deeds) {
      if (deed.startNanos() > untilNanos) {
        return false;
      }
      if (deed != write
          && deed.writes()
          && deed.mayBeDone()
          && (deed.replacesUnseen()
              || (history.latest() && time(deed) >= time(write))
              || (write.value() != null && deed.replaced().contains(write.value())))) {
        return true;
      }
    }
    return false;
  }

  /// A counter holds what was added, and of what is unknown any part.
  private void sum() {
    long least = 0;
    long most = 0;
    for (Deed deed : deeds) {
      if (deed.kind() == Deed.Kind.ADD && deed.mayBeDone()) {
        most += deed.delta();
        least += deed.isDone() && isSafe(deed) ? deed.delta() : 0;
      }
    }
    if (history.end().total() < least || history.end().total() > most) {
      violation("the sum is " + history.end().total() + ", and should be " + least + " to " + most);
    }
  }
}
