package dev.henge.server.http;

import dev.henge.base.Threads;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.server.store.Group;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.WriteMark;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.WriteRefusedException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/// Evaluates operations for event loops: in place where memory is enough, else on a worker; writes
/// are answered when they are acknowledged.
///
/// - Threads: any; nothing here blocks the caller, except [#evaluateHere], which is for workers.
/// - Errors: futures fail with what [Status#of(Throwable)] knows.
final class Evaluator {
  private final Threads.Pool workers;

  Evaluator(Threads.Pool workers) {
    this.workers = workers;
  }

  CompletableFuture<Reply> evaluate(Operation operation, Keyspace keyspace, Scope.Limits limits) {
    var mark = new WriteMark();
    if (!operation.scans()) {
      try {
        Reply reply = keyspace.group().evaluate(operation, keyspace, limits, mark, Access.MEMORY);
        return acknowledged(reply, keyspace.group(), mark);
      } catch (NotInMemoryException diskNeeded) {
        // below, where blocking is allowed
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          return CompletableFuture.failedFuture(refused);
        }
      }
    }
    return onWorker(() -> evaluateHere(operation, keyspace, limits, mark))
        .thenCompose(reply -> acknowledged(reply, keyspace.group(), mark));
  }

  /// Evaluates on this thread, which may block: on the disk, and while the engine wants writers to
  /// wait. Not acknowledged yet.
  Reply evaluateHere(Operation operation, Keyspace keyspace, Scope.Limits limits, WriteMark mark)
      throws WriteRefusedException {
    while (true) {
      try {
        return keyspace.group().evaluate(operation, keyspace, limits, mark, Access.DISK);
      } catch (WriteRefusedException refused) {
        if (refused.reason() != WriteRefusedException.Reason.STALLED) {
          throw refused;
        }
        keyspace.group().engine().awaitRoom();
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
  <T> CompletableFuture<T> acknowledged(T value, Group group, WriteMark mark) {
    if (group.acknowledged(mark.sequence())) {
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
