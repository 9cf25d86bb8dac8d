package dev.henge.cli.demo;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/// Which writes a server has acknowledged, in a file that the server knows nothing of.
///
/// - Shape: one line for each acknowledgement, in the order of arrival: the write's number, a
///   blank, its key.
/// - Threads: [#acknowledged] on the client's I/O thread; [#count] on any.
/// - Lifetime: the file is complete when [#close] has returned.
final class Ledger implements AutoCloseable {
  private final BufferedWriter file;
  private volatile int count;

  private Ledger(BufferedWriter file) {
    this.file = file;
  }

  /// A ledger without an entry in a new `file`.
  static Ledger create(Path file) throws IOException {
    return new Ledger(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
  }

  /// Notes that the server has acknowledged write `index`, of `key`.
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // guarded by this
  synchronized void acknowledged(int index, byte[] key) {
    try {
      file.write(index + " " + new String(key, StandardCharsets.UTF_8) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    count++;
  }

  /// How many writes are acknowledged.
  int count() {
    return count;
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }

  /// The numbers of the acknowledged writes of a closed ledger.
  ///
  /// @param keys the keys of all writes, by number
  /// @throws IOException where the file cannot be read or an entry is not one of these writes
  static BitSet read(Path file, List<byte[]> keys) throws IOException {
    BitSet acknowledged = new BitSet(keys.size());
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      int blank = line.indexOf(' ');
      int index = Integer.parseInt(line, 0, blank, 10);
      String key = new String(keys.get(index), StandardCharsets.UTF_8);
      if (!line.substring(blank + 1).equals(key)) {
        throw new IOException(file + ": entry '" + line + "' is not of the write of " + key);
      }
      acknowledged.set(index);
    }
    return acknowledged;
  }
}
