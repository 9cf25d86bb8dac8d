package dev.henge.server.cluster;

import dev.henge.data.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Puts the answers of several groups together. The first failure is the answer of all, an unknown
/// outcome before any other.
///
/// - Threads: parts are answered by any thread; the last one tells.
final class Gather {
  /// Makes one answer of all, which are no failures.
  interface Merge {
    Reply of(List<Reply> replies);
  }

  private final StrongClient.Listener listener;
  private final Merge merge;

  // guarded by this
  private final @Nullable Reply[] replies;
  private int left;
  private Reply.@Nullable Failure failure;
  private long ageMillis;

  Gather(int count, StrongClient.Listener listener, Merge merge) {
    this.replies = new @Nullable Reply[count];
    this.left = count;
    this.listener = listener;
    this.merge = merge;
  }

  /// The listener for one part.
  ///
  /// @param seen is shown the part's answer
  StrongClient.Listener part(int place, Consumer<Reply> seen) {
    return (reply, index, age) -> {
      synchronized (this) {
        seen.accept(reply);
        replies[place] = reply;
        ageMillis = Math.max(ageMillis, age);
        if (reply instanceof Reply.Failure failed
            && (failure == null || failed == Failures.UNKNOWN)) {
          failure = failed;
        }
        if (--left > 0) {
          return;
        }
      }
      end();
    };
  }

  static Reply sum(List<Reply> replies) {
    long sum = 0;
    for (Reply reply : replies) {
      sum += reply instanceof Reply.Number(long value) ? value : 0;
    }
    return new Reply.Number(sum);
  }

  static Reply joined(List<Reply> replies) {
    List<Reply> all = new ArrayList<>();
    for (Reply reply : replies) {
      if (reply instanceof Reply.Many(List<Reply> items)) {
        all.addAll(items);
      }
    }
    return new Reply.Many(all);
  }

  private void end() {
    Reply answer;
    long age;
    synchronized (this) {
      age = ageMillis;
      answer =
          failure != null
              ? failure
              : merge.of(
                  Arrays.stream(replies).filter(Objects::nonNull).map(reply -> reply).toList());
    }
    listener.answered(answer, 0, age);
  }
}
