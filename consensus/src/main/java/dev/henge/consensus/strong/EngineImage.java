package dev.henge.consensus.strong;

import dev.henge.consensus.group.StateMachine;
import dev.henge.data.codec.CodecWriter;
import dev.henge.storage.Cursor;
import dev.henge.storage.EngineException;
import dev.henge.storage.Reader;
import java.io.IOException;
import java.util.Arrays;

/// The content of an engine at one moment, in chunks of pairs in the order of their keys. The place
/// from which a chunk goes on is the last key before it.
///
/// - Threads: one at a time.
/// - Lifetime: keeps the engine open, and what it read from being compacted away, until closed.
final class EngineImage implements StateMachine.Image {
  private final PinnedEngine pinned;
  private final Reader reader;
  private final long index;
  private boolean closed;

  /// @param pinned already pinned for this image
  /// @param reader of the state at `index`
  EngineImage(PinnedEngine pinned, Reader reader, long index) {
    this.pinned = pinned;
    this.reader = reader;
    this.index = index;
  }

  @Override
  public long index() {
    return index;
  }

  @Override
  public StateMachine.Chunk chunk(byte[] position, int bytesMax) throws IOException {
    try (Cursor cursor = reader.cursor()) {
      if (position.length == 0) {
        cursor.first();
      } else {
        cursor.seek(position);
        if (cursor.valid() && Arrays.equals(cursor.key(), position)) {
          cursor.next();
        }
      }
      var out = new CodecWriter(Math.min(bytesMax, 1 << 20));
      byte[] last = position;
      while (cursor.valid()) {
        byte[] key = cursor.key();
        byte[] value = cursor.value();
        if (out.byteCount() > 0 && (long) out.byteCount() + key.length + value.length > bytesMax) {
          return new StateMachine.Chunk(out.toBytes(), last, false);
        }
        out.bytes(key).bytes(value);
        last = key;
        cursor.next();
      }
      return new StateMachine.Chunk(out.toBytes(), last, true);
    } catch (EngineException e) {
      throw new IOException("the image at index " + index + " cannot be read", e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      reader.close();
      pinned.unpin();
    }
  }
}
