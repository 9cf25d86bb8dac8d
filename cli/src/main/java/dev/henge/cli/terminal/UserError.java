package dev.henge.cli.terminal;

/// Ends a command with one line that says what is wrong and what to do about it.
public final class UserError extends RuntimeException {
  /// Exit status of a command or a check that failed.
  public static final int FAILED = 1;

  /// Exit status of a command line that makes no sense.
  public static final int USAGE = 2;

  private static final long serialVersionUID = 1;

  private final int exitCode;

  /// @param exitCode [#FAILED] or [#USAGE]
  public UserError(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /// A command that could not do its work.
  public static UserError failed(String message) {
    return new UserError(FAILED, message);
  }

  /// A command that was asked for something that makes no sense.
  public static UserError usage(String message) {
    return new UserError(USAGE, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
