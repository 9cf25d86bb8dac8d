package dev.henge.consensus.strong;

import dev.henge.base.Invariant;
import dev.henge.data.DatabaseIds;
import dev.henge.data.Operation;
import dev.henge.data.Scope;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.data.codec.OperationCodec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What the log of a strong group holds of one request (`FORMAT.md`).
///
/// - Errors: bytes that are none are refused as [OperationCodec] refuses them.
///
/// @param requestId under which a write that is sent again happens once; null for none
/// @param keyspaceId of a named keyspace; of no effect for a database
/// @param database 0-15, or -1 for a named keyspace
/// @param limits what is refused as too large: part of the command, so that every replica refuses
///   the same
public record StrongCommand(
    @Nullable RequestId requestId,
    int keyspaceId,
    int database,
    Scope.Limits limits,
    Operation operation) {
  /// Persisted. A program that knows less refuses the command.
  private static final int VERSION = 1;

  public StrongCommand {
    Invariant.check(database >= -1 && database < DatabaseIds.COUNT, "there are databases 0-15");
    Invariant.check(database >= 0 || keyspaceId > 0, "a named keyspace has an id");
  }

  /// A command for database 0-15.
  public static StrongCommand ofDatabase(
      int database, @Nullable RequestId requestId, Scope.Limits limits, Operation operation) {
    return new StrongCommand(requestId, 0, database, limits, operation);
  }

  /// A command for a named keyspace.
  public static StrongCommand ofKeyspace(
      int keyspaceId, @Nullable RequestId requestId, Scope.Limits limits, Operation operation) {
    return new StrongCommand(requestId, keyspaceId, -1, limits, operation);
  }

  public byte[] encode() {
    var out = new CodecWriter(96);
    out.one(VERSION).flags(requestId != null, database >= 0);
    if (requestId != null) {
      requestId.write(out);
    }
    out.varint(database >= 0 ? database : keyspaceId)
        .varint(limits.keyBytesMax())
        .varint(limits.valueBytesMax())
        .varint(limits.defaultTtlMillis());
    OperationCodec.write(operation, out);
    return out.toBytes();
  }

  public static StrongCommand decode(byte[] bytes) throws IOException {
    var in = new CodecReader("command of a strong group", bytes);
    in.version(VERSION);
    int flags = in.flags(2);
    RequestId requestId = (flags & 1) == 0 ? null : RequestId.read(in);
    boolean named = (flags & 2) == 0;
    int database = named ? -1 : in.between(0, DatabaseIds.COUNT - 1);
    int keyspaceId = named ? in.between(1, Integer.MAX_VALUE) : 0;
    var limits =
        new Scope.Limits(
            in.between(0, Integer.MAX_VALUE), in.between(0, Integer.MAX_VALUE), ttl(in));
    Operation operation = OperationCodec.read(in);
    in.end();
    if (named) {
      refuseDatabases(operation, in);
    }
    return new StrongCommand(requestId, keyspaceId, database, limits, operation);
  }

  private static long ttl(CodecReader in) throws IOException {
    long millis = in.varint();
    if (millis < 0) {
      throw in.damaged("a time to live is negative");
    }
    return millis;
  }

  /// A named keyspace knows no databases.
  private static void refuseDatabases(Operation operation, CodecReader in) throws IOException {
    if (operation instanceof Operation.Transaction transaction) {
      boolean elsewhere =
          transaction.steps().stream().anyMatch(step -> step.database() >= 0)
              || transaction.watches().stream().anyMatch(watch -> watch.database() >= 0);
      if (elsewhere) {
        throw in.damaged("a transaction of a named keyspace names a database");
      }
    }
  }
}
