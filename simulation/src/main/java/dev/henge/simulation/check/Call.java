package dev.henge.simulation.check;

import org.jspecify.annotations.Nullable;

/// One operation of one client on one key, as the client saw it.
///
/// @param endNanos when the answer came; [#NEVER] when it is unknown whether the operation happened
///   or will: then it may take effect at any time after its start, or not at all
/// @param answer null when unknown
public record Call(
    int client, long startNanos, long endNanos, Action action, @Nullable String answer) {
  public static final long NEVER = Long.MAX_VALUE;

  public static Call answered(int client, long start, long end, Action action, String answer) {
    return new Call(client, start, end, action, answer);
  }

  public static Call unknown(int client, long start, Action action) {
    return new Call(client, start, NEVER, action, null);
  }

  @Override
  public String toString() {
    return "client %d [%.6f s, %s] %s -> %s"
        .formatted(
            client,
            startNanos / 1e9,
            endNanos == NEVER ? "?" : "%.6f s".formatted(endNanos / 1e9),
            action,
            answer == null ? "unknown" : answer);
  }
}
