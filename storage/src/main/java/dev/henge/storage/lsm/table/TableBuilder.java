package dev.henge.storage.lsm.table;

import dev.henge.base.DiskFile;
import dev.henge.base.Invariant;
import dev.henge.base.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Writes one table from entries that come in order.
///
/// - Shape: data blocks as they fill, then filter, range tombstones, properties, index, footer
///   (FORMAT.md).
/// - Threads: one. Lifetime: the caller opened the file and closes it; [#finish] syncs it.
/// - Errors: after an [IOException] the file is to be deleted.
public final class TableBuilder {
  private static final int WRITE_BYTES = 256 << 10;

  private final DiskFile file;
  private final long tableNumber;
  private final TableOptions options;
  private final Compression compression;
  private final BlockBuilder block;
  private final BlockBuilder index;
  private final ByteSink handle = new ByteSink(32);
  private final Compression.Codec codec = new Compression.Codec();
  private final ByteBuffer out = ByteBuffer.allocateDirect(WRITE_BYTES);
  private byte[] compressed = new byte[0];
  private long[] hashes = new long[1024];
  private int hashCount;
  private long written;
  private long flushed;

  private byte[] lastKey = new byte[64];
  private int lastKeyLength;
  private long lastTrailer;
  private boolean any;
  private byte[] firstKey = new byte[0];
  private long putCount;
  private long deleteCount;
  private long rawBytes;
  private long smallestSequence = Long.MAX_VALUE;
  private long largestSequence;

  /// Sizes and rates of a table.
  ///
  /// @param blockBytes data block size before compression
  /// @param restartInterval entries between whole keys
  /// @param bloomBitsPerKey 0 for no filter
  public record TableOptions(int blockBytes, int restartInterval, int bloomBitsPerKey) {}

  public TableBuilder(
      DiskFile file, long tableNumber, TableOptions options, Compression compression) {
    this.file = file;
    this.tableNumber = tableNumber;
    this.options = options;
    this.compression = compression;
    this.block = new BlockBuilder(options.blockBytes(), options.restartInterval());
    this.index = new BlockBuilder(options.blockBytes(), 1);
  }

  /// Adds an entry after all before it.
  public void add(
      byte[] key, int keyLength, long trailer, byte[] value, int valueOffset, int valueLength)
      throws IOException {
    boolean newKey = !any || !Arrays.equals(lastKey, 0, lastKeyLength, key, 0, keyLength);
    if (any) {
      Invariant.check(
          InternalCursor.compare(lastKey, lastKeyLength, lastTrailer, key, keyLength, trailer) < 0,
          "a table's entries ascend");
    } else {
      any = true;
      firstKey = Arrays.copyOf(key, keyLength);
    }
    if (newKey && options.bloomBitsPerKey() > 0) {
      if (hashCount == hashes.length) {
        hashes = Arrays.copyOf(hashes, hashCount * 2);
      }
      hashes[hashCount++] = BloomFilter.hash(key, 0, keyLength);
    }
    block.add(key, keyLength, trailer, value, valueOffset, valueLength);
    if (lastKey.length < keyLength) {
      lastKey = new byte[Math.max(keyLength, lastKey.length * 2)];
    }
    System.arraycopy(key, 0, lastKey, 0, keyLength);
    lastKeyLength = keyLength;
    lastTrailer = trailer;
    if (InternalCursor.isPut(trailer)) {
      putCount++;
    } else {
      deleteCount++;
    }
    rawBytes += keyLength + valueLength;
    note(InternalCursor.sequence(trailer));
    if (block.byteCount() >= options.blockBytes()) {
      finishDataBlock();
    }
  }

  /// Bytes of the file so far, without the block in the making.
  public long byteCount() {
    return written;
  }

  public boolean isEmpty() {
    return !any;
  }

  /// Writes what is left and syncs the file. There must be an entry or a range tombstone.
  ///
  /// @param tombstones the range deletions of this table
  /// @return what the table says of itself
  public TableProperties finish(RangeTombstones tombstones) throws IOException {
    Invariant.check(any || !tombstones.isEmpty(), "a table holds something");
    if (!block.isEmpty()) {
      finishDataBlock();
    }
    byte[] smallest = firstKey;
    byte[] end = any ? Arrays.copyOf(lastKey, lastKeyLength + 1) : new byte[0];
    if (any) {
      end[lastKeyLength] = 0;
    }
    if (!tombstones.isEmpty()) {
      if (!any || Arrays.compareUnsigned(tombstones.smallest(), smallest) < 0) {
        smallest = tombstones.smallest();
      }
      if (Arrays.compareUnsigned(tombstones.end(), end) > 0) {
        end = tombstones.end();
      }
    }
    var sink = new ByteSink(1024);
    for (RangeTombstones.Tombstone tombstone : tombstones.list()) {
      sink.slice(tombstone.start());
      sink.slice(tombstone.end());
      sink.varint(tombstone.sequence());
      note(tombstone.sequence());
    }
    byte[] filter = BloomFilter.build(hashes, hashCount, options.bloomBitsPerKey());
    var footer = new byte[TableLayout.FOOTER_BYTES];
    writeBlock(filter, filter.length, Compression.NONE).write(footer, TableLayout.FOOTER_FILTER);
    writeBlock(sink.array(), sink.length(), Compression.NONE)
        .write(footer, TableLayout.FOOTER_TOMBSTONES);
    var properties =
        new TableProperties(
            putCount, deleteCount, rawBytes, smallestSequence, largestSequence, smallest, end);
    sink.clear();
    properties.write(sink);
    writeBlock(sink.array(), sink.length(), Compression.NONE)
        .write(footer, TableLayout.FOOTER_PROPERTIES);
    ByteSink indexBlock = index.finish();
    writeBlock(indexBlock.array(), indexBlock.length(), compression)
        .write(footer, TableLayout.FOOTER_INDEX);
    LittleEndian.putLong(footer, TableLayout.FOOTER_TABLE_NUMBER, tableNumber);
    LittleEndian.putInt(footer, TableLayout.FOOTER_VERSION, TableLayout.FORMAT_VERSION);
    LittleEndian.putInt(
        footer,
        TableLayout.FOOTER_CRC,
        TableLayout.blockCrc(tableNumber, written, footer, TableLayout.FOOTER_CRC));
    LittleEndian.putLong(footer, TableLayout.FOOTER_MAGIC, TableLayout.MAGIC);
    emit(footer, footer.length);
    flushOut();
    file.sync();
    return properties;
  }

  private void note(long sequence) {
    smallestSequence = Math.min(smallestSequence, sequence);
    largestSequence = Math.max(largestSequence, sequence);
  }

  private void finishDataBlock() throws IOException {
    ByteSink raw = block.finish();
    TableLayout.Handle place = writeBlock(raw.array(), raw.length(), compression);
    handle.clear();
    handle.varint(place.offset());
    handle.varint(place.storedBytes());
    handle.varint(place.rawBytes());
    index.add(lastKey, lastKeyLength, lastTrailer, handle.array(), 0, handle.length());
    block.reset();
  }

  /// Appends a block and its trailer; compressed only where that saves an eighth.
  private TableLayout.Handle writeBlock(byte[] raw, int rawLength, Compression wanted)
      throws IOException {
    byte[] stored = raw;
    int storedLength = rawLength;
    byte code = Compression.NONE.code();
    if (wanted != Compression.NONE && rawLength > 0) {
      int most = codec.maxCompressedBytes(wanted, rawLength);
      if (compressed.length < most + 1) {
        compressed = new byte[most + 1];
      }
      int length = codec.compress(wanted, raw, rawLength, compressed);
      if (length < rawLength - rawLength / 8) {
        stored = compressed;
        storedLength = length;
        code = wanted.code();
      }
    }
    if (stored.length < storedLength + 1) {
      stored = Arrays.copyOf(stored, storedLength + 1);
    }
    long offset = written;
    byte replaced = stored[storedLength];
    stored[storedLength] = code;
    int crc = TableLayout.blockCrc(tableNumber, offset, stored, storedLength + 1);
    emit(stored, storedLength + 1);
    stored[storedLength] = replaced;
    var tail = new byte[4];
    LittleEndian.putInt(tail, 0, crc);
    emit(tail, 4);
    return new TableLayout.Handle(offset, storedLength, rawLength);
  }

  private void emit(byte[] bytes, int length) throws IOException {
    int position = 0;
    while (position < length) {
      if (!out.hasRemaining()) {
        flushOut();
      }
      int count = Math.min(out.remaining(), length - position);
      out.put(bytes, position, count);
      position += count;
    }
    written += length;
  }

  private void flushOut() throws IOException {
    out.flip();
    int count = out.remaining();
    file.write(flushed, out);
    flushed += count;
    out.clear();
  }
}
