package dev.henge.server.eventual;

import dev.henge.data.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The order of one connection's requests: what was asked of a key first is done first, though
/// requests for different keys are under way together.
///
/// A request waits while one that it could disturb, or that could disturb it, is not answered: two
/// of the same key of which one writes; a walk over all keys and a write. Those behind it wait,
/// too.
///
/// - Bound: as many requests as the connection may have unanswered.
/// - Threads: any; guarded by itself. Requests begin outside the guard, one after another.
public final class EventualSession {
  /// Begins a request; it is answered when the runnable is run.
  public interface Begin extends Consumer<Runnable> {}

  /// What a request touches.
  ///
  /// @param keys empty for a walk over all
  public record Footprint(List<byte[]> keys, boolean writes) {
    /// Of what an eventual keyspace carries.
    public static Footprint of(Operation operation) {
      return new Footprint(keys(operation), operation.writes());
    }

    private static List<byte[]> keys(Operation operation) {
      return switch (operation) {
        case Operation.Get(byte[] key) -> List.of(key);
        case Operation.StringLength(byte[] key) -> List.of(key);
        case Operation.ExpiryOf(byte[] key) -> List.of(key);
        case Operation.RemainingOf(byte[] key) -> List.of(key);
        case Operation.TypeOf(byte[] key) -> List.of(key);
        case Operation.Persist(byte[] key) -> List.of(key);
        case Operation.Set set -> List.of(set.key());
        case Operation.Increment increment -> List.of(increment.key());
        case Operation.Expire expire -> List.of(expire.key());
        case Operation.GetMany(List<byte[]> keys) -> keys;
        case Operation.CountExisting(List<byte[]> keys) -> keys;
        case Operation.Delete(List<byte[]> keys) -> keys;
        case Operation.SetMany(List<byte[]> pairs, boolean onlyIfAbsent) ->
            IntStream.range(0, pairs.size() / 2).mapToObj(i -> pairs.get(2 * i)).toList();
        default -> List.of();
      };
    }

    boolean walks() {
      return keys.isEmpty();
    }
  }

  private record Waiting(Set<ByteBuffer> keys, boolean walks, boolean writes, Begin begin) {}

  // guarded by this
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<ByteBuffer, Integer> readers = new HashMap<>();
  private final Set<ByteBuffer> written = new HashSet<>();
  private int walks;
  private boolean beginning;

  /// Has a request begin when its turn comes.
  public void submit(Footprint footprint, Begin begin) {
    Set<ByteBuffer> keys = new HashSet<>();
    footprint.keys().forEach(key -> keys.add(ByteBuffer.wrap(key)));
    synchronized (this) {
      waiting.add(new Waiting(keys, footprint.walks(), footprint.writes(), begin));
    }
    go();
  }

  /// Begins what may begin. Whoever finds somebody else at it leaves it to that one.
  private void go() {
    Waiting next = next(false);
    while (next != null) {
      Waiting begun = next;
      begun.begin.accept(() -> answered(begun));
      next = next(true);
    }
  }

  /// The next request, now under way; null where none may begin, or somebody else begins them.
  private synchronized @Nullable Waiting next(boolean mine) {
    if (beginning && !mine) {
      return null;
    }
    Waiting head = waiting.peek();
    beginning = head != null && isFree(head);
    if (!beginning || head == null) {
      return null;
    }
    waiting.remove();
    walks += head.walks ? 1 : 0;
    for (ByteBuffer key : head.keys) {
      if (head.writes) {
        written.add(key);
      } else {
        readers.merge(key, 1, Integer::sum);
      }
    }
    return head;
  }

  private boolean isFree(Waiting request) {
    if (request.walks) {
      return written.isEmpty();
    }
    if (request.writes && walks > 0) {
      return false;
    }
    for (ByteBuffer key : request.keys) {
      if (written.contains(key) || (request.writes && readers.containsKey(key))) {
        return false;
      }
    }
    return true;
  }

  private void answered(Waiting request) {
    synchronized (this) {
      walks -= request.walks ? 1 : 0;
      for (ByteBuffer key : request.keys) {
        if (request.writes) {
          written.remove(key);
        } else {
          readers.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
        }
      }
    }
    go();
  }
}
