package dev.henge.simulation.chaos;

/// Something has happened that must not happen; the run ends and fails.
final class ViolationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ViolationException(String message) {
    super(message);
  }
}
