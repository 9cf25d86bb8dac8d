package dev.henge.replication.handoff;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.storage.EngineException;
import java.util.Arrays;

/// What is kept for a member.
///
/// @param target the member
/// @param key the user's
/// @param runningSeconds when the oldest part of it came, by the node's running time
/// @param wallMillis the same by its wall clock
/// @param stored versions, as [dev.henge.replication.causality.StoredVersions] has them
@SuppressWarnings("ArrayRecordComponent") // compared by isSame
public record Hint(
    long target, int keyspaceId, byte[] key, long runningSeconds, long wallMillis, byte[] stored) {
  private static final int LAYOUT = 1;

  /// Bytes that it counts for.
  public int bytes() {
    return key.length + stored.length + 32;
  }

  byte[] storedKey() {
    return HintKeys.hint(target, keyspaceId, key);
  }

  /// Seconds since its oldest part came: by the clock that says more, so that neither a wall clock
  /// that was set back nor time spent switched off makes it young.
  long ageSeconds(long runningNow, long wallNow) {
    return Math.max(runningNow - runningSeconds, (wallNow - wallMillis) / 1000);
  }

  boolean isSame(Hint other) {
    return Arrays.equals(stored, other.stored);
  }

  byte[] encode() {
    byte[] times = new byte[2 * Long.BYTES];
    LittleEndian.putLong(times, 0, runningSeconds);
    LittleEndian.putLong(times, Long.BYTES, wallMillis);
    return new CodecWriter(stored.length + 20).one(LAYOUT).raw(times).raw(stored).toBytes();
  }

  /// @throws EngineException for what cannot have been written so
  static Hint decode(byte[] storedKey, byte[] value) {
    var reader = new CodecReader("a hint", value);
    try {
      reader.version(LAYOUT);
      byte[] times = reader.raw(2 * Long.BYTES);
      return new Hint(
          HintKeys.member(storedKey),
          HintKeys.keyspaceId(storedKey),
          HintKeys.userKey(storedKey),
          LittleEndian.getLong(times, 0),
          LittleEndian.getLong(times, Long.BYTES),
          reader.raw(reader.remaining()));
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }
}
