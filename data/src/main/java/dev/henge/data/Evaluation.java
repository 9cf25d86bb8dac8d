package dev.henge.data;

import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One operation while it is evaluated: its scope, what it reads from, what it writes into; and
/// what all operations share: absence of the expired, expiry of the written, limits.
///
/// - Invariant: an operation writes only when it can no longer be refused and needs to read no
///   more, so that a failure, or a reader that gives up, leaves the batch as it was.
record Evaluation(Scope scope, Reader reader, WriteBatch batch) {
  private static final Reply.Failure GREW_TOO_LARGE =
      new Reply.Failure("ERR", "string exceeds maximum allowed size (proto-max-bulk-len)");

  long now() {
    return scope.now();
  }

  /// The stored object that is alive under the user key, or null.
  byte @Nullable [] find(byte[] key) {
    return find(scope.keyspaceId(), key);
  }

  byte @Nullable [] find(int keyspaceId, byte[] key) {
    byte[] stored = reader.get(StoredKey.object(keyspaceId, key));
    return stored == null || StoredObject.isExpired(stored, scope.now()) ? null : stored;
  }

  boolean exists(byte[] key) {
    return find(key) != null;
  }

  /// Writes a string with the revision of this operation; one whose expiry has passed already is
  /// deleted, which is the same to everyone.
  ///
  /// @param encoding as in [StoredObject#string]
  void put(byte[] key, byte encoding, long expiryMillis, byte[] payload) {
    if (hasPassed(expiryMillis)) {
      delete(key);
      return;
    }
    batch.put(
        StoredKey.object(scope.keyspaceId(), key),
        StoredObject.string(encoding, expiryMillis, scope.revision(), payload));
  }

  void delete(byte[] key) {
    batch.delete(StoredKey.object(scope.keyspaceId(), key));
  }

  /// Whether a write under `condition` goes ahead where `old` is the object that is there.
  static boolean holds(Condition condition, byte @Nullable [] old) {
    return switch (condition) {
      case Condition.Always always -> true;
      case Condition.Absent absent -> old == null;
      case Condition.Present present -> old != null;
      case Condition.ValueIs(byte[] value) ->
          old != null && Arrays.equals(StoredObject.payload(old), value);
      case Condition.RevisionIs(long revision) ->
          old != null && StoredObject.revision(old) == revision;
      case Condition.RevisionIsNot(long revision) ->
          old == null || StoredObject.revision(old) != revision;
      case Condition.RevisionAmong(List<Long> revisions) ->
          old != null && revisions.contains(StoredObject.revision(old));
      case Condition.AllOf(List<Condition> all) -> all.stream().allMatch(one -> holds(one, old));
    };
  }

  boolean hasPassed(long expiryMillis) {
    return expiryMillis != 0 && expiryMillis <= scope.now();
  }

  /// When an object written with `expiry` over `old` ends; 0 for never.
  long expiryMillis(Expiry expiry, byte @Nullable [] old) {
    return switch (expiry) {
      case Expiry.None none -> defaultExpiryMillis();
      case Expiry.Keep keep -> keptExpiryMillis(old);
      case Expiry.At(long millis) -> asTime(millis);
      case Expiry.In(long millis) -> after(millis);
    };
  }

  /// What an object that is changed in place keeps, or a new one gets.
  long keptExpiryMillis(byte @Nullable [] old) {
    return old == null ? defaultExpiryMillis() : StoredObject.expiryMillis(old);
  }

  long defaultExpiryMillis() {
    long ttl = scope.limits().defaultTtlMillis();
    return ttl == 0 ? 0 : after(ttl);
  }

  private long after(long millis) {
    long sum = scope.now() + millis;
    boolean overflow = ((scope.now() ^ sum) & (millis ^ sum)) < 0;
    return overflow ? Long.MAX_VALUE : asTime(sum);
  }

  /// 0 means never in an object; a real 0 is as long past as 1.
  private static long asTime(long millis) {
    return millis == 0 ? 1 : millis;
  }

  /// Why `key` cannot be written with a value of so many bytes; null when it can.
  Reply.@Nullable Failure refusal(byte[] key, long valueBytes) {
    Scope.Limits limits = scope.limits();
    if (key.length > limits.keyBytesMax()) {
      return new Reply.Failure(
          "ERR",
          "key of %d bytes is longer than the limit of %d"
              .formatted(key.length, limits.keyBytesMax()));
    }
    return valueBytes > limits.valueBytesMax() ? valueTooLong(valueBytes) : null;
  }

  Reply.Failure valueTooLong(long valueBytes) {
    return new Reply.Failure(
        "ERR",
        "value of %d bytes is longer than the limit of %d"
            .formatted(valueBytes, scope.limits().valueBytesMax()));
  }

  /// As [#refusal], for a value that grows to so many bytes.
  Reply.@Nullable Failure growthRefusal(byte[] key, long valueBytes) {
    return valueBytes > scope.limits().valueBytesMax() || valueBytes < 0
        ? GREW_TOO_LARGE
        : refusal(key, 0);
  }

  static Reply number(long value) {
    return value == 0 ? Reply.ZERO : value == 1 ? Reply.ONE : new Reply.Number(value);
  }

  static Reply bytes(byte @Nullable [] stored) {
    return stored == null ? Reply.NOTHING : new Reply.Bytes(StoredObject.payload(stored));
  }

  static byte[] payloadOf(byte @Nullable [] stored) {
    return stored == null ? new byte[0] : StoredObject.payload(stored);
  }

  /// The payload, zero-filled to at least so many bytes.
  static byte[] payloadOf(byte @Nullable [] stored, int bytesMin) {
    if (stored == null) {
      return new byte[bytesMin];
    }
    int offset = StoredObject.payloadOffset(stored);
    int length = stored.length - offset;
    byte[] payload = new byte[Math.max(length, bytesMin)];
    System.arraycopy(stored, offset, payload, 0, length);
    return payload;
  }
}
