package dev.henge.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client asks of a keyspace, in no protocol's words.
///
/// Keys are user keys, without slot or keyspace. Arrays are borrowed until the operation is
/// evaluated and must not change in between. Protocol mistakes (arity, syntax) are found before an
/// operation is made; what only the data can tell (wrong type, overflow) is a [Reply.Failure].
@SuppressWarnings("ArrayRecordComponent") // operations are never compared
public sealed interface Operation {
  /// Whether the operation can change data; the rest is evaluated without the write lock.
  default boolean writes() {
    return this instanceof Write;
  }

  /// Whether the operation walks many keys, so that it belongs on a thread that may block.
  default boolean scans() {
    return this instanceof Walk;
  }

  /// Whether the operation can change which keyspaces the databases' numbers stand for.
  default boolean changesDatabaseIds() {
    return switch (this) {
      case SwapDatabases swap -> true;
      case Transaction transaction ->
          transaction.steps().stream().anyMatch(step -> step.operation().changesDatabaseIds());
      default -> false;
    };
  }

  /// May change data.
  sealed interface Write extends Operation {}

  /// Only reads.
  sealed interface Read extends Operation {}

  /// Reads an unbounded number of keys.
  sealed interface Walk extends Operation {}

  // Strings

  /// Answers `Bytes` or `Nothing`.
  record Get(byte[] key) implements Read {}

  /// Answers `Found` or `Nothing`.
  record GetObject(byte[] key) implements Read {}

  /// Answers `Many` of `Bytes` or `Nothing` (also for keys of other types).
  record GetMany(List<byte[]> keys) implements Read {}

  /// Bytes `start` to `end`, both inclusive, negative from the end. Answers `Bytes`.
  record GetRange(byte[] key, long start, long end) implements Read {}

  /// Answers `Number`; 0 when absent.
  record StringLength(byte[] key) implements Read {}

  /// Answers `Written`.
  ///
  /// @param previous whether the value before is wanted (then a wrong type is a failure)
  record Set(byte[] key, byte[] value, Expiry expiry, Condition condition, boolean previous)
      implements Write {}

  /// Keys and values in turn. Answers `Ok`; with `onlyIfAbsent` `Number` 1, or 0 and nothing
  /// written when any key exists.
  record SetMany(List<byte[]> keysAndValues, boolean onlyIfAbsent) implements Write {}

  /// Answers `Bytes` or `Nothing`.
  record GetAndDelete(byte[] key) implements Write {}

  /// GETEX. Answers `Bytes` or `Nothing`.
  ///
  /// @param expiry `None` removes the expiry, `Keep` leaves it
  record GetAndExpire(byte[] key, Expiry expiry) implements Write {}

  /// Answers the new length as `Number`.
  record Append(byte[] key, byte[] suffix) implements Write {}

  /// Overwrites from `offset` (not negative) on, zero-filled. Answers the new length.
  record SetRange(byte[] key, long offset, byte[] value) implements Write {}

  /// Answers the new value as `Number`.
  ///
  /// @param decrement whether the client asked to subtract (`delta` is then already negated): only
  ///   the text of an overflow differs
  record Increment(byte[] key, long delta, boolean decrement) implements Write {}

  /// Answers the new value as `Bytes`, formatted as Redis does.
  ///
  /// @param delta as the client wrote it, already known to be a number
  record IncrementFloat(byte[] key, String delta) implements Write {}

  // Bits

  record GetBit(byte[] key, long offset) implements Read {}

  /// Answers the old bit.
  record SetBit(byte[] key, long offset, int bit) implements Write {}

  /// @param inBits whether `start` and `end` (inclusive, negative from the end) count bits, not
  ///   bytes
  record BitCount(byte[] key, long start, long end, boolean inBits) implements Read {}

  /// @param end null when the client gave none, which matters when looking for a 0
  record BitPosition(byte[] key, int bit, long start, @Nullable Long end, boolean inBits)
      implements Read {}

  /// Stores the combination at `target`. Answers its length in bytes.
  record BitCombine(BitOperator operator, byte[] target, List<byte[]> sources) implements Write {}

  enum BitOperator {
    AND,
    OR,
    XOR,
    NOT
  }

  /// BITFIELD. Answers `Many`; `Nothing` in the place of what `FAIL` refused.
  record BitFields(byte[] key, List<BitField> fields) implements Write {}

  /// BITFIELD_RO, and BITFIELD with nothing but GET.
  record ReadBitFields(byte[] key, List<BitField> fields) implements Read {}

  /// One step of BITFIELD.
  ///
  /// @param kind what to do
  /// @param signed whether the field is `i`, not `u`
  /// @param bits 1-64 (63 when unsigned)
  /// @param offset in bits
  /// @param operand value of SET, step of INCRBY
  /// @param overflow how INCRBY and SET treat what does not fit
  record BitField(
      Kind kind, boolean signed, int bits, long offset, long operand, Overflow overflow) {
    public enum Kind {
      GET,
      SET,
      INCREMENT
    }

    public enum Overflow {
      WRAP,
      SATURATE,
      FAIL
    }
  }

  // Keys of any type

  /// Answers how many were there.
  record Delete(List<byte[]> keys) implements Write {}

  /// DELIFEQ; `DELETE` with `If-Match`. Answers `Written`: whether the key was there and deleted,
  /// and the revision of what is there now (0 for nothing).
  record DeleteIf(byte[] key, Condition condition) implements Write {}

  /// EXISTS, TOUCH: answers how many are there, counting repeats.
  record CountExisting(List<byte[]> keys) implements Read {}

  /// Answers `Word`: `none`, `string`, ...
  record TypeOf(byte[] key) implements Read {}

  /// Answers `Word` or, when absent, `Nothing`.
  record EncodingOf(byte[] key) implements Read {}

  /// Answers an estimate of the bytes that the key and value take, or `Nothing`.
  record MemoryUsage(byte[] key) implements Read {}

  /// Answers `Ok` (or with `onlyIfAbsent` `Number`), or the failure `no such key`.
  record Rename(byte[] from, byte[] to, boolean onlyIfAbsent) implements Write {}

  /// Answers `Number` 1 or 0.
  ///
  /// @param targetDatabase -1: the same keyspace
  record Copy(byte[] from, byte[] to, int targetDatabase, boolean replace) implements Write {}

  /// Answers `Number` 1 or 0. An expiry that has passed deletes the key.
  record Expire(byte[] key, Expiry expiry, ExpireCondition condition) implements Write {}

  /// NX, XX, GT, LT; XX can stand together with GT or LT.
  record ExpireCondition(boolean absent, boolean present, boolean greater, boolean less) {
    public static final ExpireCondition ALWAYS = new ExpireCondition(false, false, false, false);
  }

  /// Answers -2 when absent, -1 without expiry, else milliseconds since the epoch.
  record ExpiryOf(byte[] key) implements Read {}

  /// Answers -2 when absent, -1 without expiry, else milliseconds that remain.
  record RemainingOf(byte[] key) implements Read {}

  /// Answers `Number` 1 when an expiry was removed.
  record Persist(byte[] key) implements Write {}

  /// Answers the RDB payload as `Bytes`, or `Nothing`.
  record Dump(byte[] key) implements Read {}

  /// Answers `Ok`, or the failure `BUSYKEY`, or one for a bad payload.
  ///
  /// @param ttlMillis 0 for the keyspace's default; with `absolute` a wall-clock time
  record Restore(byte[] key, byte[] payload, long ttlMillis, boolean absolute, boolean replace)
      implements Write {}

  // Keyspaces

  /// A key drawn by the scope's seed. Answers `Bytes` or `Nothing`.
  record RandomKey() implements Walk {}

  /// Every key that matches the glob pattern. Answers `Many` of `Bytes`.
  record Keys(byte[] pattern) implements Walk {}

  /// Some keys from `from` on. Answers `ScanPage`.
  ///
  /// @param pattern glob; null for all
  /// @param prefix only keys that begin so; empty for all
  /// @param count how many keys to look at, about
  /// @param type only objects of this type; null for all
  record Scan(
      ScanPosition from, byte @Nullable [] pattern, byte[] prefix, int count, @Nullable String type)
      implements Walk {}

  /// Answers the number of live keys, exactly.
  record CountKeys() implements Walk {}

  /// Answers the number of live keys of one slot.
  record CountKeysInSlot(int slot) implements Walk {}

  /// Deletes everything in the keyspace, or with `allDatabases` in databases 0-15 (a failure where
  /// the scope has none). Answers `Ok`.
  record Flush(boolean allDatabases) implements Write {}

  /// Answers `Ok`. Afterwards the caller reloads the database ids ([DatabaseIds]).
  record SwapDatabases(int first, int second) implements Write {}

  // Transactions

  /// The steps one after another, each seeing those before, as one batch. Answers `Many`, or
  /// `Nothing` with nothing done when a watched key has changed. A step that fails does not undo
  /// the others.
  record Transaction(List<Step> steps, List<Watch> watches) implements Write {}

  /// @param database the database that the step's connection has selected; -1 for the keyspace of
  ///   the transaction's scope
  record Step(int database, Operation operation) {}

  /// How a key stood when WATCH was called; made by [Operations#watch].
  ///
  /// @param database as in [Step]
  /// @param keyspaceId what the database was then
  /// @param revision of the object then; 0 where there was none, or an expired one
  record Watch(int database, int keyspaceId, byte[] key, long revision) {}
}
