package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
  private static final List<byte[]> KEYS = List.of(bytes("a"), bytes("b c"), bytes("ä"));

  @TempDir private Path directory;

  @Test
  void whatIsNotedIsReadBack() throws IOException {
    Path file = directory.resolve("ledger.txt");
    try (Ledger ledger = Ledger.create(file)) {
      ledger.acknowledged(2, KEYS.get(2));
      ledger.acknowledged(1, KEYS.get(1));
      assertEquals(2, ledger.count());
    }
    BitSet expected = new BitSet();
    expected.set(1, 3);
    assertEquals(expected, Ledger.read(file, KEYS));
  }

  @Test
  void anEntryOfAnotherWaveIsRefused() throws IOException {
    Path file = directory.resolve("ledger.txt");
    Files.writeString(file, "0 a\n1 z\n");
    IOException refused = assertThrows(IOException.class, () -> Ledger.read(file, KEYS));
    assertTrue(String.valueOf(refused.getMessage()).contains("'1 z'"), refused.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
