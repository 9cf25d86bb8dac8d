package dev.henge.data;

import static dev.henge.data.ScratchGroup.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.WriteBatch;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Batches laid over a reader read as the same batches written to the engine.
final class OverlayReaderTest {
  private static final int KEYS = 24;

  @Test
  void anOverlayReadsAsIfItWereWritten() {
    RandomTest.run("overlays", 400, OverlayReaderTest::compare);
  }

  private static void compare(Random random) {
    var below = new ModelEngine();
    var written = new ModelEngine();
    WriteBatch base = batch(random, 15);
    below.append(base, LogMode.SYNCED);
    written.append(base, LogMode.SYNCED);
    try (var reader = below.latest(Access.DISK)) {
      var overlay = new OverlayReader(reader);
      for (int batches = random.nextInt(5); batches >= 0; batches--) {
        WriteBatch changes = batch(random, 6);
        overlay.add(changes);
        written.append(changes, LogMode.SYNCED);
        try (var expected = written.latest(Access.DISK);
            Cursor expectedCursor = expected.cursor();
            Cursor cursor = overlay.cursor()) {
          for (int key = 0; key < KEYS; key++) {
            assertEquals(text(expected.get(key(key))), text(overlay.get(key(key))));
          }
          for (int move = 0; move < 60; move++) {
            move(random.nextInt(6), key(random.nextInt(KEYS)), expectedCursor, cursor);
          }
        }
      }
    }
  }

  /// The same move on both, next and previous only from a key.
  private static void move(int kind, byte[] target, Cursor... cursors) {
    boolean valid = cursors[0].valid();
    for (Cursor cursor : cursors) {
      switch (kind) {
        case 0 -> cursor.seek(target);
        case 1 -> cursor.seekForPrevious(target);
        case 2, 3 -> {
          if (valid) {
            cursor.next();
          } else {
            cursor.first();
          }
        }
        default -> {
          if (valid) {
            cursor.previous();
          } else {
            cursor.last();
          }
        }
      }
    }
    assertEquals(describe(cursors[0]), describe(cursors[1]));
  }

  private static String describe(Cursor cursor) {
    return cursor.valid() ? hex(cursor.key()) + "=" + hex(cursor.value()) : "end";
  }

  private static WriteBatch batch(Random random, int countMax) {
    var batch = new WriteBatch();
    for (int i = random.nextInt(countMax); i >= 0; i--) {
      int key = random.nextInt(KEYS);
      switch (random.nextInt(5)) {
        case 0, 1, 2 -> batch.put(key(key), new byte[] {(byte) random.nextInt()});
        case 3 -> batch.delete(key(key));
        default -> batch.deleteRange(key(key), key(key + 1 + random.nextInt(6)));
      }
    }
    return batch;
  }

  private static byte[] key(int number) {
    return new byte[] {(byte) (200 + number)};
  }

  private static String text(byte @Nullable [] value) {
    return value == null ? "absent" : hex(value);
  }
}
