package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFile;
import dev.henge.base.LittleEndian;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The parts of a table file that are sound, each read on its own: for tools. [Table#open] refuses
/// a table at the first damage where this goes on.
///
/// - Threads: one. The file stays the caller's.
final class TableParts {
  final String name;
  final DiskFile file;
  final long size;

  /// The number that checksums are computed with.
  final long tableNumber;

  private final Consumer<CorruptionException> problems;

  // null where damaged
  byte @Nullable [] footer;
  byte @Nullable [] filter;
  @Nullable RangeTombstones tombstones;
  @Nullable TableProperties properties;
  @Nullable TableIndex index;

  private TableParts(
      String name,
      DiskFile file,
      long size,
      long tableNumber,
      Consumer<CorruptionException> problems) {
    this.name = name;
    this.file = file;
    this.size = size;
    this.tableNumber = tableNumber;
    this.problems = problems;
  }

  /// @param tableNumber below 0 when it is not known: the footer's is taken
  static TableParts read(
      String name, DiskFile file, long tableNumber, Consumer<CorruptionException> problems)
      throws IOException {
    long size = file.size();
    if (size < TableLayout.FOOTER_BYTES) {
      problems.accept(
          new CorruptionException(
              name,
              0,
              "a table of at least "
                  + TableLayout.FOOTER_BYTES
                  + " bytes expected, found "
                  + size));
      return new TableParts(name, file, size, tableNumber, problems);
    }
    var footer = new byte[TableLayout.FOOTER_BYTES];
    BlockReader.readFully(name, file, size - footer.length, footer, footer.length);
    long number =
        tableNumber >= 0
            ? tableNumber
            : LittleEndian.getLong(footer, TableLayout.FOOTER_TABLE_NUMBER);
    var parts = new TableParts(name, file, size, number, problems);
    parts.footer = footer;
    parts.checkFooter(footer);
    parts.readBlocks(footer);
    return parts;
  }

  long footerOffset() {
    return size - TableLayout.FOOTER_BYTES;
  }

  int footerCrc(byte[] bytes) {
    return TableLayout.blockCrc(tableNumber, footerOffset(), bytes, TableLayout.FOOTER_CRC);
  }

  private void checkFooter(byte[] bytes) {
    long magic = LittleEndian.getLong(bytes, TableLayout.FOOTER_MAGIC);
    if (magic != TableLayout.MAGIC) {
      problem(
          footerOffset() + TableLayout.FOOTER_MAGIC,
          "table magic expected, found " + Long.toHexString(magic));
    }
    int stored = LittleEndian.getInt(bytes, TableLayout.FOOTER_CRC);
    if (footerCrc(bytes) != stored) {
      problem(
          footerOffset(),
          String.format(
              "CRC32C %08x expected, found %08x in the footer", stored, footerCrc(bytes)));
      return;
    }
    int version = LittleEndian.getInt(bytes, TableLayout.FOOTER_VERSION);
    if (version != TableLayout.FORMAT_VERSION) {
      problem(
          footerOffset() + TableLayout.FOOTER_VERSION,
          "format version " + TableLayout.FORMAT_VERSION + " expected, found the newer " + version);
    }
    long number = LittleEndian.getLong(bytes, TableLayout.FOOTER_TABLE_NUMBER);
    if (number != tableNumber) {
      problem(
          footerOffset() + TableLayout.FOOTER_TABLE_NUMBER,
          "table number " + tableNumber + " expected, found " + number);
    }
  }

  private void readBlocks(byte[] bytes) throws IOException {
    filter = block(bytes, TableLayout.FOOTER_FILTER);
    byte[] tombstoneBlock = block(bytes, TableLayout.FOOTER_TOMBSTONES);
    byte[] propertyBlock = block(bytes, TableLayout.FOOTER_PROPERTIES);
    byte[] indexBlock = block(bytes, TableLayout.FOOTER_INDEX);
    try {
      if (tombstoneBlock != null) {
        tombstones = Table.readTombstones(name, tombstoneBlock);
      }
    } catch (CorruptionException e) {
      problems.accept(e);
    }
    try {
      if (propertyBlock != null) {
        properties =
            TableProperties.read(
                new TableLayout.Input(
                    propertyBlock,
                    0,
                    propertyBlock.length,
                    name,
                    TableLayout.Handle.read(bytes, TableLayout.FOOTER_PROPERTIES).offset()));
      }
    } catch (CorruptionException e) {
      problems.accept(e);
    }
    if (indexBlock != null) {
      long offset = TableLayout.Handle.read(bytes, TableLayout.FOOTER_INDEX).offset();
      try {
        index = TableIndex.decode(indexBlock, indexBlock.length, name, offset);
      } catch (CorruptionException e) {
        problems.accept(e);
      } catch (RuntimeException e) {
        problem(offset, "a well-formed index block expected, found one that breaks off: " + e);
      }
    }
  }

  private byte @Nullable [] block(byte[] bytes, int position) throws IOException {
    try {
      return Table.readWhole(name, file, tableNumber, bytes, position, footerOffset());
    } catch (CorruptionException e) {
      problems.accept(e);
      return null;
    }
  }

  private void problem(long offset, String expectedAndFound) {
    problems.accept(new CorruptionException(name, offset, expectedAndFound));
  }
}
