package dev.henge.simulation.workload;

import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.simulation.check.Action;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing that a client wants done: an action on a key, or several in a transaction.
///
/// @param steps in order; one for a plain operation
/// @param balanced whether the steps read all accounts, whose sum is 0 at any time
/// @param ttlMillis of what a single step writes, 0 for none: such keys are not in the history,
///   because clocks that jump decide when they end; replicas must agree on them all the same
public record Task(
    int keyspace, ReadLevel level, List<Step> steps, boolean balanced, long ttlMillis) {
  public record Step(String key, Action action) {}

  /// What stays.
  public Task(int keyspace, ReadLevel level, List<Step> steps, boolean balanced) {
    this(keyspace, level, steps, balanced, 0);
  }

  static Task of(int keyspace, ReadLevel level, String key, Action action) {
    return new Task(keyspace, level, List.of(new Step(key, action)), false);
  }

  static Task together(int keyspace, List<Step> steps, boolean balanced) {
    return new Task(keyspace, ReadLevel.LINEARIZABLE, steps, balanced);
  }

  static Task ending(int keyspace, String key, Action.Put put, long ttlMillis) {
    return new Task(
        keyspace, ReadLevel.LINEARIZABLE, List.of(new Step(key, put)), false, ttlMillis);
  }

  public boolean reads() {
    return steps.stream().allMatch(step -> step.action instanceof Action.Get);
  }

  boolean isStale() {
    return level == ReadLevel.STALE && reads();
  }

  Operation operation() {
    if (ttlMillis > 0 && steps.getFirst().action instanceof Action.Put put) {
      return Translation.ending(steps.getFirst().key, put, ttlMillis);
    }
    if (steps.size() == 1) {
      return Translation.operation(steps.getFirst().key, steps.getFirst().action);
    }
    List<Operation.Step> operations =
        steps.stream()
            .map(step -> new Operation.Step(-1, Translation.operation(step.key, step.action)))
            .toList();
    return new Operation.Transaction(operations, List.of());
  }

  /// The answer to each step; null where the reply is none that these steps can have.
  @Nullable List<String> answers(Reply reply) {
    List<Reply> replies =
        steps.size() == 1
            ? List.of(reply)
            : reply instanceof Reply.Many many ? many.items() : List.of();
    if (replies.size() != steps.size()) {
      return null;
    }
    List<String> answers = replies.stream().map(one -> text(one)).toList();
    return answers.contains(NONE) ? null : answers;
  }

  private static String text(Reply reply) {
    String text = Translation.answer(reply);
    return text == null ? NONE : text;
  }

  private static final String NONE = "(no such answer)";
}
