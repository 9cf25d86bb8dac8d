package dev.henge.base.system;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.DiskFullException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The machine's file system.
public final class SystemDisk implements Disk {
  @Override
  public DiskFile open(Path path, OpenMode mode) throws IOException {
    FileChannel channel;
    try {
      channel =
          switch (mode) {
            case READ -> FileChannel.open(path, StandardOpenOption.READ);
            case WRITE -> FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            case CREATE ->
                FileChannel.open(
                    path,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE_NEW);
          };
    } catch (IOException e) {
      throw named(e, path);
    }
    return new SystemFile(path, channel, mode == OpenMode.READ);
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public long size(Path path) throws IOException {
    return Files.size(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Path existing = directory.toAbsolutePath();
    var missing = new ArrayDeque<Path>();
    while (existing != null && !Files.exists(existing)) {
      missing.push(existing);
      existing = existing.getParent();
    }
    try {
      Files.createDirectories(directory);
      // Each new name is made durable in the directory that holds it.
      for (Path made : missing) {
        if (existing != null) {
          syncDirectory(existing);
        }
        existing = made;
      }
    } catch (IOException e) {
      throw named(e, directory);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw named(e, to);
    }
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    try {
      Files.createLink(link, existing);
    } catch (IOException e) {
      throw named(e, link);
    }
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.delete(path);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public long usableBytes(Path path) throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  @Override
  public AutoCloseable lock(Path path) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw named(e, path);
    }
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException held) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new IOException(
          path.toAbsolutePath()
              + " is locked: another process, or this one, has this directory open");
    }
    return channel;
  }

  /// The system's texts for a full disk, quota included: Java gives them no class of their own.
  private static IOException named(IOException e, Path path) {
    String message = String.valueOf(e.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("quota exceeded")) {
      return new DiskFullException("no space left for " + path, e);
    }
    if (e instanceof FileSystemException) {
      return e;
    }
    return new IOException(path + ": " + message, e);
  }

  private static final class SystemFile implements DiskFile {
    private final Path path;
    private final FileChannel channel;
    private final boolean readOnly;

    // written under this; null until residence is first asked for
    private volatile @Nullable MemorySegment mapped;
    private @Nullable Arena arena;

    private SystemFile(Path path, FileChannel channel, boolean readOnly) {
      this.path = path;
      this.channel = channel;
      this.readOnly = readOnly;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      int total = 0;
      while (target.hasRemaining()) {
        int count = channel.read(target, offset + total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      return total;
    }

    /// Asks the page cache through a mapping, which is never read: data is copied by [#read].
    @Override
    public boolean isResident(long offset, int bytes) {
      if (!readOnly) {
        return false;
      }
      MemorySegment segment = mapped;
      if (segment == null) {
        segment = map();
      }
      return offset + bytes <= segment.byteSize() && segment.asSlice(offset, bytes).isLoaded();
    }

    private synchronized MemorySegment map() {
      MemorySegment segment = mapped;
      if (segment == null) {
        Arena shared = Arena.ofShared();
        arena = shared;
        try {
          segment = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), shared);
        } catch (IOException unknown) {
          segment = MemorySegment.NULL;
        }
        mapped = segment;
      }
      return segment;
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      long position = offset;
      try {
        while (source.hasRemaining()) {
          position += channel.write(source, position);
        }
      } catch (IOException e) {
        throw named(e, path);
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void truncate(long bytes) throws IOException {
      channel.truncate(bytes);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public synchronized void close() throws IOException {
      if (arena != null) {
        arena.close();
        arena = null;
        mapped = MemorySegment.NULL;
      }
      channel.close();
    }
  }
}
