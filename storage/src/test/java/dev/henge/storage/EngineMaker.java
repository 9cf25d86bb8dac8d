package dev.henge.storage;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Threads;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.NullMarked;

/// Opens the engine under test; its `toString` names the engine and its options.
@NullMarked
public interface EngineMaker {
  Engine open(Path directory, Disk disk, Clock clock, Threads threads) throws IOException;

  /// Whether what is written is there after closing and opening again.
  default boolean keepsData() {
    return true;
  }

  /// The model as an engine under test: proves the harness, not an engine.
  static EngineMaker model() {
    return new EngineMaker() {
      @Override
      public Engine open(Path directory, Disk disk, Clock clock, Threads threads) {
        return new ModelEngine();
      }

      @Override
      public boolean keepsData() {
        return false;
      }

      @Override
      public String toString() {
        return "model";
      }
    };
  }
}
