package dev.henge.server;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// What has been opened, to be closed from the last to the first.
///
/// - Threads: any.
final class Parts implements AutoCloseable {
  // guarded by this
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /// Closes everything, also where one part fails to. Idempotent.
  @Override
  public synchronized void close() throws IOException {
    IOException failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IOException("not closed cleanly: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /// Closes everything because of `cause`.
  void closeAfter(Exception cause) {
    try {
      close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
