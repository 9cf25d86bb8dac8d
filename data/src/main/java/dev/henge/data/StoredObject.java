package dev.henge.data;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.storage.EngineException;
import java.time.Instant;
import java.util.Arrays;

/// The layout of stored objects, shared by all modes of keyspaces: layout version (1), type (1),
/// flags (1), expiry (8, little-endian, where flagged), revision (varint), payload to the end.
/// `FORMAT.md` beside this file draws it.
///
/// - Shape: static accessors on the stored array, so that a read makes no garbage but the payload.
/// - Units: expiry in wall-clock milliseconds since the epoch; 0 says never.
/// - Errors: an object of a layout, type or flag that this program does not know is refused with a
///   [FormatException], one that ends too early with a [CorruptionException], both in an
///   [EngineException].
/// - Threads: stateless.
public final class StoredObject {
  /// The layout written. A program that knows less refuses the object and says so.
  public static final byte LAYOUT = 1;

  /// Types. Persisted: never renumber.
  public static final byte STRING = 1;

  /// All that a copy of an eventual keyspace's key knows. Its owner is the `replication` module; in
  /// a strong keyspace it is refused.
  public static final byte VERSIONS = 2;

  /// An expiry follows the flags. Flags are persisted: never renumber.
  static final byte HAS_EXPIRY = 1;

  /// The string was grown or changed in place: OBJECT ENCODING says `raw`, whatever it holds.
  static final byte RAW = 2;

  /// The string was written as text though it may look like an integer: never encoding `int`.
  static final byte TEXT = 4;

  /// A version vector stands where the revision would: objects of type [#VERSIONS].
  public static final byte VERSION_VECTOR = 8;

  /// What a string written as a whole has: its encoding follows from its bytes.
  static final byte PLAIN = 0;

  private static final int TYPE_OFFSET = 1;
  private static final int FLAGS_OFFSET = 2;
  private static final int EXPIRY_OFFSET = 3;
  private static final int EXPIRY_BYTES = 8;

  /// So much of a stored object, or all of a shorter one, says when it expires.
  static final int EXPIRY_HEAD_BYTES = EXPIRY_OFFSET + EXPIRY_BYTES + 1;

  private static final int ENCODING_FLAGS = RAW | TEXT;
  private static final int KNOWN_FLAGS = HAS_EXPIRY | ENCODING_FLAGS;

  /// The longest string that Redis keeps in one allocation with its header.
  private static final int EMBEDDED_BYTES_MAX = 44;

  private StoredObject() {}

  /// A string as it is stored.
  ///
  /// @param encoding [#PLAIN], [#RAW] or [#TEXT]
  /// @param expiryMillis 0 for never
  static byte[] string(byte encoding, long expiryMillis, long revision, byte[] payload) {
    int expiryBytes = expiryMillis == 0 ? 0 : EXPIRY_BYTES;
    int head = EXPIRY_OFFSET + expiryBytes + varintBytes(revision);
    byte[] stored = new byte[head + payload.length];
    stored[0] = LAYOUT;
    stored[TYPE_OFFSET] = STRING;
    stored[FLAGS_OFFSET] = (byte) (encoding | (expiryMillis == 0 ? 0 : HAS_EXPIRY));
    for (int i = 0; i < expiryBytes; i++) {
      stored[EXPIRY_OFFSET + i] = (byte) (expiryMillis >>> (8 * i));
    }
    int position = EXPIRY_OFFSET + expiryBytes;
    long rest = revision;
    while ((rest & ~0x7fL) != 0) {
      stored[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    stored[position++] = (byte) rest;
    System.arraycopy(payload, 0, stored, position, payload.length);
    return stored;
  }

  /// Wall-clock milliseconds since the epoch; 0 for never.
  public static long expiryMillis(byte[] stored) {
    return expiryMillis(stored, 0, stored.length);
  }

  static long expiryMillis(byte[] bytes, int offset, int length) {
    check(bytes, offset, length);
    if ((bytes[offset + FLAGS_OFFSET] & HAS_EXPIRY) == 0) {
      return 0;
    }
    long millis = 0;
    for (int i = EXPIRY_BYTES - 1; i >= 0; i--) {
      millis = millis << 8 | (bytes[offset + EXPIRY_OFFSET + i] & 0xff);
    }
    return millis;
  }

  /// Whether the object is gone at `now`: it counts as absent everywhere.
  public static boolean isExpired(byte[] stored, long now) {
    long expiryMillis = expiryMillis(stored);
    return expiryMillis != 0 && expiryMillis <= now;
  }

  public static long revision(byte[] stored) {
    check(stored, 0, stored.length);
    long revision = 0;
    int position = revisionOffset(stored);
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = at(stored, position++);
      revision |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return revision;
      }
    }
    throw damaged(stored, position, "the end of the revision", "more of it");
  }

  static int payloadOffset(byte[] stored) {
    check(stored, 0, stored.length);
    int position = revisionOffset(stored);
    while (at(stored, position) < 0) {
      position++;
    }
    return position + 1;
  }

  static int payloadBytes(byte[] stored) {
    return stored.length - payloadOffset(stored);
  }

  /// A copy of the payload.
  public static byte[] payload(byte[] stored) {
    return Arrays.copyOfRange(stored, payloadOffset(stored), stored.length);
  }

  /// [#PLAIN], [#RAW] or [#TEXT].
  static byte encodingFlags(byte[] stored) {
    return (byte) (stored[FLAGS_OFFSET] & ENCODING_FLAGS);
  }

  /// Redis's word for how the object would be kept in memory: `int`, `embstr`, `raw`.
  static String encoding(byte[] stored) {
    int offset = payloadOffset(stored);
    int payloadBytes = stored.length - offset;
    byte flags = encodingFlags(stored);
    if ((flags & RAW) != 0) {
      return "raw";
    }
    if (flags == PLAIN && Numbers.isLong(stored, offset, payloadBytes)) {
      return "int";
    }
    return payloadBytes <= EMBEDDED_BYTES_MAX ? "embstr" : "raw";
  }

  /// One line for a person.
  public static String describe(byte[] stored) {
    long expiryMillis = expiryMillis(stored);
    int offset = payloadOffset(stored);
    return "layout %d string (%s) revision %d%s, %d bytes %s"
        .formatted(
            stored[0],
            encoding(stored),
            revision(stored),
            expiryMillis == 0 ? "" : " expires " + expiryMillis + instant(expiryMillis),
            stored.length - offset,
            Printable.of(stored, offset, stored.length - offset));
  }

  private static String instant(long millis) {
    boolean readable = millis > 0 && millis < 253402300800000L; // up to the year 9999
    return readable ? " (" + Instant.ofEpochMilli(millis) + ")" : "";
  }

  private static int revisionOffset(byte[] stored) {
    return EXPIRY_OFFSET + ((stored[FLAGS_OFFSET] & HAS_EXPIRY) == 0 ? 0 : EXPIRY_BYTES);
  }

  private static byte at(byte[] stored, int position) {
    if (position >= stored.length) {
      throw damaged(stored, position, "the rest of the object", "its end");
    }
    return stored[position];
  }

  /// Refuses what this program cannot read.
  private static void check(byte[] bytes, int offset, int length) {
    if (length <= FLAGS_OFFSET) {
      throw damaged(bytes, length, "the head of an object", "its end");
    }
    if (bytes[offset] != LAYOUT) {
      throw newer("layout", bytes[offset]);
    }
    if (bytes[offset + TYPE_OFFSET] != STRING) {
      throw newer("type", bytes[offset + TYPE_OFFSET]);
    }
    int flags = bytes[offset + FLAGS_OFFSET];
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw newer("flags", flags);
    }
    if ((flags & HAS_EXPIRY) != 0 && length <= EXPIRY_OFFSET + EXPIRY_BYTES) {
      throw damaged(bytes, length, "the expiry of an object", "its end");
    }
  }

  private static EngineException newer(String what, int found) {
    return new EngineException(
        new FormatException(
            "a stored object has %s %d, which this program does not know: it was written by a newer"
                    .formatted(what, found & 0xff)
                + " version of Henge; use that one"));
  }

  private static EngineException damaged(byte[] bytes, int at, String expected, String found) {
    return new EngineException(
        new CorruptionException(
            "stored object of " + bytes.length + " bytes",
            at,
            "expected " + expected + ", found " + found));
  }

  private static int varintBytes(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }
}
