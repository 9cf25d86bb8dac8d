package dev.henge.base;

import java.io.IOException;

/// Stored bytes are not what was written: the file, where in it, and what was expected and found.
public final class CorruptionException extends IOException {
  private final String file;
  private final long offset;
  private final String expectedAndFound;

  public CorruptionException(String file, long offset, String expectedAndFound) {
    super("damaged: " + file + " at offset " + offset + ": " + expectedAndFound);
    this.file = file;
    this.offset = offset;
    this.expectedAndFound = expectedAndFound;
  }

  public String file() {
    return file;
  }

  /// Byte offset in the file, of the damaged block or record.
  public long offset() {
    return offset;
  }

  /// The message without the place.
  public String expectedAndFound() {
    return expectedAndFound;
  }
}
