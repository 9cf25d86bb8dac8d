package dev.henge.storage;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Reading the disk failed, or what it holds is damaged ([dev.henge.base.CorruptionException] as
/// the cause). Unchecked, so that pure operations above a [Reader] need not name it.
public final class EngineException extends UncheckedIOException {
  public EngineException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
