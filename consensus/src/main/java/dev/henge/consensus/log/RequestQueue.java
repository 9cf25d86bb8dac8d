package dev.henge.consensus.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// What groups have handed in and the log thread has not yet written, in order.
///
/// *Controls* go first, and also while the disk is full: they take next to nothing and make space.
///
/// - Bound: whoever appends asks [#pendingBytes] before.
/// - Threads: any.
final class RequestQueue {
  private final AtomicLong pendingBytes = new AtomicLong();

  // guarded by this
  private final ArrayDeque<Request> controls = new ArrayDeque<>();
  private final ArrayDeque<Request> queue = new ArrayDeque<>();

  /// The requests of one round.
  ///
  /// @param controlCount how many of them, from the first, are controls
  /// @param controlBytes that those take at most
  /// @param bytes that all take at most
  record Round(List<Request> requests, int controlCount, long controlBytes, long bytes) {
    boolean hasMore() {
      return requests.size() > controlCount;
    }

    Round controlsOnly() {
      return new Round(
          new ArrayList<>(requests.subList(0, controlCount)),
          controlCount,
          controlBytes,
          controlBytes);
    }
  }

  /// Entries handed in, in limits' bytes.
  long pendingBytes() {
    return pendingBytes.get();
  }

  void add(Request request) {
    if (request instanceof Request.Append) {
      pendingBytes.addAndGet(request.bytes());
    }
    synchronized (this) {
      queue.add(request);
    }
  }

  synchronized void addControl(Request request) {
    controls.add(request);
  }

  synchronized void addControls(List<? extends Request> requests) {
    controls.addAll(requests);
  }

  /// A request of the queue has been written or has failed.
  void done(Request request) {
    if (request instanceof Request.Append) {
      pendingBytes.addAndGet(-request.bytes());
    }
  }

  /// What the next round should write: all controls, and of the rest what fits into `bytesMax`, or
  /// the first. It stays here until [#remove]. A rewrite shares its round with controls only.
  synchronized Round next(long bytesMax) {
    List<Request> taken = new ArrayList<>(controls);
    long bytes = RoundWriter.ROUND_BYTES;
    boolean rewrites = false;
    for (Request request : controls) {
      bytes += RoundWriter.bytes(request);
      rewrites |= request instanceof Request.Rewrite;
    }
    int controlCount = taken.size();
    long controlBytes = bytes;
    if (!rewrites) {
      for (Request request : queue) {
        long more = RoundWriter.bytes(request);
        if (taken.size() > controlCount && bytes + more > bytesMax) {
          break;
        }
        taken.add(request);
        bytes += more;
      }
    }
    return new Round(taken, controlCount, controlBytes, bytes);
  }

  /// Takes the requests of `round`, which [#next] gave last.
  synchronized void remove(Round round) {
    for (int i = 0; i < round.requests.size(); i++) {
      (i < round.controlCount ? controls : queue).remove();
    }
  }

  synchronized List<Request> removeAll() {
    List<Request> left = new ArrayList<>(controls);
    left.addAll(queue);
    controls.clear();
    queue.clear();
    return left;
  }
}
