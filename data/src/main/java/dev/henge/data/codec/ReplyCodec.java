package dev.henge.data.codec;

import dev.henge.data.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// [Reply]s as bytes: format version (1), then code and fields (`FORMAT.md`).
///
/// - Errors: as [OperationCodec].
/// - Threads: stateless.
public final class ReplyCodec {
  /// Persisted. A program that knows less refuses the bytes.
  public static final int VERSION = 1;

  // Persisted: never renumber.
  private static final int OK = 1;
  private static final int NOTHING = 2;
  private static final int NUMBER = 3;
  private static final int WORD = 4;
  private static final int BYTES = 5;
  private static final int MANY = 6;
  private static final int WRITTEN = 7;
  private static final int FOUND = 8;
  private static final int SCAN_PAGE = 9;
  private static final int FAILURE = 10;

  /// Answers within answers: a transaction's, and a list in it; more than any operation makes.
  private static final int DEPTH_MAX = 8;

  private ReplyCodec() {}

  public static byte[] encode(Reply reply) {
    var out = new CodecWriter(32);
    write(reply, out);
    return out.toBytes();
  }

  /// Adds the encoded form.
  public static void write(Reply reply, CodecWriter out) {
    out.one(VERSION);
    plain(reply, out);
  }

  public static Reply decode(byte[] bytes) throws IOException {
    var in = new CodecReader("reply", bytes);
    Reply reply = read(in);
    in.end();
    return reply;
  }

  /// Reads one reply; more may follow.
  public static Reply read(CodecReader in) throws IOException {
    in.version(VERSION);
    return plain(in, 0);
  }

  private static void plain(Reply reply, CodecWriter out) {
    switch (reply) {
      case Reply.Ok ok -> out.one(OK);
      case Reply.Nothing nothing -> out.one(NOTHING);
      case Reply.Number(long value) -> out.one(NUMBER).signed(value);
      case Reply.Word(String text) -> out.one(WORD).text(text);
      case Reply.Bytes bytes -> out.one(BYTES).bytes(bytes.bytes());
      case Reply.Many(List<Reply> items) -> {
        out.one(MANY).varint(items.size());
        for (Reply item : items) {
          plain(item, out);
        }
      }
      case Reply.Written(boolean applied, long revision, Reply.@Nullable Bytes previous) ->
          out.one(WRITTEN)
              .varint(revision)
              .bytes(previous == null ? new byte[0] : previous.bytes())
              .flags(applied, previous != null);
      case Reply.Found(Reply.Bytes value, long revision, long expiryMillis) ->
          out.one(FOUND).bytes(value.bytes()).varint(revision).signed(expiryMillis);
      case Reply.ScanPage page -> {
        out.one(SCAN_PAGE).varint(page.keys().size());
        for (Reply.Bytes key : page.keys()) {
          out.bytes(key.bytes());
        }
        out.flags(page.next() != null);
        if (page.next() != null) {
          OperationParts.write(page.next(), out);
        }
      }
      case Reply.Failure(String code, String message) -> out.one(FAILURE).text(code).text(message);
    }
  }

  private static Reply plain(CodecReader in, int depth) throws IOException {
    int code = in.one();
    return switch (code) {
      case OK -> Reply.OK;
      case NOTHING -> Reply.NOTHING;
      case NUMBER -> new Reply.Number(in.signed());
      case WORD -> new Reply.Word(in.text());
      case BYTES -> new Reply.Bytes(in.bytes());
      case MANY -> many(in, depth + 1);
      case WRITTEN -> written(in);
      case FOUND -> new Reply.Found(new Reply.Bytes(in.bytes()), in.varint(), in.signed());
      case SCAN_PAGE -> scanPage(in);
      case FAILURE -> new Reply.Failure(in.text(), in.text());
      default -> throw in.unknown("reply", code);
    };
  }

  private static Reply many(CodecReader in, int depth) throws IOException {
    if (depth > DEPTH_MAX) {
      throw in.damaged("replies within replies, more than " + DEPTH_MAX + " deep");
    }
    int count = in.count();
    List<Reply> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(plain(in, depth));
    }
    return new Reply.Many(items);
  }

  private static Reply written(CodecReader in) throws IOException {
    long revision = in.varint();
    byte[] previous = in.bytes();
    int flags = in.flags(2);
    return new Reply.Written(
        (flags & 1) != 0, revision, (flags & 2) == 0 ? null : new Reply.Bytes(previous));
  }

  private static Reply scanPage(CodecReader in) throws IOException {
    int count = in.count();
    List<Reply.Bytes> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(new Reply.Bytes(in.bytes()));
    }
    return new Reply.ScanPage(keys, in.flags(1) == 0 ? null : OperationParts.position(in));
  }
}
