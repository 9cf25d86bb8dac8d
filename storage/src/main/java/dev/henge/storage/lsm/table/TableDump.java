package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFile;
import dev.henge.base.LittleEndian;
import dev.henge.storage.lsm.inspect.Dump;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Prints one table in the order of its bytes, past damage.
public final class TableDump {
  private final TableParts parts;
  private final Dump dump;
  private final Compression.Codec codec = new Compression.Codec();
  private final BlockCursor cursor = new BlockCursor();
  private long shown;

  private TableDump(TableParts parts, Dump dump) {
    this.parts = parts;
    this.dump = dump;
  }

  /// Prints the table in `file`.
  ///
  /// @param name of the file, for damage
  /// @param tableNumber below 0 when it is not known
  public static void print(String name, DiskFile file, long tableNumber, Dump dump)
      throws IOException {
    List<CorruptionException> problems = new ArrayList<>();
    TableParts parts = TableParts.read(name, file, tableNumber, problems::add);
    new TableDump(parts, dump).print(problems);
  }

  private void print(List<CorruptionException> problems) throws IOException {
    dump.title("table " + parts.tableNumber + ", " + parts.size + " bytes, little-endian");
    byte[] footer = parts.footer;
    TableIndex index = parts.index;
    if (index != null) {
      for (int block = 0; block < index.blockCount(); block++) {
        dataBlock(index, block);
      }
    } else {
      dump.note("0", "data blocks cannot be found without the index");
    }
    if (footer != null) {
      filter(handle(footer, TableLayout.FOOTER_FILTER));
      tombstones(handle(footer, TableLayout.FOOTER_TOMBSTONES));
      properties(handle(footer, TableLayout.FOOTER_PROPERTIES));
      index(handle(footer, TableLayout.FOOTER_INDEX));
      footer(footer);
    }
    if (index != null && parts.properties != null) {
      TableProperties properties = parts.properties;
      long entryCount = properties.putCount() + properties.deleteCount();
      if (shown < entryCount) {
        dump.title(entryCount + " entries, " + shown + " of them shown");
      }
    }
    for (CorruptionException problem : problems) {
      dump.note(Long.toString(problem.offset()), "DAMAGED: " + problem.expectedAndFound());
    }
  }

  private static TableLayout.Handle handle(byte[] footer, int position) {
    return TableLayout.Handle.read(footer, position);
  }

  private void dataBlock(TableIndex index, int block) throws IOException {
    Stored stored =
        read(
            new TableLayout.Handle(
                index.offset(block), index.storedBytes(block), index.rawBytes(block)),
            "data block " + block);
    if (stored == null || stored.raw == null) {
      return;
    }
    entries(stored, this::entry);
    trailer(stored);
  }

  private void entry(Stored stored, int offset, int end) throws IOException {
    if (shown >= dump.options().entriesMax()) {
      return;
    }
    shown++;
    String kind = InternalCursor.isPut(cursor.trailer) ? "put " : "delete ";
    String value =
        InternalCursor.isPut(cursor.trailer)
            ? " = " + dump.text(cursor.valueBytes(), cursor.valueOffset(), cursor.valueLength())
            : "";
    inBlock(
        stored,
        offset,
        end - offset,
        "  "
            + InternalCursor.sequence(cursor.trailer)
            + " "
            + kind
            + dump.text(cursor.key, 0, cursor.keyLength)
            + value);
  }

  private void filter(TableLayout.Handle handle) throws IOException {
    Stored stored = read(handle, "filter");
    if (stored == null || stored.raw == null) {
      return;
    }
    byte[] raw = stored.raw;
    if (raw.length == 0) {
      dump.note("", "  none");
    } else {
      inBlock(stored, 0, raw.length - 1, "  lines of 64 bytes: " + raw.length / 64);
      inBlock(stored, raw.length - 1, 1, "  probes a key: " + raw[raw.length - 1]);
    }
    trailer(stored);
  }

  private void tombstones(TableLayout.Handle handle) throws IOException {
    Stored stored = read(handle, "range tombstones");
    if (stored == null || stored.raw == null) {
      return;
    }
    byte[] raw = stored.raw;
    var input = new TableLayout.Input(raw, 0, raw.length, parts.name, handle.offset());
    if (raw.length == 0) {
      dump.note("", "  none");
    }
    try {
      while (input.position < input.end) {
        int from = input.position;
        byte[] start = input.slice();
        byte[] end = input.slice();
        long sequence = input.varint();
        inBlock(
            stored,
            from,
            input.position - from,
            "  " + sequence + " delete range from " + dump.text(start) + " to " + dump.text(end));
      }
    } catch (CorruptionException damage) {
      dump.note("", "DAMAGED: " + damage.expectedAndFound());
    }
    trailer(stored);
  }

  private void properties(TableLayout.Handle handle) throws IOException {
    Stored stored = read(handle, "properties");
    if (stored == null || stored.raw == null) {
      return;
    }
    var input =
        new TableLayout.Input(stored.raw, 0, stored.raw.length, parts.name, handle.offset());
    String[] numbers = {
      "puts", "deletions", "bytes of keys and values", "smallest sequence", "largest sequence"
    };
    try {
      for (String what : numbers) {
        int from = input.position;
        long value = input.varint();
        inBlock(stored, from, input.position - from, "  " + what + " " + value);
      }
      for (String what : new String[] {"smallest key", "end of keys (exclusive)"}) {
        int from = input.position;
        byte[] key = input.slice();
        inBlock(stored, from, input.position - from, "  " + what + " " + dump.text(key));
      }
    } catch (CorruptionException damage) {
      dump.note("", "DAMAGED: " + damage.expectedAndFound());
    }
    trailer(stored);
  }

  private void index(TableLayout.Handle handle) throws IOException {
    Stored stored = read(handle, "index");
    if (stored == null || stored.raw == null) {
      return;
    }
    entries(stored, this::indexEntry);
    trailer(stored);
  }

  private void indexEntry(Stored stored, int offset, int end) throws IOException {
    var input =
        new TableLayout.Input(
            cursor.valueBytes(),
            cursor.valueOffset(),
            cursor.valueOffset() + cursor.valueLength(),
            parts.name,
            stored.handle.offset());
    inBlock(
        stored,
        offset,
        end - offset,
        "  block at "
            + input.varint()
            + ", stored "
            + input.varint()
            + ", raw "
            + input.varint()
            + ", ends with "
            + dump.text(cursor.key, 0, cursor.keyLength)
            + " at sequence "
            + InternalCursor.sequence(cursor.trailer));
  }

  private void footer(byte[] footer) throws IOException {
    long at = parts.footerOffset();
    dump.title("footer at " + at);
    String[] names = {"filter", "range tombstones", "properties", "index"};
    int[] positions = {
      TableLayout.FOOTER_FILTER,
      TableLayout.FOOTER_TOMBSTONES,
      TableLayout.FOOTER_PROPERTIES,
      TableLayout.FOOTER_INDEX
    };
    for (int i = 0; i < names.length; i++) {
      TableLayout.Handle handle = handle(footer, positions[i]);
      dump.field(
          at + positions[i],
          footer,
          positions[i],
          16,
          names[i]
              + " at "
              + handle.offset()
              + ", stored "
              + handle.storedBytes()
              + ", raw "
              + handle.rawBytes());
    }
    dump.field(
        at + TableLayout.FOOTER_TABLE_NUMBER,
        footer,
        TableLayout.FOOTER_TABLE_NUMBER,
        8,
        "table number " + LittleEndian.getLong(footer, TableLayout.FOOTER_TABLE_NUMBER));
    dump.field(
        at + TableLayout.FOOTER_VERSION,
        footer,
        TableLayout.FOOTER_VERSION,
        4,
        "format version " + LittleEndian.getInt(footer, TableLayout.FOOTER_VERSION));
    dump.field(
        at + TableLayout.FOOTER_CRC,
        footer,
        TableLayout.FOOTER_CRC,
        4,
        Dump.crc(LittleEndian.getInt(footer, TableLayout.FOOTER_CRC), parts.footerCrc(footer)));
    dump.field(at + TableLayout.FOOTER_MAGIC, footer, TableLayout.FOOTER_MAGIC, 8, "magic");
  }

  /// A block as it is stored.
  ///
  /// @param bytes with its trailer
  /// @param raw decompressed; null when the checksum is wrong
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(TableLayout.Handle handle, byte[] bytes, byte @Nullable [] raw) {
    int code() {
      return bytes[handle.storedBytes()];
    }
  }

  private interface EntryPrinter {
    void print(Stored stored, int offset, int end) throws IOException;
  }

  private @Nullable Stored read(TableLayout.Handle handle, String what) throws IOException {
    int count = handle.storedBytes();
    if (count < 0
        || handle.rawBytes() < 0
        || handle.offset() < 0
        || handle.offset() + count + TableLayout.BLOCK_TRAILER_BYTES > parts.footerOffset()) {
      dump.title(what + ": DAMAGED, no place for a block: " + handle);
      return null;
    }
    var bytes = new byte[count + TableLayout.BLOCK_TRAILER_BYTES];
    BlockReader.readFully(parts.name, parts.file, handle.offset(), bytes, bytes.length);
    int computed = TableLayout.blockCrc(parts.tableNumber, handle.offset(), bytes, count + 1);
    int found = LittleEndian.getInt(bytes, count + 1);
    byte[] raw = null;
    int code = bytes[count];
    if (computed == found) {
      raw = new byte[handle.rawBytes()];
      if (code != Compression.NONE.code()) {
        raw = codec.decompress(code, bytes, count, raw, raw.length) == raw.length ? raw : null;
      } else if (count == raw.length) {
        System.arraycopy(bytes, 0, raw, 0, count);
      } else {
        raw = null;
      }
    }
    dump.title(
        what
            + " at "
            + handle.offset()
            + ", stored "
            + count
            + ", raw "
            + handle.rawBytes()
            + ", "
            + compressionName(code));
    var stored = new Stored(handle, bytes, raw);
    if (raw == null) {
      dump.field(handle.offset(), bytes, 0, count, "content not decoded");
      trailer(stored);
    } else if (code != Compression.NONE.code()) {
      dump.field(handle.offset(), bytes, 0, count, "compressed content");
    }
    return stored;
  }

  private void trailer(Stored stored) throws IOException {
    long offset = stored.handle.offset();
    int count = stored.handle.storedBytes();
    int computed = TableLayout.blockCrc(parts.tableNumber, offset, stored.bytes, count + 1);
    int found = LittleEndian.getInt(stored.bytes, count + 1);
    dump.field(offset + count, stored.bytes, count, 1, compressionName(stored.code()));
    dump.field(offset + count + 1, stored.bytes, count + 1, 4, Dump.crc(found, computed));
  }

  private void entries(Stored stored, EntryPrinter printer) throws IOException {
    byte[] raw = stored.raw;
    if (raw == null) {
      return;
    }
    try {
      cursor.open(raw, raw.length);
      if (cursor.restartsOffset() > 0) {
        for (cursor.first(); cursor.valid(); cursor.next()) {
          printer.print(stored, cursor.entryOffset(), cursor.entryEnd());
        }
      }
      if (dump.options().hex()) {
        int from = cursor.restartsOffset();
        int count = cursor.restartCount();
        inBlock(stored, from, count * 4, "  restart points (bytes of the block)");
        inBlock(stored, from + count * 4, 4, "  restart points: " + count);
      }
    } catch (RuntimeException e) {
      dump.note("", "DAMAGED: entries break off: " + e);
    }
  }

  /// Bytes of the raw block: of the file too, where it is not compressed.
  private void inBlock(Stored stored, int position, int count, String meaning) throws IOException {
    if (stored.code() == Compression.NONE.code()) {
      dump.field(stored.handle.offset() + position, stored.bytes, position, count, meaning);
    } else {
      dump.note("+" + position, meaning);
    }
  }

  private static String compressionName(int code) {
    for (Compression compression : Compression.values()) {
      if (compression.code() == code) {
        return compression == Compression.NONE ? "uncompressed" : compression.name();
      }
    }
    return "DAMAGED: unknown compression " + code;
  }
}
