package dev.henge.base.simulated;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A file system in memory that can lose its power.
///
/// It knows for each file which writes and truncations were synced, for each directory which names
/// were. [#crash] gives the disk that a machine finds after a power loss: anything not synced may
/// be lost, torn by sectors, and reordered, as the seed says. [#killProcess] gives the disk after
/// only the process died. Both leave this disk as it is, so that one run can be crashed at every
/// operation, and several ways at each.
///
/// An [Observer] sees every operation first, and can make it fail; [#capacity] fills the disk,
/// [#rot] damages files, [#powerOff] makes every further operation fail for good.
///
/// - Threads: safe from any thread; observers are called with no lock held.
public final class SimulatedDisk implements Disk {
  /// A file or a directory.
  sealed interface Node permits SimulatedContent, SimulatedDirectory {}

  /// Sees operations before and after they are done, on the thread that does them.
  public interface Observer {
    /// @throws IOException with which the operation fails, having done nothing; a [FailedSync]
    ///   loses the unsynced bytes too
    default void before(DiskOperation operation) throws IOException {}

    default void after(DiskOperation operation) {}
  }

  /// A sync fails, and the system forgets the bytes that it should have written.
  public static final class FailedSync extends IOException {
    public FailedSync(Path path) {
      super("injected: sync of " + path + " failed");
    }
  }

  /// Any operation after [#powerOff].
  public static final class PowerOff extends Error {
    PowerOff() {
      super("the simulated machine is off");
    }
  }

  /// The capacity of a disk that nobody fills.
  public static final long UNBOUNDED = Long.MAX_VALUE / 2;

  private static final Observer NOBODY = new Observer() {};

  // guarded by this
  private final SimulatedDirectory root;
  private final Set<Path> locks = new HashSet<>();
  private final List<Handle> handles = new ArrayList<>();
  private long capacityBytes = UNBOUNDED;
  private long operationCount;
  private boolean off;
  private Observer observer = NOBODY;

  public SimulatedDisk() {
    this(new SimulatedDirectory());
  }

  private SimulatedDisk(SimulatedDirectory root) {
    this.root = root;
  }

  // ---- What a test can do to it

  public synchronized void observe(Observer observer) {
    this.observer = observer;
  }

  /// Bytes that files can take together.
  public synchronized void capacity(long bytes) {
    capacityBytes = bytes;
  }

  public synchronized long usedBytes() {
    Set<SimulatedContent> contents = Collections.newSetFromMap(new IdentityHashMap<>());
    collect(root, contents);
    return contents.stream().mapToLong(SimulatedContent::length).sum();
  }

  /// Operations begun so far.
  public synchronized long operationCount() {
    return operationCount;
  }

  /// From now on every operation throws [PowerOff].
  public synchronized void powerOff() {
    off = true;
  }

  /// The disk as found after a power loss now.
  public synchronized SimulatedDisk crash(long seed) {
    var random = new SplittableRandom(seed);
    CrashStyle style = CrashStyle.of(random);
    var copies = new IdentityHashMap<Node, Node>();
    return new SimulatedDisk((SimulatedDirectory) crashed(root, style, random, copies));
  }

  /// The disk as found after the process died now and the machine lived on: all is there, and what
  /// was not synced still is not.
  public synchronized SimulatedDisk killProcess() {
    var copies = new IdentityHashMap<Node, Node>();
    return new SimulatedDisk((SimulatedDirectory) copied(root, copies));
  }

  /// What a file holds.
  public synchronized byte[] content(Path path) throws IOException {
    return file(path).bytes();
  }

  /// Changes a file as a failing medium does, unseen by any program and durable at once.
  public synchronized void rot(Path path, UnaryOperator<byte[]> damage) throws IOException {
    SimulatedContent content = file(path);
    content.rot(damage.apply(content.bytes()));
  }

  public void flipBit(Path path, long bit) throws IOException {
    rot(
        path,
        bytes -> {
          bytes[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
          return bytes;
        });
  }

  /// Paths of all files, sorted.
  public synchronized List<Path> files() {
    List<Path> found = new ArrayList<>();
    walk(Path.of("/"), root, found);
    return found;
  }

  /// Files that were opened and not closed.
  public synchronized List<Path> openFiles() {
    return handles.stream().map(handle -> handle.path).sorted().toList();
  }

  // ---- Disk

  @Override
  public DiskFile open(Path path, OpenMode mode) throws IOException {
    var kind = mode == OpenMode.CREATE ? DiskOperation.Kind.CREATE : DiskOperation.Kind.OPEN;
    return perform(
        kind,
        path,
        0,
        0,
        () -> {
          SimulatedContent content;
          if (mode == OpenMode.CREATE) {
            SimulatedDirectory parent = parent(path);
            if (parent.names.containsKey(name(path))) {
              throw new FileAlreadyExistsException(path.toString());
            }
            content = new SimulatedContent();
            parent.put(name(path), content);
          } else {
            content = file(path);
          }
          var handle = new Handle(path, content, mode != OpenMode.READ);
          handles.add(handle);
          return handle;
        });
  }

  @Override
  public synchronized boolean exists(Path path) {
    return find(path) != null;
  }

  @Override
  public synchronized long size(Path path) throws IOException {
    return file(path).length();
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return perform(
        DiskOperation.Kind.LIST,
        directory,
        0,
        0,
        () -> List.copyOf(directory(directory).names.keySet()));
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    if (exists(directory)) {
      synchronized (this) {
        directory(directory);
      }
      return;
    }
    perform(
        DiskOperation.Kind.CREATE_DIRECTORY,
        directory,
        0,
        0,
        () -> {
          SimulatedDirectory at = root;
          for (Path part : directory) {
            Node next = at.names.get(part.toString());
            if (next == null) {
              next = new SimulatedDirectory();
              at.put(part.toString(), next);
            }
            if (!(next instanceof SimulatedDirectory found)) {
              throw new FileAlreadyExistsException(directory.toString());
            }
            at = found;
          }
          return at;
        });
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    perform(
        DiskOperation.Kind.RENAME,
        to,
        0,
        0,
        () -> {
          Node node = find(from);
          if (node == null) {
            throw new NoSuchFileException(from.toString());
          }
          if (find(to) instanceof SimulatedDirectory replaced && !replaced.names.isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
          }
          SimulatedDirectory source = parent(from);
          SimulatedDirectory target = parent(to);
          if (source == target) {
            source.rename(name(from), name(to), node);
          } else {
            target.put(name(to), node);
            source.remove(name(from));
          }
          return node;
        });
  }

  @Override
  public void link(Path existing, Path link) throws IOException {
    perform(
        DiskOperation.Kind.LINK,
        link,
        0,
        0,
        () -> {
          SimulatedContent content = file(existing);
          SimulatedDirectory parent = parent(link);
          if (parent.names.containsKey(name(link))) {
            throw new FileAlreadyExistsException(link.toString());
          }
          parent.put(name(link), content);
          return content;
        });
  }

  @Override
  public void delete(Path path) throws IOException {
    perform(
        DiskOperation.Kind.DELETE,
        path,
        0,
        0,
        () -> {
          Node node = find(path);
          if (node == null) {
            throw new NoSuchFileException(path.toString());
          }
          if (node instanceof SimulatedDirectory directory && !directory.names.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
          }
          parent(path).remove(name(path));
          return node;
        });
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    perform(
        DiskOperation.Kind.SYNC_DIRECTORY,
        directory,
        0,
        0,
        () -> {
          SimulatedDirectory found = directory(directory);
          found.sync();
          return found;
        });
  }

  @Override
  public synchronized long usableBytes(Path path) {
    return Math.max(0, capacityBytes - usedBytes());
  }

  @Override
  public AutoCloseable lock(Path path) throws IOException {
    return perform(
        DiskOperation.Kind.LOCK,
        path,
        0,
        0,
        () -> {
          if (find(path) == null) {
            parent(path).put(name(path), new SimulatedContent());
          }
          if (!locks.add(path)) {
            throw new IOException(path + " is locked");
          }
          return () -> {
            synchronized (this) {
              locks.remove(path);
            }
          };
        });
  }

  // ---- Inside

  private interface Action<T> {
    T run() throws IOException;
  }

  private <T> T perform(
      DiskOperation.Kind kind, Path path, long offset, long bytes, Action<T> action)
      throws IOException {
    DiskOperation operation;
    Observer told;
    synchronized (this) {
      if (off) {
        throw new PowerOff();
      }
      operation = new DiskOperation(operationCount++, kind, path, offset, bytes);
      told = observer;
    }
    told.before(operation);
    T result;
    synchronized (this) {
      if (off) {
        throw new PowerOff();
      }
      result = action.run();
    }
    told.after(operation);
    return result;
  }

  private @Nullable Node find(Path path) {
    Node at = root;
    for (Path part : path) {
      at = at instanceof SimulatedDirectory directory ? directory.names.get(part.toString()) : null;
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  private SimulatedContent file(Path path) throws IOException {
    if (find(path) instanceof SimulatedContent content) {
      return content;
    }
    throw new NoSuchFileException(path.toString());
  }

  private SimulatedDirectory directory(Path path) throws IOException {
    if (find(path) instanceof SimulatedDirectory directory) {
      return directory;
    }
    throw new NoSuchFileException(path.toString(), null, "no such directory");
  }

  private SimulatedDirectory parent(Path path) throws IOException {
    Path parent = path.getParent();
    return parent == null ? root : directory(parent);
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static Node crashed(
      Node node, CrashStyle style, SplittableRandom random, Map<Node, Node> copies) {
    Node known = copies.get(node);
    if (known == null) {
      known =
          switch (node) {
            case SimulatedContent content -> content.afterCrash(style, random);
            case SimulatedDirectory directory ->
                directory.afterCrash(style, random, child -> crashed(child, style, random, copies));
          };
      copies.put(node, known);
    }
    return known;
  }

  private static Node copied(Node node, Map<Node, Node> copies) {
    Node known = copies.get(node);
    if (known == null) {
      known =
          switch (node) {
            case SimulatedContent content -> content.copy();
            case SimulatedDirectory directory -> directory.copy(child -> copied(child, copies));
          };
      copies.put(node, known);
    }
    return known;
  }

  private static void collect(SimulatedDirectory directory, Set<SimulatedContent> found) {
    for (Node node : directory.names.values()) {
      switch (node) {
        case SimulatedContent content -> found.add(content);
        case SimulatedDirectory child -> collect(child, found);
      }
    }
  }

  private static void walk(Path at, SimulatedDirectory directory, List<Path> found) {
    directory.names.forEach((name, node) -> {
      switch (node) {
        case SimulatedContent file -> found.add(at.resolve(name));
        case SimulatedDirectory child -> walk(at.resolve(name), child, found);
      }
    });
  }

  private final class Handle implements DiskFile {
    private final Path path;
    private final SimulatedContent content;
    private final boolean writable;
    private boolean closed;

    Handle(Path path, SimulatedContent content, boolean writable) {
      this.path = path;
      this.content = content;
      this.writable = writable;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      return perform(
          DiskOperation.Kind.READ,
          path,
          offset,
          target.remaining(),
          () -> {
            requireOpen();
            return content.read(offset, target);
          });
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      perform(
          DiskOperation.Kind.WRITE,
          path,
          offset,
          source.remaining(),
          () -> {
            requireWritable();
            // Adding up all files for every write would cost more than the rest.
            long room =
                capacityBytes == UNBOUNDED
                    ? UNBOUNDED
                    : usableBytes(path) + Math.max(0, content.length() - offset);
            boolean fits = source.remaining() <= room;
            // A full disk takes what still fits, as real ones do.
            var bytes = new byte[(int) Math.min(source.remaining(), Math.max(0, room))];
            source.get(bytes);
            if (bytes.length > 0) {
              content.write(offset, bytes);
            }
            if (!fits) {
              throw new DiskFullException("no space left for " + path);
            }
            return content;
          });
    }

    @Override
    public void sync() throws IOException {
      try {
        perform(
            DiskOperation.Kind.SYNC,
            path,
            0,
            0,
            () -> {
              requireOpen();
              content.sync();
              return content;
            });
      } catch (FailedSync failed) {
        synchronized (SimulatedDisk.this) {
          content.forgetUnsynced();
        }
        throw failed;
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      perform(
          DiskOperation.Kind.TRUNCATE,
          path,
          bytes,
          0,
          () -> {
            requireWritable();
            content.truncate(bytes);
            return content;
          });
    }

    @Override
    public long size() throws IOException {
      synchronized (SimulatedDisk.this) {
        requireOpen();
        return content.length();
      }
    }

    @Override
    public void close() {
      synchronized (SimulatedDisk.this) {
        closed = true;
        handles.remove(this);
      }
    }

    private void requireOpen() throws IOException {
      if (closed) {
        throw new IOException(path + " is used after it was closed");
      }
    }

    private void requireWritable() throws IOException {
      requireOpen();
      if (!writable) {
        throw new IOException(path + " is open for reading only");
      }
    }
  }
}
