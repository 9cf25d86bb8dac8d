package dev.henge.consensus.log;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// One log file, whose space is taken before it is used: writing into it does not run out of disk,
/// and syncing it has no file size to record.
final class LogSegment {
  private static final int ZERO_BYTES = 1 << 20;

  final long number;
  final long byteCount;
  final DiskFile file;
  final Path path;

  // owned by the log thread
  long written = LogLayout.FILE_HEADER_BYTES;
  long synced = LogLayout.FILE_HEADER_BYTES;

  // guarded by the SegmentFiles
  int readerCount;

  LogSegment(long number, long byteCount, DiskFile file, Path path) {
    this.number = number;
    this.byteCount = byteCount;
    this.file = file;
    this.path = path;
  }

  /// Makes a free file whose every byte is on the disk. On failure nothing is left.
  static Path create(Disk disk, Path directory, long number, long byteCount) throws IOException {
    Path path = directory.resolve(LogLayout.fileName(number) + LogLayout.FREE_SUFFIX);
    if (disk.exists(path)) {
      disk.delete(path);
    }
    boolean made = false;
    try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZERO_BYTES, byteCount));
      for (long offset = 0; offset < byteCount; offset += zeros.capacity()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), byteCount - offset));
        file.write(offset, zeros);
      }
      file.sync();
      made = true;
      return path;
    } finally {
      if (!made) {
        disk.delete(path);
      }
    }
  }

  /// Takes over a free file. What it holds is bound to another number and is not taken for the new
  /// segment's.
  static LogSegment recycle(Disk disk, Path directory, Path free, long number) throws IOException {
    Path path = directory.resolve(LogLayout.fileName(number));
    if (!free.equals(path)) {
      disk.rename(free, path);
    }
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

  /// Room for frames, the end left out.
  long room() {
    return byteCount - LogLayout.END_FRAME_BYTES - written;
  }
}
