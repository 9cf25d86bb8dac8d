package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFile;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import dev.henge.storage.Access;
import dev.henge.storage.EngineException;
import dev.henge.storage.NotInMemoryException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One open table. Index, filter and range tombstones are in memory; data blocks come through the
/// cache.
///
/// - Invariant: no block is used before its checksum was found right.
/// - Threads: any. Lifetime: owns its file from [#open] to [#close].
public final class Table implements AutoCloseable {
  private final String name;
  private final DiskFile file;
  private final long tableNumber;
  private final BlockCache cache;
  private final long cacheOwner;
  private final TableIndex index;
  private final byte[] filter;
  private final RangeTombstones tombstones;
  private final TableProperties properties;

  private Table(
      String name,
      DiskFile file,
      long tableNumber,
      BlockCache cache,
      TableIndex index,
      byte[] filter,
      RangeTombstones tombstones,
      TableProperties properties) {
    this.name = name;
    this.file = file;
    this.tableNumber = tableNumber;
    this.cache = cache;
    this.cacheOwner = cache.newOwner();
    this.index = index;
    this.filter = filter;
    this.tombstones = tombstones;
    this.properties = properties;
  }

  /// Opens a table; on failure the file is left to the caller.
  ///
  /// @param name of the file, for errors
  /// @throws CorruptionException when it is damaged
  /// @throws FormatException when it is of a newer version
  public static Table open(String name, DiskFile file, long tableNumber, BlockCache cache)
      throws IOException {
    long size = file.size();
    if (size < TableLayout.FOOTER_BYTES) {
      throw new CorruptionException(
          name,
          0,
          "a table of at least " + TableLayout.FOOTER_BYTES + " bytes expected, found " + size);
    }
    long footerOffset = size - TableLayout.FOOTER_BYTES;
    var footer = new byte[TableLayout.FOOTER_BYTES];
    BlockReader.readFully(name, file, footerOffset, footer, footer.length);
    long magic = LittleEndian.getLong(footer, TableLayout.FOOTER_MAGIC);
    if (magic != TableLayout.MAGIC) {
      throw new CorruptionException(
          name,
          footerOffset + TableLayout.FOOTER_MAGIC,
          "table magic expected, found " + Long.toHexString(magic));
    }
    int crc = TableLayout.blockCrc(tableNumber, footerOffset, footer, TableLayout.FOOTER_CRC);
    int storedCrc = LittleEndian.getInt(footer, TableLayout.FOOTER_CRC);
    if (crc != storedCrc) {
      throw new CorruptionException(
          name, footerOffset, BlockReader.crcText(crc, storedCrc) + " in the footer");
    }
    int version = LittleEndian.getInt(footer, TableLayout.FOOTER_VERSION);
    if (version != TableLayout.FORMAT_VERSION) {
      throw new FormatException(
          name
              + " is a table of format version "
              + version
              + "; this program knows version "
              + TableLayout.FORMAT_VERSION
              + ": open it with the newer Henge that wrote it");
    }
    byte[] filter =
        readWhole(name, file, tableNumber, footer, TableLayout.FOOTER_FILTER, footerOffset);
    byte[] tombstoneBlock =
        readWhole(name, file, tableNumber, footer, TableLayout.FOOTER_TOMBSTONES, footerOffset);
    byte[] propertyBlock =
        readWhole(name, file, tableNumber, footer, TableLayout.FOOTER_PROPERTIES, footerOffset);
    byte[] indexBlock =
        readWhole(name, file, tableNumber, footer, TableLayout.FOOTER_INDEX, footerOffset);
    long indexOffset = TableLayout.Handle.read(footer, TableLayout.FOOTER_INDEX).offset();
    TableIndex index = TableIndex.decode(indexBlock, indexBlock.length, name, indexOffset);
    var properties =
        TableProperties.read(
            new TableLayout.Input(propertyBlock, 0, propertyBlock.length, name, footerOffset));
    return new Table(
        name,
        file,
        tableNumber,
        cache,
        index,
        filter,
        readTombstones(name, tombstoneBlock),
        properties);
  }

  public TableProperties properties() {
    return properties;
  }

  public RangeTombstones tombstones() {
    return tombstones;
  }

  /// What [#mayContain] wants: the hash of a key, computed once for all tables.
  public static long hash(byte[] key) {
    return BloomFilter.hash(key, 0, key.length);
  }

  /// The hash of the key in `length` bytes from `offset` on.
  public static long hash(byte[] bytes, int offset, int length) {
    return BloomFilter.hash(bytes, offset, length);
  }

  /// Whether the filter lets a key of this hash through.
  public boolean mayContain(long hash) {
    return BloomFilter.mayContain(filter, hash);
  }

  /// Puts `cursor` on the first entry at or after (`key`, `trailer`) in the one block where `key`
  /// can begin, and returns the pinned frame, which the caller releases; null (cursor invalid) when
  /// the table has no such entry.
  ///
  /// With [Access#MEMORY] a block outside the cache is still read when the system has it in memory:
  /// that costs less than handing one read to another thread.
  ///
  /// @throws NotInMemoryException when the block is not in memory and `access` forbids the disk
  BlockCache.@Nullable Frame find(byte[] key, long trailer, Access access, BlockCursor cursor) {
    int block = index.find(key, key.length, trailer);
    if (block == index.blockCount()) {
      cursor.valid = false;
      return null;
    }
    BlockCache.Frame frame = block(block, access, true);
    cursor.open(frame.bytes, frame.length);
    cursor.seek(key, key.length, trailer);
    return frame;
  }

  /// The share of the blocks, from 0 to 1, that can hold keys of `[start, end)`.
  public double blockShare(byte[] start, byte[] end) {
    int count = index.blockCount();
    if (count == 0) {
      return 0;
    }
    int first = index.find(start, start.length, InternalCursor.TRAILER_MAX);
    int last = index.find(end, end.length, InternalCursor.TRAILER_MAX);
    return (Math.min(last + 1, count) - first) / (double) count;
  }

  /// A cursor over all entries. Range tombstones are not applied.
  public InternalCursor cursor(Access access) {
    return new TableCursor(this, access);
  }

  /// A cursor for one pass from front to back that keeps its blocks out of the cache.
  public InternalCursor scanOnce() {
    return new TableCursor(this, null);
  }

  /// Reads every block and checks it.
  ///
  /// @throws CorruptionException at the first damage
  public void verify() throws IOException {
    byte[] raw = new byte[0];
    for (int block = 0; block < index.blockCount(); block++) {
      if (raw.length < index.rawBytes(block)) {
        raw = new byte[index.rawBytes(block)];
      }
      readBlock(block, raw);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  TableIndex index() {
    return index;
  }

  /// The block, pinned. Without [Access#DISK] only from the cache: a cursor can come to need any
  /// number of blocks, too many for a thread that must not be held up.
  BlockCache.Frame block(int block, Access access) {
    return block(block, access, false);
  }

  private BlockCache.Frame block(int block, Access access, boolean residentToo) {
    long key = BlockCache.keyOf(cacheOwner, block);
    BlockCache.Frame frame = cache.acquire(key);
    if (frame != null) {
      return frame;
    }
    if (access == Access.CACHE
        || (access == Access.MEMORY && !(residentToo && isResident(block)))) {
      throw NotInMemoryException.INSTANCE;
    }
    frame = cache.allocate(key, index.rawBytes(block));
    boolean filled = false;
    try {
      readBlock(block, frame.bytes);
      filled = true;
    } catch (IOException e) {
      throw new EngineException(e);
    } finally {
      if (!filled) {
        frame.release();
      }
    }
    return cache.publish(frame);
  }

  private boolean isResident(int block) {
    return file.isResident(
        index.offset(block), index.storedBytes(block) + TableLayout.BLOCK_TRAILER_BYTES);
  }

  /// Fills `target` with the decompressed block.
  void readBlock(int block, byte[] target) throws IOException {
    BlockReader reader = cache.takeReader();
    try {
      reader.read(
          name,
          file,
          tableNumber,
          index.offset(block),
          index.storedBytes(block),
          index.rawBytes(block),
          target);
    } finally {
      cache.giveBack(reader);
    }
  }

  static byte[] readWhole(
      String name, DiskFile file, long tableNumber, byte[] footer, int position, long footerOffset)
      throws IOException {
    TableLayout.Handle handle = TableLayout.Handle.read(footer, position);
    if (handle.offset() < 0
        || handle.storedBytes() < 0
        || handle.rawBytes() < 0
        || handle.offset() + handle.storedBytes() > footerOffset) {
      throw new CorruptionException(
          name, footerOffset + position, "a block handle, found " + handle);
    }
    var raw = new byte[handle.rawBytes()];
    new BlockReader()
        .read(
            name, file, tableNumber, handle.offset(), handle.storedBytes(), handle.rawBytes(), raw);
    return raw;
  }

  static RangeTombstones readTombstones(String name, byte[] block) throws CorruptionException {
    List<RangeTombstones.Tombstone> list = new ArrayList<>();
    var input = new TableLayout.Input(block, 0, block.length, name, 0);
    while (input.position < input.end) {
      list.add(new RangeTombstones.Tombstone(input.slice(), input.slice(), input.varint()));
    }
    return RangeTombstones.of(list);
  }
}
