package dev.henge.replication.causality;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import dev.henge.data.StoredObject;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import java.util.ArrayList;
import java.util.List;

/// How [Versions] are stored and sent: the shared head of stored objects, the vector, the versions.
/// `FORMAT.md` beside this file draws it.
///
/// - Errors: what this program does not know is refused with a [FormatException], what cannot have
///   been written so with a [CorruptionException].
/// - Threads: stateless.
public final class StoredVersions {
  /// A vector and versions of replicas that a key may have: far above every ring's.
  private static final int PAIRS_MAX = 4096;

  private static final int HAS_EXPIRY = 1;

  private StoredVersions() {}

  public static byte[] encode(Versions versions) {
    int bytes = 32;
    for (Version version : versions.siblings()) {
      bytes += version.payload().length + 32;
    }
    var writer = new CodecWriter(bytes + versions.seen().size() * 10);
    writer.one(StoredObject.LAYOUT).one(StoredObject.VERSIONS).one(StoredObject.VERSION_VECTOR);
    encode(versions.seen(), writer);
    writer.varint(versions.siblings().size());
    for (Version version : versions.siblings()) {
      encode(version, versions.seen(), writer);
    }
    return writer.toBytes();
  }

  public static Versions decode(byte[] stored) throws CorruptionException, FormatException {
    var reader = new CodecReader("the versions of a key", stored);
    int layout = reader.one();
    if (layout != StoredObject.LAYOUT) {
      throw reader.unknown("layout", layout);
    }
    int type = reader.one();
    if (type != StoredObject.VERSIONS) {
      throw reader.unknown("type", type);
    }
    int flags = reader.one();
    if (flags != StoredObject.VERSION_VECTOR) {
      throw reader.unknown("flags", flags);
    }
    VersionVector seen = decodeVector(reader);
    int count = reader.count();
    List<Version> siblings = new ArrayList<>(Math.min(count, 16));
    for (int i = 0; i < count; i++) {
      siblings.add(decode(seen, reader));
    }
    reader.end();
    return new Versions(seen, siblings);
  }

  public static void encode(VersionVector vector, CodecWriter writer) {
    writer.varint(vector.size());
    for (int i = 0; i < vector.size(); i++) {
      writer.varint(vector.replica(i)).varint(vector.counterAt(i));
    }
  }

  public static VersionVector decodeVector(CodecReader reader)
      throws CorruptionException, FormatException {
    int size = reader.count();
    if (size > PAIRS_MAX) {
      throw reader.damaged("a version vector has " + size + " pairs");
    }
    var replicas = new long[size];
    var counters = new long[size];
    for (int i = 0; i < size; i++) {
      replicas[i] = reader.varint();
      counters[i] = reader.varint();
      if (counters[i] <= 0 || (i > 0 && replicas[i - 1] >= replicas[i])) {
        throw reader.damaged("a version vector is out of order");
      }
    }
    return VersionVector.of(replicas, counters);
  }

  private static void encode(Version version, VersionVector seen, CodecWriter writer) {
    writer.varint(seen.indexOf(version.dot().replica()));
    writer.varint(seen.counter(version.dot().replica()) - version.dot().counter());
    writer.one(version.kind().number);
    writer.one(version.flags() | (version.expiryMillis() == 0 ? 0 : HAS_EXPIRY));
    writer.raw(fixed(version.time()));
    if (version.expiryMillis() != 0) {
      writer.raw(fixed(version.expiryMillis()));
    }
    writer.bytes(version.payload());
  }

  private static Version decode(VersionVector seen, CodecReader reader)
      throws CorruptionException, FormatException {
    int index = reader.between(0, seen.size() - 1);
    long behind = reader.varint();
    long counter = seen.counterAt(index) - behind;
    if (behind < 0 || counter <= 0) {
      throw reader.damaged("a version's counter is not in the vector");
    }
    int number = reader.one();
    Version.Kind kind =
        switch (number) {
          case 1 -> Version.Kind.STRING;
          case 2 -> Version.Kind.COUNTER;
          case 3 -> Version.Kind.TOMBSTONE;
          default -> throw reader.unknown("kind of version", number);
        };
    int flags = reader.one();
    if ((flags & ~(Version.KNOWN_FLAGS | HAS_EXPIRY)) != 0) {
      throw reader.unknown("flags of a version", flags);
    }
    long time = fixed(reader);
    long expiryMillis = (flags & HAS_EXPIRY) == 0 ? 0 : fixed(reader);
    byte[] payload = reader.bytes();
    if (kind == Version.Kind.COUNTER && payload.length != Long.BYTES) {
      throw reader.damaged("a counter's part has " + payload.length + " bytes");
    }
    return new Version(
        new Dot(seen.replica(index), counter),
        time,
        kind,
        flags & ~HAS_EXPIRY,
        expiryMillis,
        payload);
  }

  private static byte[] fixed(long number) {
    byte[] bytes = new byte[Long.BYTES];
    LittleEndian.putLong(bytes, 0, number);
    return bytes;
  }

  private static long fixed(CodecReader reader) throws CorruptionException {
    return LittleEndian.getLong(reader.raw(Long.BYTES), 0);
  }
}
