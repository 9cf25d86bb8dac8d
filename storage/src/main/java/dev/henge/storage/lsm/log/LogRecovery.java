package dev.henge.storage.lsm.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Reads a log back after a stop or a crash.
///
/// Segments form a chain: each one but the last ends with a frame that names the next. Only in the
/// last one may frames be missing at the end (a torn tail): bytes that nobody was promised. A
/// broken frame is damage instead when a later frame of its segment attests that those bytes had
/// been synced, or when it stands in a segment that is not the last.
///
/// - Errors: [CorruptionException] with file and offset for damage; [FormatException] for segments
///   of a newer version.
/// - Source: the rule is the one of "Protocol-Aware Recovery for Consensus-Based Storage"
///   (Alagappan et al., FAST 2018, 3.3): tell a crash from corruption by what is known to have been
///   durable.
public final class LogRecovery {
  private final Disk disk;
  private final Path directory;
  private final List<Recovered> chain = new ArrayList<>();
  private long highestNumber;

  private LogRecovery(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  /// Gets the operations of one frame, in the form of a batch.
  public interface Visitor {
    /// @param bytes borrowed; operations in `[offset, end)`
    /// @return the number of the last operation
    long operations(byte[] bytes, int offset, int end, long firstSequence) throws IOException;
  }

  /// A segment as it was found.
  ///
  /// @param validEnd end of its last whole frame, the one that ends the segment left out
  /// @param attested its frames say that it was synced up to here
  /// @param following the next segment; 0 when no frame names one
  record Recovered(
      Path path,
      long number,
      long validEnd,
      long attested,
      long lastSequence,
      boolean ended,
      long following) {}

  /// Replays the chain that begins at segment `oldestNumber`.
  ///
  /// @throws CorruptionException when the log is damaged or a segment is missing
  public static LogRecovery replay(Disk disk, Path directory, long oldestNumber, Visitor visitor)
      throws IOException {
    var recovery = new LogRecovery(disk, directory);
    recovery.run(oldestNumber, visitor);
    return recovery;
  }

  /// Opens the log for writing behind what was replayed, and clears away files that it does not
  /// need.
  public CommitLog open(long segmentBytes) throws IOException {
    var log = new CommitLog(disk, directory, highestNumber + 1, segmentBytes);
    boolean complete = false;
    try {
      for (int i = 0; i < chain.size(); i++) {
        Recovered segment = chain.get(i);
        boolean last = i == chain.size() - 1;
        log.adopt(segment, last ? log.firstNumber() : 0);
      }
      for (String name : disk.list(directory)) {
        long number = LogLayout.fileNumber(name);
        if (number > 0
            && number != log.firstNumber()
            && chain.stream().noneMatch(segment -> segment.number == number)) {
          disk.delete(directory.resolve(name));
        }
      }
      complete = true;
      return log;
    } finally {
      if (!complete) {
        log.close();
      }
    }
  }

  /// Whether `directory` has segments with operations in them, whatever their number.
  public static boolean holdsOperations(Disk disk, Path directory) throws IOException {
    for (String name : disk.list(directory)) {
      long number = LogLayout.fileNumber(name);
      if (number > 0) {
        Path path = directory.resolve(name);
        byte[] bytes = readWhole(disk, path);
        if (checkHeader(path, bytes)
            && frameAt(bytes, LogLayout.FILE_HEADER_BYTES, number) != BROKEN) {
          return true;
        }
      }
    }
    return false;
  }

  /// The lowest number of a segment in `directory`; 0 when there is none.
  public static long oldestSegment(Disk disk, Path directory) throws IOException {
    return disk.list(directory).stream()
        .mapToLong(LogLayout::fileNumber)
        .filter(number -> number > 0)
        .min()
        .orElse(0);
  }

  private void run(long oldestNumber, Visitor visitor) throws IOException {
    var files = new TreeMap<Long, Path>();
    for (String name : disk.list(directory)) {
      long number = LogLayout.fileNumber(name);
      if (number > 0) {
        files.put(number, directory.resolve(name));
      }
    }
    highestNumber = Math.max(files.isEmpty() ? 0 : files.lastKey(), oldestNumber);
    long number = oldestNumber;
    String namedBy = "the manifest";
    while (number != 0) {
      Path path = files.get(number);
      if (path == null) {
        throw new CorruptionException(
            directory.resolve(LogLayout.fileName(number)).toString(),
            0,
            "a log segment expected (named by " + namedBy + "), found no file");
      }
      Recovered segment = replaySegment(path, number, visitor);
      chain.add(segment);
      namedBy = path.toString();
      number = segment.following;
    }
    refuseOrphans(files);
  }

  /// The segment behind the last of the chain is prepared and empty, or there is none: frames in it
  /// would mean that the end of the last was damaged.
  private void refuseOrphans(TreeMap<Long, Path> files) throws IOException {
    Recovered last = chain.getLast();
    for (var later : files.tailMap(last.number, false).entrySet()) {
      byte[] bytes = readWhole(disk, later.getValue());
      if (checkHeader(later.getValue(), bytes)
          && frameAt(bytes, LogLayout.FILE_HEADER_BYTES, later.getKey()) != BROKEN) {
        throw new CorruptionException(
            last.path.toString(),
            last.validEnd,
            "the end of the segment expected, because "
                + later.getValue().getFileName()
                + " goes on after it; found none");
      }
    }
  }

  private Recovered replaySegment(Path path, long number, Visitor visitor) throws IOException {
    byte[] bytes = readWhole(disk, path);
    if (!checkHeader(path, bytes)) {
      throw new CorruptionException(path.toString(), 0, "a log file header expected, found none");
    }
    requireHeader(path, LogLayout.FILE_NUMBER, "segment number", number, bytes);
    requireHeader(path, LogLayout.FILE_BYTES, "file size", bytes.length, bytes);
    long lastSequence = 0;
    long attested = LogLayout.FILE_HEADER_BYTES;
    int position = LogLayout.FILE_HEADER_BYTES;
    while (position + LogLayout.FRAME_HEADER_BYTES <= bytes.length) {
      int payload = frameAt(bytes, position, number);
      if (payload == BROKEN) {
        refuseSyncedGap(path, bytes, position, number);
        break;
      }
      attested = Math.max(attested, syncedOf(bytes, position));
      long sequence = LittleEndian.getLong(bytes, position + LogLayout.FRAME_SEQUENCE);
      if (isEnd(bytes, position)) {
        return new Recovered(path, number, position, attested, lastSequence, true, sequence);
      }
      if (payload > 0) {
        int start = position + LogLayout.FRAME_HEADER_BYTES;
        lastSequence = visitor.operations(bytes, start, start + payload, sequence);
      }
      position += LogLayout.frameBytes(payload);
    }
    return new Recovered(path, number, position, attested, lastSequence, false, 0);
  }

  /// Looks behind a broken frame for one that attests that the broken bytes had been synced.
  private static void refuseSyncedGap(Path path, byte[] bytes, int gap, long number)
      throws CorruptionException {
    for (int position = gap + 8;
        position + LogLayout.FRAME_HEADER_BYTES <= bytes.length;
        position += 8) {
      if (frameAt(bytes, position, number) != BROKEN && syncedOf(bytes, position) > gap) {
        throw new CorruptionException(
            path.toString(),
            gap,
            "a whole frame expected (a later one, at offset "
                + position
                + ", attests that it had been synced), found a broken one");
      }
    }
  }

  static final int BROKEN = -1;

  /// Payload bytes of the frame at `position`, [#BROKEN] when there is no whole frame of this
  /// segment.
  static int frameAt(byte[] bytes, int position, long number) {
    if (position + LogLayout.FRAME_HEADER_BYTES > bytes.length
        || LittleEndian.getInt(bytes, position + LogLayout.FRAME_SEGMENT) != (int) number) {
      return BROKEN;
    }
    int length =
        LittleEndian.getInt(bytes, position + LogLayout.FRAME_LENGTH) & ~LogLayout.END_FLAG;
    if (length > bytes.length - position - LogLayout.FRAME_HEADER_BYTES) {
      return BROKEN;
    }
    int crc = LittleEndian.getInt(bytes, position + LogLayout.FRAME_CRC);
    return crc == LogLayout.frameCrc(bytes, position, length) ? length : BROKEN;
  }

  static boolean isEnd(byte[] bytes, int position) {
    return (LittleEndian.getInt(bytes, position + LogLayout.FRAME_LENGTH) & LogLayout.END_FLAG)
        != 0;
  }

  static long syncedOf(byte[] bytes, int position) {
    return LittleEndian.getInt(bytes, position + LogLayout.FRAME_SYNCED) & 0xffffffffL;
  }

  private static void requireHeader(Path path, int offset, String what, long actual, byte[] bytes)
      throws CorruptionException {
    long stated = LittleEndian.getLong(bytes, offset);
    if (stated != actual) {
      throw new CorruptionException(
          path.toString(),
          offset,
          what + " " + stated + " in the header expected, found " + actual);
    }
  }

  /// @return false when the file has no whole header
  private static boolean checkHeader(Path path, byte[] bytes) throws IOException {
    if (bytes.length < LogLayout.FILE_HEADER_BYTES
        || LittleEndian.getLong(bytes, LogLayout.FILE_MAGIC) != LogLayout.MAGIC) {
      return false;
    }
    int version = LittleEndian.getInt(bytes, LogLayout.FILE_VERSION);
    if (LogLayout.fileCrc(bytes) != LittleEndian.getInt(bytes, LogLayout.FILE_CRC)) {
      return false;
    }
    if (version != LogLayout.FORMAT_VERSION) {
      throw new FormatException(
          path
              + " is a log of format version "
              + version
              + "; this program knows version "
              + LogLayout.FORMAT_VERSION
              + ": open it with the newer Henge that wrote it");
    }
    return true;
  }

  static byte[] readWhole(Disk disk, Path path) throws IOException {
    try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
      var bytes = new byte[Math.toIntExact(file.size())];
      int count = file.read(0, ByteBuffer.wrap(bytes));
      if (count != bytes.length) {
        throw new CorruptionException(
            path.toString(), count, bytes.length + " bytes expected, the file ends");
      }
      return bytes;
    }
  }
}
