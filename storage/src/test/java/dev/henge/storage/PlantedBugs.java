package dev.henge.storage;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;

/// Mistakes that an engine could make, made for it between it and the disk.
@NullMarked
final class PlantedBugs {
  private PlantedBugs() {}

  /// Files with this ending are never synced.
  static UnaryOperator<Disk> skippedSync(String suffix) {
    return disk ->
        new ForwardingDisk(disk) {
          @Override
          DiskFile wrap(Path path, DiskFile file) {
            return path.toString().endsWith(suffix)
                ? new ForwardingFile(file) {
                  @Override
                  public void sync() {}
                }
                : file;
          }
        };
  }

  /// Names are never made durable.
  static UnaryOperator<Disk> skippedDirectorySync() {
    return disk ->
        new ForwardingDisk(disk) {
          @Override
          public void syncDirectory(Path directory) {}
        };
  }

  /// The second half of each log file reads as never written: an engine that takes damage in the
  /// middle of a log for its torn tail would go on as if so.
  static UnaryOperator<Disk> tornTailAcceptedInTheMiddle() {
    return disk ->
        new ForwardingDisk(disk) {
          @Override
          DiskFile wrap(Path path, DiskFile file) {
            return path.toString().endsWith(".wal") ? new HalfRead(file) : file;
          }
        };
  }

  private static final class HalfRead extends ForwardingDisk.ForwardingFile {
    HalfRead(DiskFile file) {
      super(file);
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      int start = target.position();
      int count = super.read(offset, target);
      int kept = (int) Math.clamp(size() / 2 - offset, 0, count);
      Arrays.fill(
          target.array(),
          target.arrayOffset() + start + kept,
          target.arrayOffset() + start + count,
          (byte) 0);
      return count;
    }
  }
}
