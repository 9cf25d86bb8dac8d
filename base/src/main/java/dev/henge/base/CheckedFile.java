package dev.henge.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/// A small file that is replaced as a whole: a header line `kind SP version SP checksum LF`, then a
/// body. The checksum is CRC32C in 8 hexadecimal digits over kind, version and body.
///
/// - Invariant: over a crash the file holds the old body or the new one.
/// - Threads: one at a time.
/// - Errors: damage is a [CorruptionException], an unknown version a [FormatException], both naming
///   the file. Once a replacement failed between rename and directory sync, nobody knows which body
///   the disk has: further writes are refused until the process starts again and reads it.
public final class CheckedFile {
  /// Ending of the name under which a file is written before it replaces the one in force.
  public static final String TEMPORARY = ".temporary";

  /// Far above what the metadata of the largest allowed cluster takes.
  public static final int BYTES_MAX = 16 << 20;

  private final Disk disk;
  private final Path path;
  private final String kind;
  private final int version;
  private final int oldestVersion;
  private boolean doubtful;

  /// @param kind first word of the header
  /// @param version what [#write] writes, and the newest that [#read] takes
  public CheckedFile(Disk disk, Path path, String kind, int version) {
    this(disk, path, kind, version, version);
  }

  /// @param oldestVersion that [#read] takes as well
  public CheckedFile(Disk disk, Path path, String kind, int version, int oldestVersion) {
    this.disk = disk;
    this.oldestVersion = oldestVersion;
    this.path = path;
    this.kind = kind;
    this.version = version;
  }

  public boolean exists() {
    return disk.exists(path);
  }

  /// The body as text.
  public String read() throws IOException {
    return new String(readBytes(), StandardCharsets.UTF_8);
  }

  /// The body.
  public byte[] readBytes() throws IOException {
    byte[] bytes = content();
    int headerBytes = 0;
    while (headerBytes < bytes.length && bytes[headerBytes] != '\n') {
      headerBytes++;
    }
    String header = new String(bytes, 0, headerBytes, StandardCharsets.ISO_8859_1);
    String[] words = header.split(" ", -1);
    if (headerBytes == bytes.length || words.length != 3 || !words[0].equals(kind)) {
      throw new CorruptionException(
          path.toString(), 0, "expected a header line '" + kind + " VERSION CRC32C'");
    }
    String expected = checksum(words[0] + " " + words[1], bytes, headerBytes + 1);
    if (!expected.equals(words[2])) {
      throw new CorruptionException(
          path.toString(), 0, "checksum " + words[2] + " stands there, " + expected + " is right");
    }
    if (!isKnown(words[1])) {
      throw new FormatException(
          path
              + " has format version "
              + words[1]
              + ", this program knows version "
              + version
              + ": use the program that wrote it, or a newer one");
    }
    return Arrays.copyOfRange(bytes, headerBytes + 1, bytes.length);
  }

  /// Replaces the body by text, durably.
  public void write(String body) throws IOException {
    writeBytes(body.getBytes(StandardCharsets.UTF_8));
  }

  /// Replaces the body, durably.
  public void writeBytes(byte[] body) throws IOException {
    writeBytes(version, body);
  }

  /// Replaces the body, durably.
  ///
  /// @param bodyVersion the oldest that can hold this body, so that older programs read it
  public void writeBytes(int bodyVersion, byte[] body) throws IOException {
    Invariant.check(
        bodyVersion >= oldestVersion && bodyVersion <= version, "a version that is read again");
    if (doubtful) {
      throw new IOException(
          path + ": an earlier replacement failed half-way; restart to see which one the disk has");
    }
    String start = kind + " " + bodyVersion;
    byte[] header =
        (start + " " + checksum(start, body, 0) + "\n").getBytes(StandardCharsets.US_ASCII);
    Path temporary = path.resolveSibling(path.getFileName() + TEMPORARY);
    if (disk.exists(temporary)) {
      disk.delete(temporary);
    }
    try (DiskFile file = disk.open(temporary, Disk.OpenMode.CREATE)) {
      file.write(0, ByteBuffer.wrap(header));
      file.write(header.length, ByteBuffer.wrap(body));
      file.sync();
    }
    doubtful = true;
    disk.rename(temporary, path);
    disk.syncDirectory(directory());
    doubtful = false;
  }

  private boolean isKnown(String written) {
    for (int known = oldestVersion; known <= version; known++) {
      if (written.equals(Integer.toString(known))) {
        return true;
      }
    }
    return false;
  }

  private Path directory() {
    Path parent = path.getParent();
    return parent == null ? Path.of(".") : parent;
  }

  private byte[] content() throws IOException {
    try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
      long size = file.size();
      if (size > BYTES_MAX) {
        throw new CorruptionException(
            path.toString(), 0, size + " bytes, where at most " + BYTES_MAX + " can be");
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) size);
      int count = file.read(0, buffer);
      if (count != size) {
        throw new CorruptionException(path.toString(), count, "the file ends before its size");
      }
      return buffer.array();
    }
  }

  /// CRC32C over kind, version and body: everything but itself.
  private static String checksum(String start, byte[] bytes, int offset) {
    var crc = new CRC32C();
    crc.update((start + "\n").getBytes(StandardCharsets.ISO_8859_1));
    crc.update(bytes, offset, bytes.length - offset);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
