package dev.henge.server.eventual;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.ScanPosition;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.Version;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.AnswerCodec;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.quorum.RequestCodec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Bodies of the calls between nodes for eventual keyspaces; `FORMAT.md` beside this file has them.
///
/// - Errors: as of [CodecReader].
/// - Threads: stateless.
final class EventualWire {
  private EventualWire() {}

  /// What one node knows of a key, for another's copy.
  ///
  /// @param target whose copy it is where it is a hint; else 0
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Copy(long target, int keyspaceId, byte[] key, byte[] stored) {}

  static byte[] encode(Copy copy) {
    return new CodecWriter(copy.key.length + copy.stored.length + 24)
        .varint(copy.target)
        .varint(copy.keyspaceId)
        .bytes(copy.key)
        .raw(copy.stored)
        .toBytes();
  }

  static Copy decodeCopy(byte[] body) throws CorruptionException {
    var reader = new CodecReader("a copy from another node", body);
    return new Copy(
        reader.varint(),
        reader.between(0, Integer.MAX_VALUE),
        reader.bytes(),
        reader.raw(reader.remaining()));
  }

  /// @param timeoutMillis of the client, as far as it is left
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Forwarded(int keyspaceId, byte[] key, Request request, long timeoutMillis) {}

  static byte[] encode(Forwarded forwarded) {
    var writer =
        new CodecWriter(64)
            .varint(forwarded.keyspaceId)
            .varint(forwarded.timeoutMillis)
            .bytes(forwarded.key);
    RequestCodec.encode(forwarded.request, writer);
    return writer.toBytes();
  }

  static Forwarded decodeForwarded(byte[] body) throws CorruptionException, FormatException {
    var reader = new CodecReader("a request from another node", body);
    int keyspaceId = reader.between(0, Integer.MAX_VALUE);
    long timeoutMillis = reader.varint();
    byte[] key = reader.bytes();
    var forwarded = new Forwarded(keyspaceId, key, RequestCodec.decode(reader), timeoutMillis);
    reader.end();
    return forwarded;
  }

  static byte[] encode(Answer answer) {
    var writer = new CodecWriter(64);
    AnswerCodec.encode(answer, writer);
    return writer.toBytes();
  }

  static Answer decodeAnswer(byte[] body) throws CorruptionException, FormatException {
    var reader = new CodecReader("an answer of another node", body);
    Answer answer = AnswerCodec.decode(reader);
    reader.end();
    return answer;
  }

  /// A walk over some slots of one copy.
  ///
  /// @param slotTo where it ends, exclusive
  /// @param count how many keys to look at; 0: they are only counted, to the end
  record Walk(int keyspaceId, ScanPosition from, int slotTo, int count) {}

  static byte[] encode(Walk walk) {
    byte[] afterKey = walk.from.afterKey();
    var writer =
        new CodecWriter(32)
            .varint(walk.keyspaceId)
            .varint(walk.from.slot())
            .varint(walk.slotTo)
            .varint(walk.count)
            .flags(afterKey != null);
    if (afterKey != null) {
      writer.bytes(afterKey);
    }
    return writer.toBytes();
  }

  static Walk decodeWalk(byte[] body) throws CorruptionException, FormatException {
    var reader = new CodecReader("a walk for another node", body);
    int keyspaceId = reader.between(0, Integer.MAX_VALUE);
    int slot = reader.between(0, 1 << 14);
    int slotTo = reader.between(0, 1 << 14);
    int count = reader.between(0, Integer.MAX_VALUE);
    byte @Nullable [] afterKey = reader.flags(1) == 0 ? null : reader.bytes();
    reader.end();
    return new Walk(keyspaceId, new ScanPosition(slot, afterKey), slotTo, count);
  }

  static byte[] encode(KeysAnswer.Page page) {
    ScanPosition next = page.next();
    var writer = new CodecWriter(256).flags(next != null);
    if (next != null) {
      byte[] afterKey = next.afterKey();
      writer.varint(next.slot()).flags(afterKey != null);
      if (afterKey != null) {
        writer.bytes(afterKey);
      }
    }
    writer.varint(page.keys().size());
    for (KeysAnswer.LiveKey key : page.keys()) {
      writer
          .flags(
              key.kinds().contains(Version.Kind.STRING), key.kinds().contains(Version.Kind.COUNTER))
          .bytes(key.key());
    }
    return writer.toBytes();
  }

  static KeysAnswer.Page decodePage(byte[] body) throws CorruptionException, FormatException {
    var reader = new CodecReader("keys of another node", body);
    ScanPosition next = null;
    if (reader.flags(1) != 0) {
      int slot = reader.between(0, 1 << 14);
      next = new ScanPosition(slot, reader.flags(1) == 0 ? null : reader.bytes());
    }
    int count = reader.count();
    List<KeysAnswer.LiveKey> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int facts = reader.flags(2);
      Set<Version.Kind> kinds = EnumSet.noneOf(Version.Kind.class);
      if ((facts & 1) != 0) {
        kinds.add(Version.Kind.STRING);
      }
      if ((facts & 2) != 0) {
        kinds.add(Version.Kind.COUNTER);
      }
      keys.add(new KeysAnswer.LiveKey(reader.bytes(), kinds));
    }
    reader.end();
    return new KeysAnswer.Page(keys, next);
  }
}
