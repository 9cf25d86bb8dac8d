package dev.henge.storage.lsm;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.storage.EngineException;
import dev.henge.storage.lsm.table.BlockCache;
import dev.henge.storage.lsm.table.Compression;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import dev.henge.storage.lsm.table.TableBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Writes a merge into new tables, cutting between keys where a table is full.
///
/// Range tombstones are cut at the same keys, so that the tables of a level do not overlap.
///
/// - Errors: on failure every file that was begun is deleted.
final class TableWriter {
  private final Disk disk;
  private final Path directory;
  private final LongSupplier numbers;
  private final BlockCache cache;
  private final TableBuilder.TableOptions shape;
  private final LongConsumer written;

  /// @param numbers gives file numbers
  /// @param written told of bytes as tables are finished; may block to pace the writer
  TableWriter(
      Disk disk,
      Path directory,
      LongSupplier numbers,
      BlockCache cache,
      LsmOptions options,
      LongConsumer written) {
    this.disk = disk;
    this.directory = directory;
    this.numbers = numbers;
    this.cache = cache;
    this.shape =
        new TableBuilder.TableOptions(
            options.blockBytes(), options.restartInterval(), options.bloomBitsPerKey());
    this.written = written;
  }

  /// Writes what `filter` keeps of `source`.
  ///
  /// @param tombstones range deletions to write along
  /// @param tableBytes where to cut; [Long#MAX_VALUE] for one table
  /// @return the tables, opened, in key order; none when nothing was kept
  List<TableFile> write(
      InternalCursor source,
      EntryFilter filter,
      RangeTombstones tombstones,
      Compression compression,
      long tableBytes)
      throws IOException {
    var made = new ArrayList<TableFile>();
    boolean complete = false;
    try {
      byte[] lower = null;
      source.first();
      boolean more = true;
      while (more) {
        long number = numbers.getAsLong();
        Path path = directory.resolve(TableFile.fileName(number));
        byte[] upper;
        boolean any;
        try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
          var builder = new TableBuilder(file, number, shape, compression);
          upper = fill(builder, source, filter, tableBytes);
          RangeTombstones part = tombstones.clip(lower, upper);
          any = !builder.isEmpty() || !part.isEmpty();
          if (any) {
            builder.finish(part);
          }
        } catch (IOException | RuntimeException e) {
          disk.delete(path);
          throw e;
        }
        if (any) {
          made.add(TableFile.open(disk, directory, number, cache));
        } else {
          disk.delete(path);
        }
        more = upper != null;
        lower = upper;
      }
      complete = true;
      return made;
    } catch (EngineException e) {
      throw e.getCause() == null ? new IOException(e) : e.getCause();
    } finally {
      if (!complete) {
        for (TableFile file : made) {
          file.markObsolete();
          file.retain();
          file.release();
        }
      }
    }
  }

  /// Adds entries until the table is full and the key changes.
  ///
  /// @return the key where the next table begins; null at the end of the source
  private byte @Nullable [] fill(
      TableBuilder builder, InternalCursor source, EntryFilter filter, long tableBytes)
      throws IOException {
    long told = 0;
    for (; source.valid(); source.next()) {
      EntryFilter.Verdict verdict = filter.judge(source);
      if (verdict == EntryFilter.Verdict.DROP) {
        continue;
      }
      if (builder.byteCount() >= tableBytes) {
        // Only one version of a key is ever kept, so every kept entry begins a new key.
        filter.forget();
        return Arrays.copyOf(source.key, source.keyLength);
      }
      if (verdict == EntryFilter.Verdict.KEEP) {
        builder.add(
            source.key,
            source.keyLength,
            source.trailer,
            source.valueBytes(),
            source.valueOffset(),
            source.valueLength());
      } else {
        long deletion = InternalCursor.trailer(InternalCursor.sequence(source.trailer), 0);
        builder.add(source.key, source.keyLength, deletion, new byte[0], 0, 0);
      }
      if (builder.byteCount() - told > 1 << 20) {
        written.accept(builder.byteCount() - told);
        told = builder.byteCount();
      }
    }
    written.accept(builder.byteCount() - told);
    return null;
  }
}
