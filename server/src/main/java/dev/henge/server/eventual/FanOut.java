package dev.henge.server.eventual;

import dev.henge.replication.quorum.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/// Requests for several keys, some at a time, and all their answers at once.
///
/// - Bound: [#WINDOW] of one's requests are under way.
/// - Threads: any; answers may come on any thread, also before an ask returns.
final class FanOut {
  private static final int WINDOW = 128;

  /// Asks for key `index`.
  interface Ask {
    void ask(int index, Consumer<Answer> done);
  }

  private final AtomicReferenceArray<Answer> answers;
  private final Ask ask;
  private final Consumer<List<Answer>> done;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger left;
  private final AtomicInteger turns = new AtomicInteger();

  // owned by whoever has the turn
  private int next;

  private FanOut(int count, Ask ask, Consumer<List<Answer>> done) {
    this.answers = new AtomicReferenceArray<>(count);
    this.ask = ask;
    this.done = done;
    this.left = new AtomicInteger(count);
  }

  /// @param count at least 1
  /// @param done hears the answers in the order of the keys
  static void run(int count, Ask ask, Consumer<List<Answer>> done) {
    new FanOut(count, ask, done).go();
  }

  /// Asks as many as may be under way. Who comes while somebody else is at it leaves its turn to
  /// that one, so that no answer nests in the ask of another.
  private void go() {
    if (turns.getAndIncrement() != 0) {
      return;
    }
    int taken = 1;
    while (taken != 0) {
      while (next < answers.length() && underWay.get() < WINDOW) {
        underWay.incrementAndGet();
        int index = next++;
        ask.ask(index, answer -> answered(index, answer));
      }
      taken = turns.addAndGet(-taken);
    }
  }

  private void answered(int index, Answer answer) {
    answers.set(index, answer);
    underWay.decrementAndGet();
    if (left.decrementAndGet() > 0) {
      go();
      return;
    }
    List<Answer> all = new ArrayList<>(answers.length());
    for (int i = 0; i < answers.length(); i++) {
      all.add(answers.get(i));
    }
    done.accept(all);
  }
}
