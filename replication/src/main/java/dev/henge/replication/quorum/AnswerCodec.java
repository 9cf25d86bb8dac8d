package dev.henge.replication.quorum;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.replica.Outcome;

/// Answers as they travel back from the coordinator (FORMAT.md).
///
/// - Errors: as of [CodecReader].
/// - Threads: stateless.
public final class AnswerCodec {
  // On the wire: never renumber.
  private static final int FOUND = 1;
  private static final int WRITTEN = 2;
  private static final int REFUSED = 3;
  private static final int UNAVAILABLE = 4;
  private static final int OVERLOADED = 5;
  private static final int UNKNOWN = 6;

  private AnswerCodec() {}

  public static void encode(Answer answer, CodecWriter writer) {
    switch (answer) {
      case Answer.Found(Versions versions, int copies) ->
          writer.one(FOUND).varint(copies).bytes(StoredVersions.encode(versions));
      case Answer.Written(Versions versions, Versions before, int copies, int hints) ->
          writer
              .one(WRITTEN)
              .varint(copies)
              .varint(hints)
              .bytes(StoredVersions.encode(versions))
              .bytes(StoredVersions.encode(before));
      case Answer.Refused(Outcome.Refusal why) -> writer.one(REFUSED).one(number(why));
      case Answer.Unavailable(int wanted, int reachable) ->
          writer.one(UNAVAILABLE).varint(wanted).varint(reachable);
      case Answer.Overloaded(String why) -> writer.one(OVERLOADED).text(why);
      case Answer.Unknown(int wanted, int copies) ->
          writer.one(UNKNOWN).varint(wanted).varint(copies);
    }
  }

  public static Answer decode(CodecReader reader) throws CorruptionException, FormatException {
    int kind = reader.one();
    return switch (kind) {
      case FOUND -> {
        int copies = count(reader);
        yield new Answer.Found(StoredVersions.decode(reader.bytes()), copies);
      }
      case WRITTEN -> {
        int copies = count(reader);
        int hints = count(reader);
        Versions versions = StoredVersions.decode(reader.bytes());
        yield new Answer.Written(versions, StoredVersions.decode(reader.bytes()), copies, hints);
      }
      case REFUSED -> new Answer.Refused(refusal(reader));
      case UNAVAILABLE -> new Answer.Unavailable(count(reader), count(reader));
      case OVERLOADED -> new Answer.Overloaded(reader.text());
      case UNKNOWN -> new Answer.Unknown(count(reader), count(reader));
      default -> throw reader.unknown("answer", kind);
    };
  }

  private static int count(CodecReader reader) throws CorruptionException {
    return reader.between(0, 1 << 16);
  }

  private static int number(Outcome.Refusal why) {
    return switch (why) {
      case TOO_MANY_SIBLINGS -> 1;
      case WRONG_TYPE -> 2;
      case OVERFLOW -> 3;
      case SIBLINGS -> 4;
      case FOREIGN_CONTEXT -> 5;
      case CLOCK_AHEAD -> 6;
    };
  }

  private static Outcome.Refusal refusal(CodecReader reader)
      throws CorruptionException, FormatException {
    int number = reader.one();
    return switch (number) {
      case 1 -> Outcome.Refusal.TOO_MANY_SIBLINGS;
      case 2 -> Outcome.Refusal.WRONG_TYPE;
      case 3 -> Outcome.Refusal.OVERFLOW;
      case 4 -> Outcome.Refusal.SIBLINGS;
      case 5 -> Outcome.Refusal.FOREIGN_CONTEXT;
      case 6 -> Outcome.Refusal.CLOCK_AHEAD;
      default -> throw reader.unknown("refusal", number);
    };
  }
}
