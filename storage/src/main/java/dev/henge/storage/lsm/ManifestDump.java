package dev.henge.storage.lsm;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.storage.lsm.inspect.Dump;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// Prints a manifest, past damage.
final class ManifestDump {
  private final byte[] bytes;
  private final Dump dump;
  private int position = Manifest.HEADER_BYTES;

  private ManifestDump(byte[] bytes, Dump dump) {
    this.bytes = bytes;
    this.dump = dump;
  }

  static void print(Disk disk, Path path, Dump dump) throws IOException {
    byte[] bytes;
    try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
      bytes = new byte[Math.toIntExact(file.size())];
      file.read(0, ByteBuffer.wrap(bytes));
    }
    dump.title("manifest, " + bytes.length + " bytes, little-endian");
    new ManifestDump(bytes, dump).print();
  }

  private void print() throws IOException {
    if (bytes.length < Manifest.HEADER_BYTES) {
      dump.field(0, bytes, 0, bytes.length, "DAMAGED: the header breaks off");
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean magic = header.getLong(0) == Manifest.MAGIC;
    dump.field(0, bytes, 0, 8, magic ? "magic" : "DAMAGED: not the magic of a manifest");
    int version = header.getInt(8);
    dump.field(
        8,
        bytes,
        8,
        4,
        "format version "
            + version
            + (version == Manifest.FORMAT_VERSION ? "" : ", which this program does not know"));
    int length = header.getInt(12);
    boolean whole = length == bytes.length - Manifest.HEADER_BYTES;
    dump.field(12, bytes, 12, 4, (whole ? "" : "DAMAGED: ") + "body of " + length + " bytes");
    dump.field(16, bytes, 16, 4, Dump.crc(header.getInt(16), Manifest.crc(bytes)));
    try {
      body();
    } catch (IndexOutOfBoundsException end) {
      dump.note(Integer.toString(position), "DAMAGED: the body breaks off");
    }
  }

  private void body() throws IOException {
    number("next file number ");
    number("flushed sequence ");
    number("oldest log segment ");
    long levels = number("levels ");
    for (long level = 0; level < levels; level++) {
      long tables = number("level " + level + ", tables ");
      for (long table = 0; table < tables; table++) {
        int from = position;
        long number = varint();
        long size = varint();
        dump.field(
            from,
            bytes,
            from,
            position - from,
            "  " + TableFile.fileName(number) + ", " + size + " bytes");
      }
    }
  }

  private long number(String meaning) throws IOException {
    int from = position;
    long value = varint();
    dump.field(from, bytes, from, position - from, meaning + value);
    return value;
  }

  private long varint() {
    long result = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = bytes[position++];
      result |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return result;
  }
}
