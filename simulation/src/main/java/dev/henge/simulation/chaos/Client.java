package dev.henge.simulation.chaos;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.simulation.check.Action;
import dev.henge.simulation.check.Call;
import dev.henge.simulation.workload.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One client: one operation at a time through one node, tried again through another where that is
/// safe.
///
/// A refusal is tried elsewhere. What may have been done is tried again only by clients that give
/// their writes request ids, which make a second try harmless; others take its outcome as unknown,
/// and go on under a new name.
///
/// - Threads: one.
final class Client implements Runnable, AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /// What one try has come to.
  private sealed interface Outcome {
    record Answered(List<Answer> answers) implements Outcome {}

    record Refused() implements Outcome {}

    record Unknown() implements Outcome {}
  }

  private final Doors doors;
  private final Ledger ledger;
  private final SeededRandomness random;
  private final Names names;
  private final Supplier<@Nullable Task> tasks;
  private final String prefix;
  private final long thinkMicrosMax;
  private final boolean givesIds;
  private int name;
  private int node;
  private @Nullable RespConnection connection;

  /// Ways into the cluster.
  interface Doors {
    /// Where the nodes are that take requests now.
    List<Integer> seats();

    RespConnection connect(int node) throws IOException;
  }

  /// Numbers that no client had before.
  interface Names {
    int next();
  }

  /// @param tasks what to do next; null to end
  /// @param prefix of all keys
  Client(
      Doors doors,
      Ledger ledger,
      SeededRandomness random,
      Names names,
      Supplier<@Nullable Task> tasks,
      String prefix,
      long thinkMicrosMax) {
    this.doors = doors;
    this.ledger = ledger;
    this.random = random;
    this.names = names;
    this.tasks = tasks;
    this.prefix = prefix;
    this.thinkMicrosMax = thinkMicrosMax;
    this.givesIds = random.chance(50);
    this.name = names.next();
    this.node = random.oneOf(doors.seats());
  }

  @Override
  public void run() {
    try (this) {
      for (Task task = tasks.get(); task != null; task = tasks.get()) {
        perform(task);
        pause(random.between(0, thinkMicrosMax));
      }
    } catch (RuntimeException | Error e) {
      ledger.violation("client " + name + " failed: " + e);
    }
  }

  @Override
  public void close() {
    disconnect();
  }

  private void perform(Task task) {
    boolean single = task.steps().size() == 1;
    boolean repeatable = task.reads() || (givesIds && single);
    String id =
        task.reads() || !repeatable
            ? null
            : "%016x%016x".formatted(random.nextLong(), random.nextLong());
    long start = System.nanoTime();
    boolean maybeDone = false;
    if (random.chance(5) || !doors.seats().contains(node)) {
      move();
    }
    while (true) {
      switch (attempt(task, id)) {
        case Outcome.Answered(List<Answer> answers) -> {
          answered(task, start, answers);
          return;
        }
        case Outcome.Refused() -> {}
        case Outcome.Unknown() -> maybeDone |= !task.reads();
      }
      if ((maybeDone && !repeatable) || System.nanoTime() - start > PATIENCE_NANOS) {
        giveUp(task, start, maybeDone);
        return;
      }
      if (maybeDone) {
        ledger.repeated();
      }
      move();
      pause(random.between(2_000, 50_000));
    }
  }

  private Outcome attempt(Task task, @Nullable String id) {
    RespConnection open = connection;
    if (open == null) {
      try {
        open = doors.connect(node);
        connection = open;
      } catch (IOException nothingSent) {
        ledger.error("no connection to node " + node + ": " + nothingSent.getMessage());
        return new Outcome.Refused();
      }
    }
    try {
      return task.steps().size() == 1 ? plain(open, task, id) : together(open, task);
    } catch (IOException lost) {
      ledger.error("no answer from node " + node + ": " + lost.getMessage());
      disconnect();
      return new Outcome.Unknown();
    }
  }

  private Outcome plain(RespConnection open, Task task, @Nullable String id) throws IOException {
    Task.Step step = task.steps().getFirst();
    boolean byLease = task.reads() && task.level() == ReadLevel.LEADER;
    List<String> words = new ArrayList<>();
    if (id != null) {
      words.addAll(List.of("HENGE.REQUEST", id));
    }
    words.addAll(Wording.words(key(step), step.action()));
    if (byLease) {
      open.add(List.of("HENGE.CONSISTENCY", "leader"));
    }
    open.add(words);
    if (byLease) {
      open.add(List.of("HENGE.CONSISTENCY", "linearizable"));
    }
    open.flush();
    if (byLease) {
      open.receive();
    }
    Answer answer = open.receive();
    if (byLease) {
      open.receive();
    }
    return outcome(answer, List.of(answer));
  }

  private Outcome together(RespConnection open, Task task) throws IOException {
    open.add(List.of("MULTI"));
    for (Task.Step step : task.steps()) {
      open.add(Wording.words(key(step), step.action()));
    }
    open.add(List.of("EXEC"));
    open.flush();
    for (int i = 0; i <= task.steps().size(); i++) {
      open.receive(); // queued, or a refusal that EXEC repeats
    }
    Answer answer = open.receive();
    return outcome(answer, answer instanceof Answer.Many many ? many.items() : List.of(answer));
  }

  private Outcome outcome(Answer answer, List<Answer> answers) {
    if (Wording.meaning(answer) != Wording.Meaning.DONE) {
      ledger.error("node " + node + ": " + answer);
    }
    return switch (Wording.meaning(answer)) {
      case DONE -> new Outcome.Answered(answers);
      case REFUSED -> new Outcome.Refused();
      case UNKNOWN -> new Outcome.Unknown();
    };
  }

  private void answered(Task task, long start, List<Answer> answers) {
    long end = System.nanoTime();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Math.min(answers.size(), task.steps().size()); i++) {
      String text = Wording.answer(task.steps().get(i).action(), answers.get(i));
      if (text != null) {
        texts.add(text);
      }
    }
    if (texts.size() != task.steps().size() || answers.size() != texts.size()) {
      ledger.violation(
          "at %.6f s client %d: %s through node %d answered %s"
              .formatted(end / 1e9, name, task.steps(), node, answers));
      return;
    }
    ledger.answered(end);
    for (int i = 0; i < texts.size(); i++) {
      Task.Step step = task.steps().get(i);
      ledger.add(key(step), Call.answered(name, start, end, step.action(), texts.get(i)));
    }
    if (task.balanced()) {
      judgeBalance(end, texts);
    }
  }

  private void judgeBalance(long end, List<String> answers) {
    long sum = 0;
    for (String answer : answers) {
      sum += answer.equals(Action.ABSENT) ? 0 : Long.parseLong(answer);
    }
    if (sum != 0) {
      ledger.violation(
          "at %.6f s the accounts held %s: money came or went".formatted(end / 1e9, answers));
    }
  }

  private void giveUp(Task task, long start, boolean maybeDone) {
    if (!maybeDone) {
      ledger.refused();
      return;
    }
    ledger.unknown();
    for (Task.Step step : task.steps()) {
      ledger.add(key(step), Call.unknown(name, start, step.action()));
    }
    name = names.next();
  }

  private String key(Task.Step step) {
    return prefix + step.key();
  }

  /// The next try goes through another node.
  private void move() {
    disconnect();
    List<Integer> seats = doors.seats();
    List<Integer> others = seats.stream().filter(seat -> seat != node).toList();
    node = random.oneOf(others.isEmpty() ? seats : others);
  }

  private void disconnect() {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (IOException gone) {
      // It is of no more use anyway.
    }
    connection = null;
  }

  private static void pause(long micros) {
    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
  }
}
