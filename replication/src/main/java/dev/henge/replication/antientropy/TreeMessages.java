package dev.henge.replication.antientropy;

import dev.henge.base.CorruptionException;
import dev.henge.base.LittleEndian;
import dev.henge.base.Slots;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.hashtree.Sum;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What two copies say to each other (`FORMAT.md`).
///
/// - Errors: [CorruptionException] for what cannot have been written so.
/// - Threads: stateless.
final class TreeMessages {
  /// Kinds of request. On the wire: never renumber.
  static final int ROOT = 1;

  static final int SUMS = 2;
  static final int LEAVES = 3;
  static final int DIFFER = 4;
  static final int PUSH = 5;

  private TreeMessages() {}

  /// A key and its versions as they are stored.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record StoredCopy(byte[] key, byte[] stored) {
    long bytes() {
      return (long) key.length + stored.length;
    }
  }

  /// Some leaves of a slot, over a range of keys, as the asking side has them.
  ///
  /// @param mask a bit for each leaf
  /// @param from inclusive; empty for the beginning
  /// @param to exclusive; null for the end
  /// @param hashes of its objects there, in the order of their keys
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(int slot, int mask, byte[] from, byte @Nullable [] to, long[] hashes) {}

  /// What the answering side has of a [Part].
  ///
  /// @param copies of objects that the asking side has not, or has otherwise
  /// @param missing places in the part's hashes of objects that the answering side has not so
  /// @param seenTo where it stopped, exclusive, for want of room; null where it did not
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record PartAnswer(List<StoredCopy> copies, int[] missing, byte @Nullable [] seenTo) {}

  static CodecWriter head(int kind, int keyspaceId) {
    return new CodecWriter(256).one(kind).varint(keyspaceId);
  }

  static void slots(CodecWriter writer, int[] slots) {
    writer.varint(slots.length);
    int before = 0;
    for (int slot : slots) {
      writer.varint(slot - before);
      before = slot;
    }
  }

  static int[] slots(CodecReader reader) throws CorruptionException {
    int[] slots = new int[reader.count()];
    int before = 0;
    for (int i = 0; i < slots.length; i++) {
      before += reader.between(0, Slots.COUNT - 1);
      if (before >= Slots.COUNT) {
        throw reader.damaged("a slot is " + before);
      }
      slots[i] = before;
    }
    return slots;
  }

  static void fixed(CodecWriter writer, long... numbers) {
    byte[] bytes = new byte[Long.BYTES * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      LittleEndian.putLong(bytes, i * Long.BYTES, numbers[i]);
    }
    writer.raw(bytes);
  }

  static long[] fixed(CodecReader reader, int count) throws CorruptionException {
    if (count > reader.remaining() / Long.BYTES) {
      throw reader.damaged("it ends too early");
    }
    byte[] bytes = reader.raw(Long.BYTES * count);
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = LittleEndian.getLong(bytes, i * Long.BYTES);
    }
    return numbers;
  }

  static void sum(CodecWriter writer, Sum sum) {
    fixed(writer, sum.high(), sum.low());
  }

  static Sum sum(CodecReader reader) throws CorruptionException {
    long[] halves = fixed(reader, 2);
    return new Sum(halves[0], halves[1]);
  }

  static void parts(CodecWriter writer, List<Part> parts) {
    writer.varint(parts.size());
    for (Part part : parts) {
      byte[] to = part.to;
      writer.varint(part.slot).varint(part.mask).bytes(part.from).flags(to != null);
      if (to != null) {
        writer.bytes(to);
      }
      writer.varint(part.hashes.length);
      fixed(writer, part.hashes);
    }
  }

  static List<Part> parts(CodecReader reader) throws CorruptionException {
    List<Part> parts = new ArrayList<>();
    for (int left = reader.count(); left > 0; left--) {
      int slot = reader.between(0, Slots.COUNT - 1);
      int mask = reader.between(0, (1 << 16) - 1);
      byte[] from = reader.bytes();
      byte[] to = reader.one() == 0 ? null : reader.bytes();
      parts.add(new Part(slot, mask, from, to, fixed(reader, reader.count())));
    }
    return parts;
  }

  static void answer(CodecWriter writer, PartAnswer answer) {
    copies(writer, answer.copies);
    writer.varint(answer.missing.length);
    for (int place : answer.missing) {
      writer.varint(place);
    }
    byte[] seenTo = answer.seenTo;
    writer.flags(seenTo != null);
    if (seenTo != null) {
      writer.bytes(seenTo);
    }
  }

  /// @param hashes of the part that is answered
  static PartAnswer answer(CodecReader reader, int hashes) throws CorruptionException {
    List<StoredCopy> copies = copies(reader);
    int[] missing = new int[reader.count()];
    for (int i = 0; i < missing.length; i++) {
      missing[i] = reader.between(0, hashes - 1);
    }
    return new PartAnswer(copies, missing, reader.one() == 0 ? null : reader.bytes());
  }

  static void copies(CodecWriter writer, List<StoredCopy> copies) {
    writer.varint(copies.size());
    for (StoredCopy copy : copies) {
      writer.bytes(copy.key).bytes(copy.stored);
    }
  }

  static List<StoredCopy> copies(CodecReader reader) throws CorruptionException {
    List<StoredCopy> copies = new ArrayList<>();
    for (int left = reader.count(); left > 0; left--) {
      copies.add(new StoredCopy(reader.bytes(), reader.bytes()));
    }
    return copies;
  }
}
