package dev.henge.replication.causality;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a client has read of a key, as text that it hands back with a write and does not read.
///
/// A context that belongs to another key would delete what nobody has read, so it says where it
/// belongs: cluster, keyspace and key are in its check, though not in its text.
///
/// - Shape: base64url of version, vector, check (8) and CRC32C (4); `FORMAT.md` beside this file
///   draws it. About 40 characters with three replicas, at most [#TEXT_CHARACTERS_MAX].
/// - The check is keyed with the cluster's id, which is no secret: it catches mistakes, not an
///   attacker, who could as well write without a context.
/// - Threads: any; immutable.
public final class ContextToken {
  /// The longest vector has 4096 pairs of numbers of at most 10 bytes.
  public static final int TEXT_CHARACTERS_MAX = 4 * ((4096 * 20 + 32) / 3 + 1);

  private static final int VERSION = 1;
  private static final int CHECK_BYTES = 8;
  private static final int CRC_BYTES = 4;
  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "henge context of cluster ";

  private final SecretKeySpec checkKey;

  /// @param clusterId of the cluster that gives and takes these contexts
  public ContextToken(String clusterId) {
    try {
      byte[] seed = (PURPOSE + clusterId).getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(seed);
      checkKey = new SecretKeySpec(digest, ALGORITHM);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// A text that is no context of that key.
  public static final class ContextException extends Exception {
    /// What is wrong with it.
    public enum Reason {
      /// Nobody has written it so.
      DAMAGED,
      /// It is another key's, keyspace's or cluster's.
      FOREIGN,
      /// A newer version wrote it.
      NEWER
    }

    private final Reason reason;

    ContextException(Reason reason, String message) {
      super(message, null, false, false);
      this.reason = reason;
    }

    public Reason reason() {
      return reason;
    }

    public String text() {
      return String.valueOf(getMessage());
    }
  }

  public String write(int keyspaceId, byte[] key, VersionVector context) {
    var writer = new CodecWriter(32 + 12 * context.size());
    writer.one(VERSION);
    StoredVersions.encode(context, writer);
    writer.raw(check(keyspaceId, key, writer.toBytes()));
    int crc = crc(writer.toBytes(), writer.byteCount());
    for (int i = 0; i < CRC_BYTES; i++) {
      writer.one(crc >>> (8 * i));
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(writer.toBytes());
  }

  /// @throws ContextException where it is none of this key
  public VersionVector read(int keyspaceId, byte[] key, String text) throws ContextException {
    byte[] bytes = bytes(text);
    int bodyBytes = bytes.length - CRC_BYTES;
    int crc = 0;
    for (int i = 0; i < CRC_BYTES; i++) {
      crc |= (bytes[bodyBytes + i] & 0xff) << (8 * i);
    }
    if (crc != crc(bytes, bodyBytes)) {
      throw damaged();
    }
    if (bytes[0] != VERSION) {
      throw new ContextException(
          ContextException.Reason.NEWER,
          "the context is of version "
              + (bytes[0] & 0xff)
              + ", which this node does not know: a newer version of Henge gave it; ask that one,"
              + " or read the key again here");
    }
    int vectorEnd = bodyBytes - CHECK_BYTES;
    byte[] check = Arrays.copyOfRange(bytes, vectorEnd, bodyBytes);
    byte[] vector = Arrays.copyOf(bytes, vectorEnd);
    if (!Arrays.equals(check, check(keyspaceId, key, vector))) {
      throw new ContextException(
          ContextException.Reason.FOREIGN,
          "the context was given for another key, keyspace or cluster: read this key, and hand back"
              + " the context of that answer");
    }
    var reader = new CodecReader("a context", vector, 1, vectorEnd - 1);
    try {
      VersionVector context = StoredVersions.decodeVector(reader);
      reader.end();
      return context;
    } catch (CorruptionException | FormatException e) {
      throw damaged();
    }
  }

  private static byte[] bytes(String text) throws ContextException {
    if (text.length() > TEXT_CHARACTERS_MAX) {
      throw new ContextException(
          ContextException.Reason.DAMAGED,
          "the context has " + text.length() + " characters, more than any that is given");
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      throw damaged();
    }
    if (bytes.length < 1 + CHECK_BYTES + CRC_BYTES) {
      throw damaged();
    }
    return bytes;
  }

  private static ContextException damaged() {
    return new ContextException(
        ContextException.Reason.DAMAGED,
        "the context is damaged or cut: hand it back as it was given, every character of it");
  }

  /// @param head version and vector
  private byte[] check(int keyspaceId, byte[] key, byte[] head) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(checkKey);
      for (int shift = 24; shift >= 0; shift -= 8) {
        mac.update((byte) (keyspaceId >>> shift));
      }
      for (int shift = 24; shift >= 0; shift -= 8) {
        mac.update((byte) (key.length >>> shift));
      }
      mac.update(key);
      mac.update(head);
      return Arrays.copyOf(mac.doFinal(), CHECK_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private static int crc(byte[] bytes, int count) {
    var crc = new CRC32C();
    crc.update(bytes, 0, count);
    return (int) crc.getValue();
  }
}
