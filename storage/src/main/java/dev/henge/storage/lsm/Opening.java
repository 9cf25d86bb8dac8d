package dev.henge.storage.lsm;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.storage.lsm.log.CommitLog;
import dev.henge.storage.lsm.log.LogRecovery;
import dev.henge.storage.lsm.memtable.Memtable;
import dev.henge.storage.lsm.memtable.MemtableMemory;
import dev.henge.storage.lsm.table.BlockCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Brings an engine directory back to life: lock, manifest, tables, log, in this order.
///
/// What the manifest does not name is left over from a crash and deleted; what it names and is not
/// there, or not as it says, is damage and refused.
///
/// - Lifetime: everything here goes to the engine; on failure it is closed again.
final class Opening {
  private static final String LOCK = "LOCK";
  private static final String LOG_DIRECTORY = "wal";

  final Path directory;
  final AutoCloseable directoryLock;
  final CommitLog log;
  final ViewHolder views;
  final Memtable active;
  final long lastSequence;

  private Opening(
      Path directory,
      AutoCloseable directoryLock,
      LsmOptions options,
      Disk disk,
      BlockCache cache,
      MemtableMemory memory)
      throws IOException {
    this.directory = directory;
    this.directoryLock = directoryLock;
    Path logDirectory = logDirectory(directory);
    boolean fresh = !disk.exists(directory.resolve(Manifest.FILE_NAME));
    Manifest manifest;
    if (fresh) {
      refuseRemains(disk, directory, logDirectory);
      clear(disk, logDirectory);
      manifest = new Manifest(1, 0, 1, List.of());
    } else {
      manifest = Manifest.read(disk, directory);
    }
    LsmVersion version = openTables(disk, directory, manifest, cache);
    version.retainAll();
    boolean complete = false;
    CommitLog opened = null;
    var replay = new Replay(memory, manifest.flushedSequence(), options.memtableBytes());
    try {
      deleteOrphans(disk, directory, manifest);
      if (fresh) {
        opened = new CommitLog(disk, logDirectory, 1, options.logSegmentBytes());
        manifest.write(disk, directory);
      } else {
        opened =
            LogRecovery.replay(disk, logDirectory, manifest.oldestLogNumber(), replay)
                .open(options.logSegmentBytes());
      }
      log = opened;
      lastSequence = replay.lastSequence;
      // What was replayed goes to a table soon, so that the next recovery begins with an empty log.
      if (!replay.memtables.getFirst().isEmpty()) {
        replay.memtables.addFirst(new Memtable(memory));
      }
      active = replay.memtables.getFirst();
      var view = new ReadView(replay.memtables.toArray(new Memtable[0]), version);
      views = new ViewHolder(disk, directory, manifest, view);
      complete = true;
    } finally {
      version.releaseAll();
      replay.memtables.forEach(Memtable::release);
      if (!complete && opened != null) {
        opened.close();
      }
    }
  }

  static Opening recover(
      Path directory, LsmOptions options, Disk disk, BlockCache cache, MemtableMemory memory)
      throws IOException {
    disk.createDirectories(logDirectory(directory));
    AutoCloseable lock = disk.lock(directory.resolve(LOCK));
    boolean complete = false;
    try {
      syncParents(disk, directory);
      var opening = new Opening(directory, lock, options, disk, cache, memory);
      complete = true;
      return opening;
    } finally {
      if (!complete) {
        close(lock);
      }
    }
  }

  /// Turns a directory of linked tables into one that opens.
  static void writeCheckpoint(Disk disk, Path directory, Manifest manifest) throws IOException {
    Path logDirectory = logDirectory(directory);
    disk.createDirectories(logDirectory);
    new CommitLog(disk, logDirectory, manifest.oldestLogNumber(), 4096).close();
    manifest.write(disk, directory);
    syncParents(disk, directory);
  }

  static Path logDirectory(Path directory) {
    return directory.resolve(LOG_DIRECTORY);
  }

  private static void syncParents(Disk disk, Path directory) throws IOException {
    disk.syncDirectory(directory);
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      disk.syncDirectory(parent);
    }
  }

  /// Without a manifest nothing may have been promised yet.
  private static void refuseRemains(Disk disk, Path directory, Path logDirectory)
      throws IOException {
    boolean tables =
        disk.list(directory).stream().anyMatch(name -> name.endsWith(TableFile.SUFFIX));
    if (tables || LogRecovery.holdsOperations(disk, logDirectory)) {
      throw new CorruptionException(
          directory.resolve(Manifest.FILE_NAME).toString(),
          0,
          "a manifest expected beside tables or a log with data, found no file");
    }
  }

  private static void clear(Disk disk, Path logDirectory) throws IOException {
    for (String name : disk.list(logDirectory)) {
      disk.delete(logDirectory.resolve(name));
    }
  }

  private static LsmVersion openTables(
      Disk disk, Path directory, Manifest manifest, BlockCache cache) throws IOException {
    var levels = new ArrayList<List<TableFile>>();
    for (int level = 0; level < LsmOptions.LEVELS; level++) {
      levels.add(new ArrayList<>());
    }
    boolean complete = false;
    try {
      for (int level = 0; level < manifest.levels().size(); level++) {
        for (Manifest.Entry entry : manifest.levels().get(level)) {
          levels.get(level).add(openTable(disk, directory, entry, cache));
        }
      }
      complete = true;
      return new LsmVersion(levels);
    } finally {
      if (!complete) {
        new LsmVersion(levels).retainAll();
        new LsmVersion(levels).releaseAll();
      }
    }
  }

  private static TableFile openTable(
      Disk disk, Path directory, Manifest.Entry entry, BlockCache cache) throws IOException {
    Path path = directory.resolve(TableFile.fileName(entry.number()));
    if (!disk.exists(path)) {
      throw new CorruptionException(
          path.toString(), 0, "a table named by the manifest expected, found no file");
    }
    long size = disk.size(path);
    if (size != entry.byteCount()) {
      throw new CorruptionException(
          path.toString(), size, entry.byteCount() + " bytes expected, found " + size);
    }
    return TableFile.open(disk, directory, entry.number(), cache);
  }

  private static void deleteOrphans(Disk disk, Path directory, Manifest manifest)
      throws IOException {
    Set<String> named = new HashSet<>();
    for (List<Manifest.Entry> level : manifest.levels()) {
      for (Manifest.Entry entry : level) {
        named.add(TableFile.fileName(entry.number()));
      }
    }
    for (String name : disk.list(directory)) {
      if (name.endsWith(TableFile.SUFFIX) && !named.contains(name)) {
        disk.delete(directory.resolve(name));
      }
    }
  }

  private static void close(AutoCloseable lock) throws IOException {
    try {
      lock.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /// Puts replayed operations into memtables, newest memtable first.
  private static final class Replay implements LogRecovery.Visitor {
    private final MemtableMemory memory;
    private final long skipThrough;
    private final long memtableBytes;
    final List<Memtable> memtables = new ArrayList<>();
    long lastSequence;

    Replay(MemtableMemory memory, long flushedSequence, long memtableBytes) {
      this.memory = memory;
      this.skipThrough = flushedSequence;
      this.memtableBytes = memtableBytes;
      this.lastSequence = flushedSequence;
      memtables.add(new Memtable(memory));
    }

    @Override
    public long operations(byte[] bytes, int offset, int end, long firstSequence) {
      Memtable memtable = memtables.getFirst();
      if (memtable.byteCount() >= memtableBytes) {
        memtable = new Memtable(memory);
        memtables.addFirst(memtable);
      }
      long last = memtable.apply(bytes, offset, end, firstSequence, skipThrough);
      lastSequence = Math.max(lastSequence, last);
      return last;
    }
  }
}
