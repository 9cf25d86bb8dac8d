package dev.henge.storage.lsm;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.FormatException;
import dev.henge.storage.lsm.table.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// What an engine directory holds: the tables of each level and where the log begins.
///
/// Written whole each time (to a temporary file, synced, renamed, directory synced) rather than as
/// a log of edits: it then has no tail that could be torn, so every damage to it is known to be
/// damage. A thousand tables cost 10 KB a change.
///
/// - Shape: `MANIFEST`, see `FORMAT.md` in this package.
///
/// @param nextFileNumber above the number of every table ever written
/// @param flushedSequence everything up to it is in tables
/// @param oldestLogNumber the log segment where recovery begins
/// @param levels numbers and sizes of the tables of each level
public record Manifest(
    long nextFileNumber, long flushedSequence, long oldestLogNumber, List<List<Entry>> levels) {

  /// "HENGEMAN" as bytes, read little-endian.
  static final long MAGIC = 0x4e414d45474e4548L;

  /// Version 1: as in FORMAT.md. An older program refuses a higher one by name.
  static final int FORMAT_VERSION = 1;

  /// Magic (8), version (4), body length (4), CRC32C of version, length and body (4).
  static final int HEADER_BYTES = 20;

  public static final String FILE_NAME = "MANIFEST";
  private static final String TEMPORARY = "MANIFEST.tmp";

  /// A table: the number that names its file, and its size.
  public record Entry(long number, long byteCount) {}

  /// The manifest in `directory`.
  ///
  /// @throws CorruptionException when it is damaged
  /// @throws FormatException when it is of a newer version
  public static Manifest read(Disk disk, Path directory) throws IOException {
    Path path = directory.resolve(FILE_NAME);
    byte[] bytes;
    try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
      bytes = new byte[Math.toIntExact(file.size())];
      file.read(0, ByteBuffer.wrap(bytes));
    }
    String name = path.toString();
    if (bytes.length < HEADER_BYTES) {
      throw new CorruptionException(
          name, 0, HEADER_BYTES + " bytes expected, found " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (buffer.getLong(0) != MAGIC) {
      throw new CorruptionException(
          name, 0, "manifest magic expected, found " + Long.toHexString(buffer.getLong(0)));
    }
    int version = buffer.getInt(8);
    int length = buffer.getInt(12);
    int expected = buffer.getInt(16);
    if (length != bytes.length - HEADER_BYTES) {
      throw new CorruptionException(
          name, 12, (bytes.length - HEADER_BYTES) + " bytes of body are there, found " + length);
    }
    int computed = crc(bytes);
    if (computed != expected) {
      throw new CorruptionException(
          name, 16, String.format("CRC32C %08x expected, found %08x", expected, computed));
    }
    if (version != FORMAT_VERSION) {
      throw new FormatException(
          name
              + " is a manifest of format version "
              + version
              + "; this program knows version "
              + FORMAT_VERSION
              + ": open the directory with the newer Henge that wrote it");
    }
    return decode(buffer);
  }

  /// Makes this manifest the one of `directory`, durably.
  ///
  /// @throws UnknownException when it may have been replaced, but not surely for good
  /// @throws IOException otherwise: the old one is in force
  void write(Disk disk, Path directory) throws IOException {
    byte[] bytes = encode();
    Path temporary = directory.resolve(TEMPORARY);
    if (disk.exists(temporary)) {
      disk.delete(temporary);
    }
    try (DiskFile file = disk.open(temporary, Disk.OpenMode.CREATE)) {
      file.write(0, ByteBuffer.wrap(bytes));
      file.sync();
    }
    // The tables named here must be found under their names before the manifest is.
    disk.syncDirectory(directory);
    try {
      disk.rename(temporary, directory.resolve(FILE_NAME));
      disk.syncDirectory(directory);
    } catch (IOException e) {
      throw new UnknownException(e);
    }
  }

  /// Whether the new manifest or the old one is in force is unknown until the directory is opened
  /// again: files of neither may be deleted, and nothing more may be built on it.
  static final class UnknownException extends IOException {
    UnknownException(IOException cause) {
      super("the manifest may or may not have been replaced: " + cause.getMessage(), cause);
    }
  }

  byte[] encode() {
    var body = new ByteSink(1024);
    body.varint(nextFileNumber);
    body.varint(flushedSequence);
    body.varint(oldestLogNumber);
    body.varint(levels.size());
    for (List<Entry> level : levels) {
      body.varint(level.size());
      for (Entry entry : level) {
        body.varint(entry.number);
        body.varint(entry.byteCount);
      }
    }
    ByteBuffer buffer =
        ByteBuffer.allocate(HEADER_BYTES + body.length()).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(MAGIC).putInt(FORMAT_VERSION).putInt(body.length()).putInt(0);
    buffer.put(body.array(), 0, body.length());
    buffer.putInt(16, crc(buffer.array()));
    return buffer.array();
  }

  private static Manifest decode(ByteBuffer buffer) {
    buffer.position(HEADER_BYTES);
    long next = varint(buffer);
    long flushed = varint(buffer);
    long oldestLog = varint(buffer);
    var levels = new ArrayList<List<Entry>>();
    for (long level = varint(buffer); level > 0; level--) {
      var entries = new ArrayList<Entry>();
      for (long count = varint(buffer); count > 0; count--) {
        entries.add(new Entry(varint(buffer), varint(buffer)));
      }
      levels.add(entries);
    }
    return new Manifest(next, flushed, oldestLog, levels);
  }

  private static long varint(ByteBuffer buffer) {
    long result = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = buffer.get();
      result |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return result;
      }
    }
  }

  static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes, 8, 8);
    crc.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
    return (int) crc.getValue();
  }
}
