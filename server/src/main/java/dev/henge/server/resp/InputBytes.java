package dev.henge.server.resp;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of unfinished requests all connections hold together, and how many they may.
///
/// - Bound: what is counted stays below the bound, but for the bytes of one wake-up of each
///   connection. A connection with at most [#FREE_BYTES] is not counted, so that ordinary requests
///   cost nothing here: those hold at most [RespOptions#connectionCountMax] times as much.
/// - Threads: any.
final class InputBytes {
  static final int FREE_BYTES = 32 << 10;

  private final long most;
  private final AtomicLong total = new AtomicLong();

  InputBytes(long most) {
    this.most = most;
  }

  long total() {
    return total.get();
  }

  /// A connection holds `now` bytes, and held `before` when it last said so.
  ///
  /// @return false when it holds more than before, and that is too much: it must give up
  boolean change(long before, long now) {
    return total.addAndGet(now - before) <= most || now <= before;
  }
}
