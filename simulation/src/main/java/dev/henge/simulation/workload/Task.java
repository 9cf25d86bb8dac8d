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
public record Task(int keyspace, ReadLevel level, List<Step> steps, boolean balanced) {
  public record Step(String key, Action action) {}

  static Task of(int keyspace, ReadLevel level, String key, Action action) {
    return new Task(keyspace, level, List.of(new Step(key, action)), false);
  }

  static Task together(int keyspace, List<Step> steps, boolean balanced) {
    return new Task(keyspace, ReadLevel.LINEARIZABLE, steps, balanced);
  }

  public boolean reads() {
    return steps.stream().allMatch(step -> step.action instanceof Action.Get);
  }

  Operation operation() {
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
