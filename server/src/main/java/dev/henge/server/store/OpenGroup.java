package dev.henge.server.store;

import dev.henge.base.Threads;
import dev.henge.storage.WriteRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A group in service, with the timer that its durability asks for.
///
/// - Lifetime: the sync pool must be closed between [#stop] and [#close], so that no sync runs into
///   the closing engine.
final class OpenGroup {
  private static final Logger LOG = LoggerFactory.getLogger(OpenGroup.class);

  private final long id;
  private final String name;
  private final Path directory;
  private final Group group;
  private Threads.@Nullable Timer timer;

  /// @param id of the group in the metadata
  OpenGroup(long id, String name, Path directory, Group group) {
    this.id = id;
    this.name = name;
    this.directory = directory;
    this.group = group;
  }

  long id() {
    return id;
  }

  /// The engine's.
  Path directory() {
    return directory;
  }

  String name() {
    return name;
  }

  Group group() {
    return group;
  }

  /// Syncs the log every `interval` from now on.
  void syncEvery(Duration interval, Threads threads, Threads.Pool pool) {
    timer = threads.every(interval, pool, this::sync);
  }

  /// Whether writes are still taken.
  boolean writing() {
    return group.engine().stoppedBy().isEmpty();
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
    }
  }

  void close() throws IOException {
    group.close();
  }

  private void sync() {
    try {
      group.engine().syncLog();
    } catch (WriteRefusedException stopped) {
      LOG.error("{}: the log cannot be synced, writes have stopped", name, stopped);
      stop();
    }
  }
}
