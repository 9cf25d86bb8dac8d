package dev.henge.base;

import java.io.IOException;

/// No space is left. The write that met it was not done; the same write may succeed once space
/// returns.
public final class DiskFullException extends IOException {
  public DiskFullException(String message) {
    super(message);
  }

  public DiskFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
