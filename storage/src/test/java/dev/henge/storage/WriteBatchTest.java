package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What a batch refuses leaves no trace in it.
final class WriteBatchTest {
  @Test
  void aKeyThatNoEngineCanHoldIsRefused() {
    var batch = new WriteBatch().put(new byte[] {1}, new byte[] {2});
    byte[] before = Arrays.copyOf(batch.array(), batch.byteCount());
    var longer = new byte[WriteBatch.KEY_BYTES_MAX + 1];
    assertThrows(IllegalArgumentException.class, () -> batch.put(longer, new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> batch.delete(longer));
    byte[] above = {1};
    assertThrows(IllegalArgumentException.class, () -> batch.deleteRange(longer, above));
    assertEquals(1, batch.count());
    assertArrayEquals(before, Arrays.copyOf(batch.array(), batch.byteCount()));
  }
}
