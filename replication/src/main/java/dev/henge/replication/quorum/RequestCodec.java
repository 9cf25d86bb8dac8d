package dev.henge.replication.quorum;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.replica.Change;
import org.jspecify.annotations.Nullable;

/// Requests as they travel to their coordinator (FORMAT.md).
///
/// - Errors: as of [CodecReader].
/// - Threads: stateless.
public final class RequestCodec {
  // On the wire: never renumber.
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int FORGET = 3;
  private static final int ALTER = 4;

  private static final int PUT = 1;
  private static final int DELETE = 2;
  private static final int ADD = 3;
  private static final int EXPIRE = 4;

  private RequestCodec() {}

  public static void encode(Request request, CodecWriter writer) {
    switch (request) {
      case Request.Read(Level level) -> level(level, writer.one(READ));
      case Request.Write(Change change, Level level) -> {
        level(level, writer.one(WRITE));
        change(change, writer);
      }
      case Request.Forget(Level read, Level write) -> {
        level(read, writer.one(FORGET));
        level(write, writer);
      }
      case Request.Alter(Change change, Level read, Level write) -> {
        level(read, writer.one(ALTER));
        level(write, writer);
        change(change, writer);
      }
    }
  }

  public static Request decode(CodecReader reader) throws CorruptionException, FormatException {
    int kind = reader.one();
    return switch (kind) {
      case READ -> new Request.Read(level(reader));
      case WRITE -> {
        Level level = level(reader);
        yield new Request.Write(change(reader), level);
      }
      case FORGET -> new Request.Forget(level(reader), level(reader));
      case ALTER -> {
        Level read = level(reader);
        Level write = level(reader);
        yield new Request.Alter(change(reader), read, write);
      }
      default -> throw reader.unknown("request", kind);
    };
  }

  private static void level(Level level, CodecWriter writer) {
    writer.one(
        switch (level.kind()) {
          case COUNT -> level.count();
          case QUORUM -> 128;
          case ALL -> 129;
          case LOCAL_QUORUM -> 130;
          case EACH_QUORUM -> 131;
        });
  }

  private static Level level(CodecReader reader) throws CorruptionException, FormatException {
    int number = reader.one();
    return switch (number) {
      case 128 -> Level.QUORUM;
      case 129 -> Level.ALL;
      case 130 -> Level.LOCAL_QUORUM;
      case 131 -> Level.EACH_QUORUM;
      default -> {
        if (number == 0 || number > 128) {
          throw reader.unknown("level", number);
        }
        yield Level.of(number);
      }
    };
  }

  private static void change(Change change, CodecWriter writer) {
    switch (change) {
      case Change.Put put -> {
        VersionVector context = put.context();
        writer.one(PUT).flags(context != null, put.expiryMillis() != 0).varint(put.flags());
        if (context != null) {
          StoredVersions.encode(context, writer);
        }
        if (put.expiryMillis() != 0) {
          writer.varint(put.expiryMillis());
        }
        writer.bytes(put.value());
      }
      case Change.Delete delete -> StoredVersions.encode(delete.context(), writer.one(DELETE));
      case Change.Add add -> writer.one(ADD).signed(add.delta());
      case Change.Expire expire -> writer.one(EXPIRE).varint(expire.expiryMillis());
    }
  }

  private static Change change(CodecReader reader) throws CorruptionException, FormatException {
    int kind = reader.one();
    return switch (kind) {
      case PUT -> {
        int facts = reader.flags(2);
        int flags = reader.between(0, 255);
        @Nullable VersionVector context =
            (facts & 1) == 0 ? null : StoredVersions.decodeVector(reader);
        long expiryMillis = (facts & 2) == 0 ? 0 : reader.varint();
        yield new Change.Put(context, flags, expiryMillis, reader.bytes());
      }
      case DELETE -> new Change.Delete(StoredVersions.decodeVector(reader));
      case ADD -> new Change.Add(reader.signed());
      case EXPIRE -> new Change.Expire(reader.varint());
      default -> throw reader.unknown("change", kind);
    };
  }
}
