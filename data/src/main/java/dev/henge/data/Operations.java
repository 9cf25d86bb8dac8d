package dev.henge.data;

import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;

/// Evaluates operations: the one entry from frontends and logs into what a command does.
public final class Operations {
  private Operations() {}

  /// Evaluates `operation` on the state in `reader`, adds its changes to `batch` and answers.
  ///
  /// Pure: the same arguments give the same batch and reply, on every replica and for ever.
  ///
  /// @throws dev.henge.storage.NotInMemoryException when the reader may not use the disk and must; the
  ///     batch is then to be thrown away
  public static Reply apply(Operation operation, Scope scope, Reader reader, WriteBatch batch) {
    throw new UnsupportedOperationException("written next");
  }

  /// How `key` stands now, to be given to a later [Operation.Transaction].
  ///
  /// @param database the database watched, -1 for the scope's keyspace
  public static Operation.Watch watch(int database, byte[] key, Scope scope, Reader reader) {
    throw new UnsupportedOperationException("written next");
  }
}
