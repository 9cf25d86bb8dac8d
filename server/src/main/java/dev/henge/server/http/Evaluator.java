package dev.henge.server.http;

import dev.henge.base.Slots;
import dev.henge.base.Threads;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Routes;
import dev.henge.consensus.strong.RequestId;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.server.cluster.StrongCall;
import dev.henge.server.cluster.StrongClient;
import dev.henge.server.eventual.Asking;
import dev.henge.server.eventual.EventualClient;
import dev.henge.server.eventual.KeyAnswer;
import dev.henge.server.store.Group;
import dev.henge.server.store.GroupMovedException;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.WriteMark;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.WriteRefusedException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Evaluates operations for event loops: in place where memory is enough, else on a worker; writes
/// are answered when they are acknowledged.
///
/// - Threads: any; nothing here blocks the caller, except [#evaluateHere], which is for workers.
/// - Errors: futures fail with what [Status#of(Throwable)] knows.
final class Evaluator {
  private final Threads.Pool workers;
  private final @Nullable StrongClient strong;
  private final EventualClient eventual;
  private final Duration timeout;

  /// @param strong reaches keyspaces that this node does not evaluate alone; null where there are
  ///   none
  /// @param eventual reaches eventual keyspaces
  /// @param timeout of requests to both that name none
  Evaluator(
      Threads.Pool workers,
      @Nullable StrongClient strong,
      EventualClient eventual,
      Duration timeout) {
    this.workers = workers;
    this.strong = strong;
    this.eventual = eventual;
    this.timeout = timeout;
  }

  CompletableFuture<Reply> evaluate(
      Operation operation, Keyspace keyspace, Scope.Limits limits, Asked asked) {
    Group group = keyspace.group();
    if (group == null) {
      return elsewhere(operation, keyspace, limits, asked);
    }
    var mark = new WriteMark();
    if (!operation.scans()) {
      try {
        Reply reply =
            group.evaluate(
                operation, keyspace, limits, requestId(operation, asked), mark, Access.MEMORY);
        return acknowledged(reply, keyspace, mark);
      } catch (GroupMovedException moved) {
        return elsewhere(operation, keyspace.elsewhere(), limits, asked);
      } catch (NotInMemoryException diskNeeded) {
        // below, where blocking is allowed
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          return CompletableFuture.failedFuture(refused);
        }
      }
    }
    return onWorker(() -> evaluateHere(operation, keyspace, limits, mark, asked))
        .thenCompose(reply -> acknowledged(reply, keyspace, mark));
  }

  /// Reads a key of an eventual keyspace.
  CompletableFuture<KeyAnswer> read(
      byte[] key, Keyspace keyspace, Scope.Limits limits, Asked asked) {
    var result = new CompletableFuture<KeyAnswer>();
    eventual.read(key, asking(keyspace, limits, asked), result::complete);
    return result;
  }

  /// Writes a key of an eventual keyspace.
  ///
  /// @param context null where the client has read nothing
  CompletableFuture<KeyAnswer> put(
      byte[] key,
      byte[] value,
      @Nullable String context,
      Expiry expiry,
      Keyspace keyspace,
      Scope.Limits limits,
      Asked asked) {
    var result = new CompletableFuture<KeyAnswer>();
    eventual.put(key, value, context, expiry, asking(keyspace, limits, asked), result::complete);
    return result;
  }

  /// Deletes a key of an eventual keyspace.
  ///
  /// @param context null where the client has read nothing
  CompletableFuture<KeyAnswer> delete(
      byte[] key, @Nullable String context, Keyspace keyspace, Scope.Limits limits, Asked asked) {
    var result = new CompletableFuture<KeyAnswer>();
    eventual.delete(key, context, asking(keyspace, limits, asked), result::complete);
    return result;
  }

  private Asking asking(Keyspace keyspace, Scope.Limits limits, Asked asked) {
    return new Asking(
        keyspace.name(),
        keyspace.id(),
        limits,
        asked.read(),
        asked.write(),
        asked.timeout().orElse(timeout).toMillis());
  }

  /// By replicas.
  private CompletableFuture<Reply> elsewhere(
      Operation operation, Keyspace keyspace, Scope.Limits limits, Asked asked) {
    var result = new CompletableFuture<Reply>();
    if (keyspace.isEventual()) {
      eventual.evaluate(operation, asking(keyspace, limits, asked), result::complete);
      return result;
    }
    strong()
        .session()
        .submit(
            call(operation, keyspace, limits, asked),
            (reply, index, ageMillis) -> {
              asked.ageMillis(ageMillis);
              result.complete(reply);
            });
    return result;
  }

  /// Where the leader of `key` serves HTTP; null where that says nothing.
  @Nullable String leader(Keyspace keyspace, byte[] key) {
    StrongClient client = strong;
    if (keyspace.group() != null || client == null || keyspace.isEventual()) {
      return null;
    }
    int routeId = keyspace.database() >= 0 ? Metadata.NO_KEYSPACE : keyspace.id();
    Routes routes = client.groups().routes();
    GroupRecord group = routes.group(routeId, Slots.of(key));
    Member leader =
        group == null ? null : routes.metadata().members().get(client.leader(group.id()));
    return leader == null
        ? null
        : leader.node().address().host() + ":" + leader.node().address().http();
  }

  private StrongClient strong() {
    StrongClient client = strong;
    if (client == null) {
      throw Status.UNAVAILABLE.because("this node does not know yet where the keyspace is");
    }
    return client;
  }

  private StrongCall call(
      Operation operation, Keyspace keyspace, Scope.Limits limits, Asked asked) {
    return new StrongCall(
        keyspace,
        limits,
        operation,
        asked.consistency(),
        requestId(operation, asked),
        asked.timeout().orElse(timeout).toMillis());
  }

  private static @Nullable RequestId requestId(Operation operation, Asked asked) {
    return operation.writes() ? asked.requestId() : null;
  }

  /// Evaluates on this thread, which may block: on the disk, and while the engine wants writers to
  /// wait. Not acknowledged yet.
  Reply evaluateHere(
      Operation operation, Keyspace keyspace, Scope.Limits limits, WriteMark mark, Asked asked)
      throws WriteRefusedException {
    Group group = keyspace.group();
    if (group == null) {
      return elsewhere(operation, keyspace, limits, asked).join();
    }
    RequestId id = requestId(operation, asked);
    while (true) {
      try {
        return group.evaluate(operation, keyspace, limits, id, mark, Access.DISK);
      } catch (GroupMovedException moved) {
        return elsewhere(operation, keyspace.elsewhere(), limits, asked).join();
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          throw refused;
        }
        group.engine().awaitRoom();
      }
    }
  }

  /// Runs `task` where it may block.
  <T> CompletableFuture<T> onWorker(Callable<T> task) {
    var result = new CompletableFuture<T>();
    try {
      workers.execute(() -> {
        try {
          result.complete(task.call());
        } catch (Exception e) {
          result.completeExceptionally(e);
        }
      });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(
          Status.OVERLOADED.because("too many requests wait for the disk; come again"));
    }
    return result;
  }

  /// `value`, once everything up to `mark` is acknowledged.
  <T> CompletableFuture<T> acknowledged(T value, Keyspace keyspace, WriteMark mark) {
    Group group = keyspace.group();
    if (group == null || group.acknowledged(mark.sequence())) {
      return CompletableFuture.completedFuture(value);
    }
    var result = new CompletableFuture<T>();
    group.whenAcknowledged(
        mark.sequence(),
        new Engine.AcknowledgeListener() {
          @Override
          public void acknowledged() {
            result.complete(value);
          }

          @Override
          public void unknown(WriteRefusedException stopped) {
            result.completeExceptionally(
                Status.UNKNOWN_OUTCOME.because(
                    "the log failed: whether this write survives is known after a restart"));
          }
        });
    return result;
  }
}
