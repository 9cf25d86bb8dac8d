package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Checks everything of one table: each byte is under a checksum that is right, entries ascend, the
/// index and the filter know them all, the properties equal a recount.
///
/// - Threads: one. Reads only; the file stays the caller's.
public final class TableCheck {
  private final TableParts parts;
  private final Consumer<CorruptionException> problems;
  private final LongConsumer progress;
  private final BlockReader reader = new BlockReader();
  private final BlockCursor cursor = new BlockCursor();

  private byte[] lastKey = new byte[0];
  private int lastKeyLength;
  private long lastTrailer;
  private byte @Nullable [] firstKey;
  private boolean complete = true;
  private long entryCount;
  private long putCount;
  private long rawBytes;
  private long smallestSequence = Long.MAX_VALUE;
  private long largestSequence;

  private TableCheck(
      TableParts parts, Consumer<CorruptionException> problems, LongConsumer progress) {
    this.parts = parts;
    this.problems = problems;
    this.progress = progress;
  }

  /// What was found.
  ///
  /// @param blockCount data blocks
  /// @param properties null when they cannot be read
  public record Counts(
      int blockCount, long entryCount, int tombstoneCount, @Nullable TableProperties properties) {}

  /// Checks the table `tableNumber` in `file`.
  ///
  /// @param name of the file, for problems
  /// @param progress told of bytes as they are done
  public static Counts check(
      String name,
      DiskFile file,
      long tableNumber,
      Consumer<CorruptionException> problems,
      LongConsumer progress)
      throws IOException {
    TableParts parts = TableParts.read(name, file, tableNumber, problems);
    var check = new TableCheck(parts, problems, progress);
    byte[] footer = parts.footer;
    TableIndex index = parts.index;
    int blocks = 0;
    if (footer != null && index != null) {
      blocks = index.blockCount();
      check.places(footer, index);
      for (int block = 0; block < blocks; block++) {
        check.block(index, block);
      }
    }
    RangeTombstones tombstones = parts.tombstones;
    TableProperties properties = parts.properties;
    if (check.complete && index != null && tombstones != null && properties != null) {
      check.recount(tombstones, properties);
    }
    return new Counts(
        blocks, check.entryCount, tombstones == null ? 0 : tombstones.list().size(), properties);
  }

  /// Blocks stand one behind the other, so no byte is outside of all checksums.
  private void places(byte[] footer, TableIndex index) {
    long expected = 0;
    for (int block = 0; block < index.blockCount(); block++) {
      expected = place("data block", index.offset(block), expected, index.storedBytes(block));
    }
    String[] names = {"filter", "range tombstones", "properties", "index"};
    int[] positions = {
      TableLayout.FOOTER_FILTER,
      TableLayout.FOOTER_TOMBSTONES,
      TableLayout.FOOTER_PROPERTIES,
      TableLayout.FOOTER_INDEX
    };
    for (int i = 0; i < names.length; i++) {
      TableLayout.Handle handle = TableLayout.Handle.read(footer, positions[i]);
      expected = place(names[i], handle.offset(), expected, handle.storedBytes());
    }
    place("footer", parts.footerOffset(), expected, 0);
  }

  private long place(String what, long found, long expected, int storedBytes) {
    if (found != expected) {
      problem(found, what + " at offset " + expected + " expected, found at " + found);
    }
    return found + storedBytes + TableLayout.BLOCK_TRAILER_BYTES;
  }

  private void block(TableIndex index, int block) {
    long offset = index.offset(block);
    int raw = index.rawBytes(block);
    progress.accept(index.storedBytes(block) + TableLayout.BLOCK_TRAILER_BYTES);
    try {
      var bytes = new byte[raw];
      reader.read(
          parts.name, parts.file, parts.tableNumber, offset, index.storedBytes(block), raw, bytes);
      cursor.open(bytes, raw);
      entries(offset);
      byte[] last = index.lastKey(block);
      if (!Arrays.equals(lastKey, 0, lastKeyLength, last, 0, last.length)
          || lastTrailer != index.lastTrailer(block)) {
        problem(offset, "the last entry that the index names expected, found another");
      }
    } catch (CorruptionException e) {
      complete = false;
      problems.accept(e);
    } catch (IOException e) {
      complete = false;
      problem(offset, "a readable block expected, found " + e);
    } catch (RuntimeException e) {
      complete = false;
      problem(offset, "a well-formed block expected, found one that breaks off: " + e);
    }
  }

  private void entries(long offset) {
    int end = 0;
    for (cursor.first(); cursor.valid(); cursor.next()) {
      if (cursor.entryOffset() != end) {
        problem(offset, "an entry at byte " + end + " of the block expected, found none");
      }
      end = cursor.entryEnd();
      entry(offset);
    }
    if (end != cursor.restartsOffset()) {
      problem(offset, "entries up to the restart points expected, they end at byte " + end);
    }
  }

  private void entry(long offset) {
    if (firstKey == null) {
      firstKey = cursor.copyKey();
    } else if (InternalCursor.compare(
            lastKey, lastKeyLength, lastTrailer, cursor.key, cursor.keyLength, cursor.trailer)
        >= 0) {
      problem(
          offset,
          "ascending entries expected, found one at byte "
              + cursor.entryOffset()
              + " that"
              + " is not above the one before it");
    }
    entryCount++;
    if (InternalCursor.isPut(cursor.trailer)) {
      putCount++;
    }
    rawBytes += cursor.keyLength + cursor.valueLength();
    long sequence = InternalCursor.sequence(cursor.trailer);
    smallestSequence = Math.min(smallestSequence, sequence);
    largestSequence = Math.max(largestSequence, sequence);
    byte[] filter = parts.filter;
    if (filter != null
        && !BloomFilter.mayContain(filter, BloomFilter.hash(cursor.key, 0, cursor.keyLength))) {
      problem(
          offset,
          "a filter that knows every key expected, it denies the one at byte "
              + cursor.entryOffset());
    }
    if (lastKey.length < cursor.keyLength) {
      lastKey = new byte[Math.max(cursor.keyLength, lastKey.length * 2)];
    }
    System.arraycopy(cursor.key, 0, lastKey, 0, cursor.keyLength);
    lastKeyLength = cursor.keyLength;
    lastTrailer = cursor.trailer;
  }

  private void recount(RangeTombstones tombstones, TableProperties properties) {
    byte[] footer = parts.footer;
    long offset =
        footer == null
            ? 0
            : TableLayout.Handle.read(footer, TableLayout.FOOTER_PROPERTIES).offset();
    for (RangeTombstones.Tombstone tombstone : tombstones.list()) {
      smallestSequence = Math.min(smallestSequence, tombstone.sequence());
      largestSequence = Math.max(largestSequence, tombstone.sequence());
    }
    byte[] smallest = firstKey;
    byte[] end = firstKey == null ? new byte[0] : Arrays.copyOf(lastKey, lastKeyLength + 1);
    if (firstKey != null) {
      end[lastKeyLength] = 0;
    }
    if (!tombstones.isEmpty()) {
      if (smallest == null || Arrays.compareUnsigned(tombstones.smallest(), smallest) < 0) {
        smallest = tombstones.smallest();
      }
      if (Arrays.compareUnsigned(tombstones.end(), end) > 0) {
        end = tombstones.end();
      }
    }
    compare(offset, "puts", properties.putCount(), putCount);
    compare(offset, "deletions", properties.deleteCount(), entryCount - putCount);
    compare(offset, "bytes of keys and values", properties.rawBytes(), rawBytes);
    compare(offset, "smallest sequence", properties.smallestSequence(), smallestSequence);
    compare(offset, "largest sequence", properties.largestSequence(), largestSequence);
    if (smallest == null) {
      problem(offset, "an entry or a range tombstone expected, found neither");
    } else if (!Arrays.equals(properties.smallest(), smallest)) {
      problem(offset, "the smallest key of the properties expected, found another");
    }
    if (!Arrays.equals(properties.end(), end)) {
      problem(offset, "the end key of the properties expected, found another");
    }
  }

  private void compare(long offset, String what, long stored, long counted) {
    if (stored != counted) {
      problem(offset, what + ": the properties say " + stored + ", counted were " + counted);
    }
  }

  private void problem(long offset, String expectedAndFound) {
    problems.accept(new CorruptionException(parts.name, offset, expectedAndFound));
  }
}
