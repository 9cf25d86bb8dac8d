package dev.henge.simulation.world;

/// What stands behind a failure.
public final class Causes {
  private static final int FRAMES = 12;

  private Causes() {}

  /// Whether `failure`, or what caused it, is of a kind.
  public static boolean include(Class<? extends Throwable> kind, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /// `failure` and what caused it, with where each began.
  public static String text(Throwable failure) {
    var text = new StringBuilder(failure.toString());
    StackTraceElement[] frames = failure.getStackTrace();
    for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
      text.append("\n    at ").append(frames[i]);
    }
    Throwable cause = failure.getCause();
    return cause == null || cause == failure ? text.toString() : text + "\n  by " + text(cause);
  }
}
