package dev.henge.consensus.log;

import java.io.IOException;

/// Hears the end of one request to the log; exactly one method is called, once, on the log thread,
/// for the requests of one group in their order. It must not hold that thread up.
public interface LogListener {
  /// Hears nothing.
  LogListener NONE =
      new LogListener() {
        @Override
        public void durable() {}

        @Override
        public void failed(IOException cause) {}
      };

  /// What was asked for is as durable as was asked for, and so is all before it.
  void durable();

  /// The log has stopped, or the group was removed: whether what was asked for survives is unknown.
  void failed(IOException cause);
}
