package dev.henge.server.resp;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// All sessions of the server, and what has been counted about them.
///
/// - Bound: `maxclients`, checked by [RespServer] before a session is made.
/// - Threads: any.
final class Sessions {
  private final ConcurrentHashMap<Long, RespSession> byId = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicLong rejectedCount = new AtomicLong();
  private final AtomicLong endedCommandCount = new AtomicLong();

  private volatile long acceptedBefore;
  private volatile @Nullable CompletableFuture<Void> empty;

  long nextId() {
    return lastId.incrementAndGet();
  }

  void add(RespSession session) {
    byId.put(session.client().id(), session);
  }

  void remove(long id) {
    RespSession gone = byId.remove(id);
    if (gone != null) {
      endedCommandCount.addAndGet(gone.client().commandCount());
    }
    CompletableFuture<Void> awaited = empty;
    if (awaited != null && byId.isEmpty()) {
      awaited.complete(null);
    }
  }

  /// Completes when there are none; no new ones come.
  CompletableFuture<Void> whenEmpty() {
    var awaited = new CompletableFuture<Void>();
    empty = awaited;
    if (byId.isEmpty()) {
      awaited.complete(null);
    }
    return awaited;
  }

  int count() {
    return byId.size();
  }

  Collection<RespSession> any() {
    return byId.values();
  }

  /// Oldest first.
  List<RespSession> inOrder() {
    return byId.values().stream()
        .sorted(Comparator.comparingLong(session -> session.client().id()))
        .toList();
  }

  void rejected() {
    rejectedCount.incrementAndGet();
  }

  /// Counts begin anew; what INFO shows, not ids.
  void resetCounts() {
    rejectedCount.set(0);
    endedCommandCount.set(-(commandCount() - endedCommandCount.get()));
    acceptedBefore = lastId.get();
  }

  /// Connections refused because there were too many.
  long rejectedCount() {
    return rejectedCount.get();
  }

  /// Connections since the start, or since counts began anew, refused ones left out.
  long acceptedCount() {
    return lastId.get() - acceptedBefore;
  }

  /// Requests run, counted likewise.
  long commandCount() {
    long sum = endedCommandCount.get();
    for (RespSession session : byId.values()) {
      sum += session.client().commandCount();
    }
    return sum;
  }
}
