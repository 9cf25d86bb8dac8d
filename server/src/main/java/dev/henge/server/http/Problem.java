package dev.henge.server.http;

/// Ends a request with a [Status] that is no success.
final class Problem extends RuntimeException {
  private final Status status;

  Problem(Status status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  Problem(Status status, String message, Throwable cause) {
    super(message, cause, false, false);
    this.status = status;
  }

  Status status() {
    return status;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
