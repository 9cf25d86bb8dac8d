package dev.henge.base;

import java.io.IOException;

/// A file is sound but of a format version that this program does not know; the text says what to
/// do.
public final class FormatException extends IOException {
  public FormatException(String message) {
    super(message);
  }
}
