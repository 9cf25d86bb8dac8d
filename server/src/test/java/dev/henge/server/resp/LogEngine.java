package dev.henge.server.resp;

import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineStatistics;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A model engine whose log moves when the test says so, and whose data may be "on the disk".
final class LogEngine implements Engine {
  private record Waiting(long sequence, AcknowledgeListener listener) {}

  private final ModelEngine model = new ModelEngine();
  private final List<Waiting> waiting = new ArrayList<>();
  private long logged;
  private boolean stopped;
  boolean onDisk;

  /// What is on the disk is in the system's memory.
  boolean resident;

  int registrations;

  /// The log holds everything.
  void commit() {
    logged = model.lastSequence();
    List<Waiting> done = List.copyOf(waiting);
    waiting.clear();
    done.forEach(one -> one.listener.acknowledged());
  }

  /// The log fails.
  void stop() {
    stopped = true;
    List<Waiting> done = List.copyOf(waiting);
    waiting.clear();
    done.forEach(one -> one.listener.unknown(refusal()));
  }

  private static WriteRefusedException refusal() {
    return new WriteRefusedException(WriteRefusedException.Reason.STOPPED, "the log has failed");
  }

  @Override
  public long append(WriteBatch batch, LogMode mode) throws WriteRefusedException {
    if (stopped) {
      throw refusal();
    }
    return model.append(batch, mode);
  }

  @Override
  public void await(long sequence) {}

  @Override
  public void whenAcknowledged(long sequence, AcknowledgeListener done) {
    registrations++;
    if (stopped) {
      done.unknown(refusal());
    } else if (sequence <= logged) {
      done.acknowledged();
    } else {
      waiting.add(new Waiting(sequence, done));
    }
  }

  @Override
  public void awaitRoom() {}

  @Override
  public Reader reader(long minimumSequence, Access access) {
    if (onDisk && access != Access.DISK && !(resident && access == Access.MEMORY)) {
      throw NotInMemoryException.INSTANCE;
    }
    return model.reader(minimumSequence, access);
  }

  @Override
  public Reader latest(Access access) {
    return reader(0, access);
  }

  @Override
  public Reader snapshot() {
    return model.snapshot();
  }

  @Override
  public long lastSequence() {
    return model.lastSequence();
  }

  @Override
  public long visibleSequence() {
    return logged;
  }

  @Override
  public long durableSequence() {
    return logged;
  }

  @Override
  public long flushedSequence() {
    return logged;
  }

  @Override
  public void syncLog() {
    logged = model.lastSequence();
  }

  @Override
  public void flush() {}

  @Override
  public void compact() {}

  @Override
  public void checkpoint(Path directory) {}

  @Override
  public EngineStatistics statistics() {
    return model.statistics();
  }

  @Override
  public Optional<WriteRefusedException> stoppedBy() {
    return stopped ? Optional.of(refusal()) : Optional.empty();
  }

  @Override
  public void close() {}
}
