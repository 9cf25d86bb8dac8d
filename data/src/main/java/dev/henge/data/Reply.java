package dev.henge.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an operation answers, in no protocol's words; each frontend has one table from here to its
/// own.
public sealed interface Reply {
  Reply OK = new Ok();
  Reply NOTHING = new Nothing();
  Reply ZERO = new Number(0);
  Reply ONE = new Number(1);

  /// Done.
  record Ok() implements Reply {}

  /// There is no value.
  record Nothing() implements Reply {}

  /// An integer.
  record Number(long value) implements Reply {}

  /// A short word (a type's name), never user data.
  record Word(String text) implements Reply {}

  /// User bytes.
  final class Bytes implements Reply {
    private final byte[] bytes;

    /// Takes ownership of the array.
    public Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    /// Borrowed: do not change.
    public byte[] bytes() {
      return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "Bytes[" + new String(bytes, StandardCharsets.ISO_8859_1) + "]";
    }
  }

  /// Several answers in order.
  record Many(List<Reply> items) implements Reply {}

  /// The answer of [Operation.Set].
  ///
  /// @param applied whether the condition held and the value was written
  /// @param revision of the object as it is now; 0 where there is none
  /// @param previous the value before, null when there was none (or it was not asked for)
  record Written(boolean applied, long revision, @Nullable Bytes previous) implements Reply {}

  /// The answer of [Operation.GetObject].
  ///
  /// @param expiryMillis wall-clock milliseconds since the epoch; 0 for never
  record Found(Bytes value, long revision, long expiryMillis) implements Reply {}

  /// The answer of [Operation.Scan].
  ///
  /// @param keys user keys in (slot, key) order
  /// @param next where to go on; null at the end
  record ScanPage(List<Bytes> keys, @Nullable ScanPosition next) implements Reply {}

  /// The operation was refused and changed nothing.
  ///
  /// @param code Redis's error prefix (`ERR`, `WRONGTYPE`, `BUSYKEY`, ...)
  /// @param message the text behind it, without the prefix
  record Failure(String code, String message) implements Reply {
    public static final Failure WRONG_TYPE =
        new Failure("WRONGTYPE", "Operation against a key holding the wrong kind of value");
    public static final Failure NOT_AN_INTEGER =
        new Failure("ERR", "value is not an integer or out of range");
    public static final Failure NO_SUCH_KEY = new Failure("ERR", "no such key");
    public static final Failure SYNTAX = new Failure("ERR", "syntax error");
  }
}
