package dev.henge.simulation.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks for an order of calls on one key that keeps to real time and explains every answer.
///
/// Depth first, always trying the calls that began before the first unexplained answer; a pair of
/// (calls placed, state) that led nowhere is not tried again. Calls of unknown outcome may be
/// placed anywhere after their start, or nowhere. An answered read goes where it fits first, and is
/// not tried elsewhere.
///
/// - Source: Wing and Gong, "Testing and Verifying Concurrent Objects" (1993); Lowe, "Testing for
///   Linearizability" (2017), whose list with lifted entries and memoisation this is.
/// - Bound: [#STEPS_MAX] trials; a history that needs more is reported as undecided, not as good.
public final class Linearizability {
  private static final long STEPS_MAX = 20_000_000;

  /// Placed calls and the state that they lead to.
  private record Seen(BitSet placed, String state) {}

  private record Undo(Entry entry, String state) {}

  /// The start or the answer of a call, in a list by time.
  private static final class Entry {
    final int number;
    final Call call;
    final boolean start;
    @Nullable Entry answer;
    @Nullable Entry previous;
    @Nullable Entry next;

    Entry(int number, Call call, boolean start) {
      this.number = number;
      this.call = call;
      this.start = start;
    }

    long atNanos() {
      return start ? call.startNanos() : call.endNanos();
    }

    void lift() {
      unlink(this);
      if (answer != null) {
        unlink(answer);
      }
    }

    void putBack() {
      if (answer != null) {
        link(answer);
      }
      link(this);
    }

    private static void unlink(Entry entry) {
      if (entry.previous != null) {
        entry.previous.next = entry.next;
      }
      if (entry.next != null) {
        entry.next.previous = entry.previous;
      }
    }

    private static void link(Entry entry) {
      if (entry.previous != null) {
        entry.previous.next = entry;
      }
      if (entry.next != null) {
        entry.next.previous = entry;
      }
    }
  }

  private final Entry head;
  private final List<Call> history;
  private int unanswered;

  private Linearizability(List<Call> history) {
    this.history = history;
    this.head = list(history);
  }

  /// @param history of one key, in any order, beginning with nothing under the key
  /// @return what is wrong; empty when the history is linearizable
  public static Optional<String> violation(List<Call> history) {
    return new Linearizability(history).search();
  }

  private Entry list(List<Call> calls) {
    var entries = new ArrayList<Entry>();
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      var start = new Entry(i, call, true);
      entries.add(start);
      if (call.endNanos() != Call.NEVER) {
        start.answer = new Entry(i, call, false);
        entries.add(start.answer);
        unanswered++;
      }
    }
    // At one instant starts come first: then the calls count as concurrent.
    entries.sort(
        Comparator.comparingLong(Entry::atNanos)
            .thenComparing(entry -> !entry.start)
            .thenComparingInt(entry -> entry.number));
    var first = new Entry(-1, Call.unknown(-1, Long.MIN_VALUE, new Action.Get()), true);
    Entry last = first;
    for (Entry entry : entries) {
      last.next = entry;
      entry.previous = last;
      last = entry;
    }
    return first;
  }

  private Optional<String> search() {
    Set<Seen> seen = new HashSet<>();
    var placed = new BitSet(history.size());
    var undo = new ArrayDeque<Undo>();
    String state = Action.ABSENT;
    Entry entry = head.next;
    Entry stuck = null;
    int deepest = -1;
    for (long steps = 0; unanswered > 0; steps++) {
      if (steps > STEPS_MAX) {
        return Optional.of("undecided after " + steps + " steps" + text(stuck));
      }
      if (entry != null && entry.start) {
        Action.Effect effect = entry.call.action().on(state);
        String answer = entry.call.answer();
        if (answer == null || answer.equals(effect.answer())) {
          var after = (BitSet) placed.clone();
          after.set(entry.number);
          if (seen.add(new Seen(after, effect.state()))) {
            undo.push(new Undo(entry, state));
            state = effect.state();
            placed = after;
            entry.lift();
            unanswered -= entry.answer == null ? 0 : 1;
            entry = head.next;
            continue;
          }
        }
        entry = entry.next;
        continue;
      }
      if (entry != null && undo.size() > deepest) {
        deepest = undo.size();
        stuck = entry;
      }
      if (undo.isEmpty()) {
        return Optional.of("no order explains the answers" + text(stuck));
      }
      boolean mattered;
      Undo last;
      placed = (BitSet) placed.clone();
      do {
        last = undo.pop();
        last.entry.putBack();
        unanswered += last.entry.answer == null ? 0 : 1;
        placed.clear(last.entry.number);
        // A read was no choice: later it would stand no better, and nothing else is hindered by it.
        // A write that changed nothing where it stood may be needed elsewhere.
        mattered = last.entry.answer == null || !(last.entry.call.action() instanceof Action.Get);
        state = last.state;
      } while (!mattered && !undo.isEmpty());
      if (!mattered) {
        return Optional.of("no order explains the answers" + text(stuck));
      }
      entry = last.entry.next;
    }
    return Optional.empty();
  }

  private String text(@Nullable Entry stuck) {
    var text = new StringBuilder();
    if (stuck != null) {
      text.append("; at the best try this one could not be placed:\n  ").append(stuck.call);
    }
    text.append("\nall calls on the key:");
    history.stream()
        .sorted(Comparator.comparingLong(Call::startNanos))
        .forEach(call -> text.append("\n  ").append(call));
    return text.toString();
  }
}
