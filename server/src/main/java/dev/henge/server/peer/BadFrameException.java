package dev.henge.server.peer;

import java.io.IOException;

/// What a peer sent is not what this format allows; the connection is of no further use.
public final class BadFrameException extends IOException {
  BadFrameException(String message) {
    super(message);
  }

  BadFrameException(String message, Throwable cause) {
    super(message, cause);
  }
}
