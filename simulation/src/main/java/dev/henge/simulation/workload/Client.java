package dev.henge.simulation.workload;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.data.Reply;
import dev.henge.simulation.check.Action;
import dev.henge.simulation.check.Call;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One client: one operation at a time, tried again where that is safe.
///
/// A refusal is tried elsewhere. What may have been done is tried again only by clients that give
/// their requests numbers, which make a second try harmless; others take its outcome as unknown,
/// and go on under a new name.
///
/// - Threads: the simulation's.
final class Client {
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  private final World world;
  private final SeededRandomness random;
  private final Service service;
  private final History history;
  private final Supplier<Integer> names;
  private final Supplier<@Nullable Task> tasks;
  private final boolean tryingAgain;
  private final long thinkMicrosMax;
  private int name;
  private int machine;
  private long requestNumber;

  // the operation in progress
  private @Nullable Task task;
  private long startNanos;
  private boolean maybeDone;
  private long attempt;

  /// @param names gives names that nobody had before
  /// @param tasks what to do next; null to end
  Client(
      World world,
      Service service,
      History history,
      Supplier<Integer> names,
      Supplier<@Nullable Task> tasks,
      long thinkMicrosMax) {
    this.world = world;
    this.random = world.random().split();
    this.service = service;
    this.history = history;
    this.names = names;
    this.tasks = tasks;
    this.thinkMicrosMax = thinkMicrosMax;
    this.name = names.get();
    this.tryingAgain = random.chance(50);
    this.machine = random.nextInt(service.machineCount());
  }

  void think() {
    task = null;
    world.after(Duration.ofNanos(random.between(0, thinkMicrosMax) * 1_000), this::begin);
  }

  private void begin() {
    Task next = tasks.get();
    if (next == null) {
      return;
    }
    task = next;
    startNanos = world.nowNanos();
    maybeDone = false;
    requestNumber++;
    send(next);
  }

  private void send(Task asked) {
    long mine = ++attempt;
    long sentNanos = world.nowNanos();
    if (random.chance(10)) {
      machine = random.nextInt(service.machineCount());
    }
    world.after(
        ANSWER_WITHIN,
        () -> {
          if (mine == attempt && isCurrent(asked)) {
            machine = random.nextInt(service.machineCount());
            unknown(asked);
          }
        });
    service.submit(
        machine,
        asked.keyspace(),
        new Service.Request(name, requestNumber, tryingAgain),
        asked.operation(),
        asked.level(),
        new Service.Answer() {
          @Override
          public void replied(Reply reply, long ageMillis) {
            // Also the answer to an earlier try is one to this request.
            if (isCurrent(asked)) {
              answered(asked, reply, asked.isStale() ? before(sentNanos, ageMillis) : startNanos);
            }
          }

          @Override
          public void refused(String reason, int leader) {
            if (mine == attempt && isCurrent(asked)) {
              attempt++;
              machine = leader >= 0 ? leader : random.nextInt(service.machineCount());
              again(asked);
            }
          }

          @Override
          public void unknown() {
            if (mine == attempt && isCurrent(asked)) {
              attempt++;
              Client.this.unknown(asked);
            }
          }
        });
  }

  /// A task is over when another, equal or not, has taken its place.
  @SuppressWarnings("ReferenceEquality")
  private boolean isCurrent(Task asked) {
    return task == asked;
  }

  private void unknown(Task asked) {
    maybeDone |= !asked.reads();
    if (asked.reads() || tryingAgain) {
      again(asked);
    } else {
      giveUp(asked);
    }
  }

  private void again(Task asked) {
    if (world.nowNanos() - startNanos > PATIENCE.toNanos()) {
      giveUp(asked);
    } else {
      world.after(
          Duration.ofMillis(random.between(5, 120)),
          () -> {
            if (isCurrent(asked)) {
              send(asked);
            }
          });
    }
  }

  private void giveUp(Task asked) {
    if (maybeDone) {
      history.countUnknown();
      for (Task.Step step : asked.ttlMillis() > 0 ? List.<Task.Step>of() : asked.steps()) {
        history.add(key(asked, step), Call.unknown(name, startNanos, step.action()));
      }
      name = names.get();
      requestNumber = 0;
    } else {
      history.countRefused();
    }
    think();
  }

  /// When what is so old was new: as if the read had begun then. One that does not know how old it
  /// is may be of any time.
  private static long before(long nanos, long ageMillis) {
    return ageMillis > nanos / 1_000_000 ? 0 : nanos - ageMillis * 1_000_000;
  }

  /// @param from when the answer may have been right at the earliest
  private void answered(Task asked, Reply reply, long from) {
    long end = world.nowNanos();
    List<String> answers = asked.answers(reply);
    if (answers == null) {
      history.violation("at " + end + " client " + name + ": " + asked + " answered " + reply);
    } else {
      history.countAnswered();
      for (int i = 0; i < answers.size() && asked.ttlMillis() == 0; i++) {
        Task.Step step = asked.steps().get(i);
        history.add(
            key(asked, step), Call.answered(name, from, end, step.action(), answers.get(i)));
      }
      if (asked.balanced()) {
        judgeBalance(end, answers);
      }
    }
    think();
  }

  private void judgeBalance(long end, List<String> answers) {
    long sum =
        answers.stream()
            .filter(answer -> !answer.equals(Action.ABSENT))
            .mapToLong(Long::parseLong)
            .sum();
    if (sum != 0) {
      history.violation("at " + end + " the accounts held " + answers + ": money came or went");
    }
  }

  private static String key(Task asked, Task.Step step) {
    return asked.keyspace() + "/" + step.key();
  }
}
