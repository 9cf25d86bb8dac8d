package dev.henge.cli;

/// Ends a command with one line that says what is wrong and what to do about it.
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  /// @param exitCode [Henge#FAILED] or [Henge#USAGE]
  public UserError(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /// A command that could not do its work.
  public static UserError failed(String message) {
    return new UserError(Henge.FAILED, message);
  }

  /// A command that was asked for something that makes no sense.
  public static UserError usage(String message) {
    return new UserError(Henge.USAGE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
