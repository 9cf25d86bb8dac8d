package dev.henge.storage.lsm.log;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// One log file, whose space is taken before it is used: writing into it cannot run out of disk,
/// and syncing it has no file size to record.
///
/// - Threads: guarded by the locks of [CommitLog].
final class LogSegment {
  private static final int ZERO_BYTES = 1 << 20;

  final long number;
  final long byteCount;
  final DiskFile file;
  final Path path;

  // guarded by the append lock
  long placed = LogLayout.FILE_HEADER_BYTES;
  long lastSequence;

  // guarded by the commit lock
  long written = LogLayout.FILE_HEADER_BYTES;
  long synced = LogLayout.FILE_HEADER_BYTES;

  private LogSegment(long number, long byteCount, DiskFile file, Path path) {
    this.number = number;
    this.byteCount = byteCount;
    this.file = file;
    this.path = path;
  }

  /// Makes a segment whose every byte is on the disk. On failure nothing is left.
  static LogSegment create(Disk disk, Path directory, long number, long byteCount)
      throws IOException {
    Path path = directory.resolve(LogLayout.fileName(number));
    DiskFile file = disk.open(path, Disk.OpenMode.CREATE);
    boolean made = false;
    try {
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZERO_BYTES, byteCount));
      for (long offset = 0; offset < byteCount; offset += zeros.capacity()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), byteCount - offset));
        file.write(offset, zeros);
      }
      file.write(0, ByteBuffer.wrap(LogLayout.fileHeader(number, byteCount)));
      file.sync();
      disk.syncDirectory(directory);
      made = true;
      return new LogSegment(number, byteCount, file, path);
    } finally {
      if (!made) {
        file.close();
        disk.delete(path);
      }
    }
  }

  /// Takes over an obsolete file under a new number. What it holds carries the old number and is
  /// not taken for the new segment's.
  static LogSegment recycle(Disk disk, Path directory, Path old, long number) throws IOException {
    Path path = directory.resolve(LogLayout.fileName(number));
    disk.rename(old, path);
    disk.syncDirectory(directory);
    DiskFile file = disk.open(path, Disk.OpenMode.WRITE);
    boolean made = false;
    try {
      long byteCount = file.size();
      file.write(0, ByteBuffer.wrap(LogLayout.fileHeader(number, byteCount)));
      file.sync();
      made = true;
      return new LogSegment(number, byteCount, file, path);
    } finally {
      if (!made) {
        file.close();
      }
    }
  }

  /// Opens a segment left by an earlier run, to end it properly.
  static LogSegment reopen(Disk disk, Path path, long number, long validEnd) throws IOException {
    DiskFile file = disk.open(path, Disk.OpenMode.WRITE);
    var segment = new LogSegment(number, file.size(), file, path);
    segment.placed = validEnd;
    segment.written = validEnd;
    return segment;
  }

  long room() {
    return byteCount - LogLayout.FRAME_HEADER_BYTES - placed;
  }
}
