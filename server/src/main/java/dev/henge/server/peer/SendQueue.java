package dev.henge.server.peer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Frames that wait for one member, in order, bounded in bytes.
///
/// What carries user data is refused when the queue is full. Light messages (votes, heartbeats,
/// acknowledgements) have room of their own, and the oldest of them make room for the newest: a
/// peer that is slow to take data still hears that its leader lives.
///
/// - Threads: guarded by its owner.
final class SendQueue {
  /// One kind of frames, numbered in the order in which they came.
  private static final class Lane {
    final Deque<Queued> frames = new ArrayDeque<>();
    final long bytesMax;
    long bytes;

    Lane(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    Queued remove() {
      Queued first = frames.remove();
      bytes -= first.frame().length;
      return first;
    }
  }

  /// What those hear who do not ask.
  static final Runnable NOBODY = () -> {};

  /// @param number rises with every frame
  /// @param expiresNanos monotonic time at which the frame is of no use any more
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Queued(byte[] frame, long number, long expiresNanos, Runnable neverLeft) {}

  private final Lane heavy;
  private final Lane light;
  private long lastNumber;
  private long droppedCount;

  SendQueue(long bytesMax, long lightBytesMax) {
    heavy = new Lane(bytesMax);
    light = new Lane(lightBytesMax);
  }

  /// @param carriesData whether the frame is refused, and not an older one dropped, when the queue
  ///   is full
  /// @param neverLeft given back by [#clear] where the frame is still here then
  /// @return whether the frame was taken
  boolean offer(
      byte[] frame, boolean carriesData, long expiresNanos, long nowNanos, Runnable neverLeft) {
    Lane lane = carriesData ? heavy : light;
    while (lane.bytes > 0 && lane.bytes + frame.length > lane.bytesMax) {
      boolean late = lane.frames.getFirst().expiresNanos() - nowNanos <= 0;
      if (carriesData && !late) {
        droppedCount++;
        return false;
      }
      lane.remove();
      droppedCount++;
    }
    // An empty lane takes any frame: a frame's size is bounded elsewhere.
    lane.frames.add(new Queued(frame, ++lastNumber, expiresNanos, neverLeft));
    lane.bytes += frame.length;
    return true;
  }

  /// The next frame that is still of use; null when there is none.
  byte @Nullable [] poll(long nowNanos) {
    while (true) {
      Queued data = heavy.frames.peek();
      Queued other = light.frames.peek();
      if (data == null && other == null) {
        return null;
      }
      boolean dataFirst = other == null || (data != null && data.number() < other.number());
      Queued next = (dataFirst ? heavy : light).remove();
      if (next.expiresNanos() - nowNanos > 0) {
        return next.frame();
      }
      droppedCount++;
    }
  }

  boolean isEmpty() {
    return heavy.frames.isEmpty() && light.frames.isEmpty();
  }

  long bytes() {
    return heavy.bytes + light.bytes;
  }

  /// Frames that were refused, dropped or too late.
  long droppedCount() {
    return droppedCount;
  }

  /// Drops everything.
  ///
  /// @return who is to be told that a frame of theirs never left
  List<Runnable> clear() {
    List<Runnable> told = new ArrayList<>();
    for (Lane lane : List.of(heavy, light)) {
      for (Queued dropped : lane.frames) {
        if (dropped.neverLeft() != NOBODY) {
          told.add(dropped.neverLeft());
        }
      }
    }
    droppedCount += heavy.frames.size() + light.frames.size();
    heavy.frames.clear();
    light.frames.clear();
    heavy.bytes = 0;
    light.bytes = 0;
    return told;
  }
}
