package dev.henge.replication.hashtree;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.storage.EngineException;

/// What stays of a key for a while after its tombstone went: the tombstone, out of sight. Whatever
/// comes late and was known to it is recognised as deleted.
///
/// - Shape: a record of its own kind, in no tree and no count (`FORMAT.md`).
///
/// @param dugSeconds when it was dug, by the node's running time
/// @param tombstone as it was stored; borrowed
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Grave(long dugSeconds, byte[] tombstone) {
  private static final int LAYOUT = 1;

  public byte[] encode() {
    byte[] seconds = new byte[Long.BYTES];
    LittleEndian.putLong(seconds, 0, dugSeconds);
    return new CodecWriter(tombstone.length + 12).one(LAYOUT).raw(seconds).raw(tombstone).toBytes();
  }

  /// @throws EngineException for what cannot have been written so
  public static Grave decode(byte[] stored) {
    var reader = new CodecReader("a grave", stored);
    try {
      reader.version(LAYOUT);
      long seconds = LittleEndian.getLong(reader.raw(Long.BYTES), 0);
      return new Grave(seconds, reader.raw(reader.remaining()));
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }

  /// What was known of the key.
  public Versions versions() {
    try {
      return StoredVersions.decode(tombstone);
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }
}
