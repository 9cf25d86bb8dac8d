package dev.henge.storage;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/// Hands every call on; subclasses are the bugs that a test plants.
@NullMarked
class ForwardingDisk implements Disk {
  private final Disk disk;

  ForwardingDisk(Disk disk) {
    this.disk = disk;
  }

  /// Stands between the engine and each file that it opens.
  DiskFile wrap(Path path, DiskFile file) {
    return file;
  }

  @Override
  public DiskFile open(Path path, OpenMode mode) throws IOException {
    return wrap(path, disk.open(path, mode));
  }

  @Override
  public boolean exists(Path path) {
    return disk.exists(path);
  }

  @Override
  public long size(Path path) throws IOException {
    return disk.size(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    disk.link(existing, link);
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
  }

  @Override
  public long usableBytes(Path path) throws IOException {
    return disk.usableBytes(path);
  }

  @Override
  public AutoCloseable lock(Path path) throws IOException {
    return disk.lock(path);
  }

  /// Hands every call on.
  static class ForwardingFile implements DiskFile {
    private final DiskFile file;

    ForwardingFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      return file.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      file.write(offset, source);
    }

    @Override
    public void sync() throws IOException {
      file.sync();
    }

    @Override
    public void truncate(long bytes) throws IOException {
      file.truncate(bytes);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
