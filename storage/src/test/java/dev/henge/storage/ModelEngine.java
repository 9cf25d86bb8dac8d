package dev.henge.storage;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// The engine contract on a `TreeMap` of immutable states: slow, obviously right, nothing on disk.
/// The truth that real engines are compared with; also good enough to run operations in tests.
@NullMarked
public final class ModelEngine implements Engine {
  private record Versioned(byte @Nullable [] value, long sequence) {}

  private NavigableMap<byte[], Versioned> state = new TreeMap<>(Arrays::compareUnsigned);
  private long last;

  @Override
  public synchronized long append(WriteBatch batch, LogMode mode) {
    var next = new TreeMap<>(state);
    batch.forEach(
        new WriteBatch.Visitor() {
          @Override
          public void put(byte[] key, byte[] value) {
            next.put(key, new Versioned(value, ++last));
          }

          @Override
          public void delete(byte[] key) {
            next.put(key, new Versioned(null, ++last));
          }

          @Override
          public void deleteRange(byte[] start, byte[] end) {
            long sequence = ++last;
            next.subMap(start, true, end, false)
                .replaceAll((key, old) -> new Versioned(null, sequence));
          }
        });
    state = next;
    return last;
  }

  @Override
  public void await(long sequence) {}

  @Override
  public void whenAcknowledged(long sequence, AcknowledgeListener done) {
    done.acknowledged();
  }

  @Override
  public void awaitRoom() {}

  @Override
  public synchronized Reader reader(long minimumSequence, Access access) {
    return new ModelReader(state, last);
  }

  @Override
  public Reader latest(Access access) {
    return reader(0, access);
  }

  @Override
  public Reader snapshot() {
    return reader(0, Access.DISK);
  }

  @Override
  public synchronized long lastSequence() {
    return last;
  }

  @Override
  public long visibleSequence() {
    return lastSequence();
  }

  @Override
  public long durableSequence() {
    return lastSequence();
  }

  @Override
  public long flushedSequence() {
    return lastSequence();
  }

  @Override
  public void syncLog() {}

  @Override
  public void flush() {}

  @Override
  public void compact() {}

  @Override
  public void checkpoint(Path directory) {}

  @Override
  public synchronized EngineStatistics statistics() {
    return new EngineStatistics(
        0, 0, 0, List.of(), List.of(), 0, state.size(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false);
  }

  @Override
  public Optional<WriteRefusedException> stoppedBy() {
    return Optional.empty();
  }

  @Override
  public void close() {}

  private record ModelReader(NavigableMap<byte[], Versioned> state, long sequence)
      implements Reader {
    @Override
    public byte @Nullable [] get(byte[] key) {
      Versioned found = state.get(key);
      return found == null || found.value == null ? null : found.value.clone();
    }

    @Override
    public Cursor cursor() {
      return new ModelCursor(state);
    }

    @Override
    public void close() {}
  }

  private static final class ModelCursor implements Cursor {
    private final NavigableMap<byte[], Versioned> state;
    private Map.@Nullable Entry<byte[], Versioned> at;

    ModelCursor(NavigableMap<byte[], Versioned> state) {
      this.state = state;
    }

    @Override
    public void seek(byte[] key) {
      at = state.ceilingEntry(key);
      skipForward();
    }

    @Override
    public void seekForPrevious(byte[] key) {
      at = state.floorEntry(key);
      skipBack();
    }

    @Override
    public void first() {
      at = state.firstEntry();
      skipForward();
    }

    @Override
    public void last() {
      at = state.lastEntry();
      skipBack();
    }

    @Override
    public void next() {
      at = state.higherEntry(here().getKey());
      skipForward();
    }

    @Override
    public void previous() {
      at = state.lowerEntry(here().getKey());
      skipBack();
    }

    @Override
    public boolean valid() {
      return at != null;
    }

    @Override
    public byte[] key() {
      return here().getKey().clone();
    }

    @Override
    public byte[] value() {
      byte[] value = here().getValue().value;
      if (value == null) {
        throw new IllegalStateException("on a deleted key");
      }
      return value.clone();
    }

    @Override
    public byte[] valueHead(int bytesMax) {
      byte[] value = value();
      return Arrays.copyOf(value, Math.min(value.length, bytesMax));
    }

    @Override
    public void close() {}

    private Map.Entry<byte[], Versioned> here() {
      Map.Entry<byte[], Versioned> entry = at;
      if (entry == null) {
        throw new IllegalStateException("the cursor stands on no key");
      }
      return entry;
    }

    private void skipForward() {
      while (at != null && at.getValue().value == null) {
        at = state.higherEntry(at.getKey());
      }
    }

    private void skipBack() {
      while (at != null && at.getValue().value == null) {
        at = state.lowerEntry(at.getKey());
      }
    }
  }
}
