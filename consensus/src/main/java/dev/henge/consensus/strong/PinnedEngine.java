package dev.henge.consensus.strong;

import dev.henge.base.Threads;
import dev.henge.data.ExpiredObjects;
import dev.henge.storage.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// An engine and who uses it: closed when its owner has let it go and the last user has, too.
///
/// - Threads: any. A user that is the last must not block: then the end comes in the background.
final class PinnedEngine {
  private final Engine engine;
  private final Path directory;
  private final GroupFiles files;
  private final Threads.Pool background;
  private final AtomicLong garbageMillis;

  /// The owner's own counts as one; 0 is the end.
  private final AtomicInteger pins = new AtomicInteger(1);

  private volatile boolean removed;

  private PinnedEngine(
      Engine engine,
      Path directory,
      GroupFiles files,
      Threads.Pool background,
      AtomicLong garbageMillis) {
    this.engine = engine;
    this.directory = directory;
    this.files = files;
    this.background = background;
    this.garbageMillis = garbageMillis;
  }

  /// Opens the engine in `directory`; its compactions take nothing for garbage yet.
  static PinnedEngine open(Path directory, GroupFiles files, StrongOptions options)
      throws IOException {
    var garbageMillis = new AtomicLong();
    Engine engine = options.engines().open(directory, new ExpiredObjects(garbageMillis::get));
    return new PinnedEngine(engine, directory, files, options.background(), garbageMillis);
  }

  Engine engine() {
    return engine;
  }

  Path directory() {
    return directory;
  }

  /// Compactions may drop objects that ended by then.
  void garbageUntil(long nowMillis) {
    garbageMillis.set(nowMillis);
  }

  /// Whether it is still open, and stays so until [#unpin].
  boolean pin() {
    while (true) {
      int count = pins.get();
      if (count == 0) {
        return false;
      }
      if (pins.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  void unpin() {
    if (pins.decrementAndGet() > 0) {
      return;
    }
    try {
      background.execute(() -> {
        try {
          end();
        } catch (IOException leftOver) {
          // nobody reads it any more, and the next opening removes what is left
        }
      });
    } catch (RejectedExecutionException closing) {
      // the node is ending: so does the engine, with the process
    }
  }

  /// The owner's last call: it ends here, or with the last user.
  ///
  /// @param remove whether the directory goes, too
  void letGo(boolean remove) throws IOException {
    removed = remove;
    if (pins.decrementAndGet() == 0) {
      end();
    }
  }

  private void end() throws IOException {
    engine.close();
    if (removed) {
      files.remove(directory);
    }
  }
}
