package dev.henge.consensus.strong;

import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.StoredKey;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.data.codec.ReplyCodec;
import dev.henge.storage.Cursor;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Answers of the newest writes that came with a request id, so that one sent again is answered and
/// not done again.
///
/// - Shape: ids in memory, about 100 bytes each; answers in the engine, under the revision of their
///   command, so that the oldest comes first. A local group keeps one, too, by the revisions of its
///   engine: it is the same table when the group becomes a replicated one.
///
/// - Determinism: what is kept and let go follows from the log alone. The bounds are therefore part
///   of the format: all replicas must have the same.
/// - Threads: one at a time; [#reply] any.
public final class RequestTable {
  /// Bounds of a group. Persisted: changing them makes replicas of two versions differ.
  public static final Bounds BOUNDS = new Bounds(16_384, 64L << 20);

  private static final int LAYOUT = 1;

  /// What is remembered of a write whose own answer may differ between replicas.
  private static final Reply NOT_KEPT =
      new Reply.Failure(
          "APPLIED",
          "the transaction was done before; an answer with keys drawn or walked is not kept");

  /// @param countMax requests remembered
  /// @param bytesMax of their answers together
  public record Bounds(int countMax, long bytesMax) {}

  private record Remembered(long revision, int bytes) {}

  /// What becomes of the table with a batch.
  public final class Change {
    private final RequestId id;
    private final Remembered remembered;
    private final List<RequestId> forgotten = new ArrayList<>();

    private Change(RequestId id, Remembered remembered) {
      this.id = id;
      this.remembered = remembered;
    }

    /// The batch has been taken by the engine.
    public void done() {
      remember(id, remembered);
      for (RequestId old : forgotten) {
        Remembered before = byId.remove(old);
        bytes -= before == null ? 0 : before.bytes();
      }
    }
  }

  private final Bounds bounds;
  private final Map<RequestId, Remembered> byId = new LinkedHashMap<>();
  private long bytes;

  RequestTable(Bounds bounds) {
    this.bounds = bounds;
  }

  /// The table as the reader's engine has it.
  public static RequestTable load(Reader reader, Bounds bounds) throws IOException {
    var table = new RequestTable(bounds);
    byte[] prefix = StoredKey.system(StoredKey.REQUEST, new byte[0]);
    try (Cursor cursor = reader.cursor()) {
      cursor.seek(prefix);
      while (cursor.valid()) {
        byte[] key = cursor.key();
        if (!Arrays.equals(key, 0, Math.min(prefix.length, key.length), prefix, 0, prefix.length)) {
          break;
        }
        CodecReader value = value(cursor.value());
        RequestId id = RequestId.read(value);
        table.remember(id, new Remembered(revision(key), value.remaining()));
        cursor.next();
      }
    }
    return table;
  }

  int count() {
    return byId.size();
  }

  /// The revision under which the request was done; 0 where it is not known.
  public long revisionOf(RequestId id) {
    Remembered known = byId.get(id);
    return known == null ? 0 : known.revision();
  }

  /// What the request with this revision was answered, by a reader that was opened while the table
  /// knew it.
  public static Reply reply(long revision, Reader reader) throws IOException {
    byte[] stored = reader.get(key(revision));
    if (stored == null) {
      throw new CodecReader("answer of request " + revision, new byte[0]).damaged("it is missing");
    }
    CodecReader value = value(stored);
    RequestId.read(value);
    Reply reply = ReplyCodec.read(value);
    value.end();
    return reply;
  }

  /// Puts the answer of a write into `batch`, and takes the oldest out where there are too many.
  ///
  /// @param revision above that of every request before
  /// @return to be done when the batch is; nothing has changed until then
  public Change add(
      RequestId id, long revision, Operation operation, Reply reply, WriteBatch batch) {
    byte[] answer = ReplyCodec.encode(dependsOnReplica(operation, reply) ? NOT_KEPT : reply);
    var out = new CodecWriter(32 + answer.length);
    out.one(LAYOUT);
    id.write(out);
    batch.put(key(revision), out.raw(answer).toBytes());
    var change = new Change(id, new Remembered(revision, answer.length));
    int count = byId.size() + 1;
    long left = bytes + answer.length;
    for (Map.Entry<RequestId, Remembered> entry : byId.entrySet()) {
      if (count <= bounds.countMax() && left <= bounds.bytesMax()) {
        break;
      }
      change.forgotten.add(entry.getKey());
      batch.delete(key(entry.getValue().revision()));
      count--;
      left -= entry.getValue().bytes();
    }
    return change;
  }

  /// Where a walk stops depends on which expired objects a compaction has dropped already.
  private static boolean dependsOnReplica(Operation operation, Reply reply) {
    return reply instanceof Reply.Many
        && operation instanceof Operation.Transaction transaction
        && transaction.steps().stream().anyMatch(step -> step.operation().scans());
  }

  private void remember(RequestId id, Remembered remembered) {
    byId.put(id, remembered);
    bytes += remembered.bytes();
  }

  private static CodecReader value(byte @Nullable [] stored) throws IOException {
    var in = new CodecReader("answer of a request", stored == null ? new byte[0] : stored);
    in.version(LAYOUT);
    return in;
  }

  private static byte[] key(long revision) {
    byte[] order = new byte[8];
    for (int i = 0; i < 8; i++) {
      order[i] = (byte) (revision >>> (56 - 8 * i));
    }
    return StoredKey.system(StoredKey.REQUEST, order);
  }

  private static long revision(byte[] storedKey) throws IOException {
    byte[] order = StoredKey.userKey(storedKey);
    var in = new CodecReader("key of a request's answer", order);
    long revision = 0;
    for (int i = 0; i < 8; i++) {
      revision = revision << 8 | in.one();
    }
    in.end();
    return revision;
  }
}
