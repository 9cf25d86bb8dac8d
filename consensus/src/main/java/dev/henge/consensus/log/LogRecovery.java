package dev.henge.consensus.log;

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
import org.jspecify.annotations.Nullable;

/// Reads the files of a log back after a stop or a crash, past damage.
///
/// Only in the last segment may frames be missing at the end (a torn tail): bytes that nobody was
/// promised. A broken frame is damage when a later frame attests that its bytes had been synced, or
/// when it stands in a segment that is not the last. Damage is told and passed over; which groups
/// it may have cost something, [RecoveredGroup] finds out from what their later frames say.
///
/// - Shape: one pass; memory for one frame and for the places of entries.
/// - Source: "Protocol-Aware Recovery for Consensus-Based Storage" (Alagappan et al., FAST 2018,
///   3.3): tell a crash from corruption by what is known to have been durable.
final class LogRecovery {
  private final Disk disk;
  private final Path directory;
  private final FrameListener listener;

  final TreeMap<Long, RecoveredGroup> groups = new TreeMap<>();
  final TreeMap<Long, Path> files = new TreeMap<>();
  final List<CorruptionException> damage = new ArrayList<>();

  /// No segment before it is needed.
  long oldest;

  /// Number of the last segment that is in use; 0 for none.
  long last;

  /// End of that one's last whole frame, an end left out.
  long validEnd = LogLayout.FILE_HEADER_BYTES;

  /// That one's frames say that it was synced up to here.
  long attested = LogLayout.FILE_HEADER_BYTES;

  boolean ended;
  boolean closed;

  /// Whether writing may go on behind the last segment's last whole frame: nothing is damaged, and
  /// nothing that was written behind it could ever be taken for a frame of the log.
  boolean continuable;

  /// Sees every whole frame that counts.
  interface FrameListener {
    void frame(SegmentScan scan, long offset) throws IOException;
  }

  private LogRecovery(Disk disk, Path directory, FrameListener listener) {
    this.disk = disk;
    this.directory = directory;
    this.listener = listener;
  }

  /// Reads all of the log in `directory`; changes nothing.
  ///
  /// @throws FormatException for a file of a newer version
  static LogRecovery read(Disk disk, Path directory) throws IOException {
    return read(disk, directory, (scan, offset) -> {});
  }

  /// As the other, for tools that count.
  static LogRecovery read(Disk disk, Path directory, FrameListener listener) throws IOException {
    var recovery = new LogRecovery(disk, directory, listener);
    recovery.run();
    return recovery;
  }

  private void run() throws IOException {
    for (String name : disk.list(directory)) {
      long number = LogLayout.fileNumber(name);
      if (number > 0) {
        files.put(number, directory.resolve(name));
      }
    }
    findLast();
    findOldest();
    // What is before the oldest is left over from a release: some of it may be gone, and what it
    // says was cut and passed long ago.
    var needed = files.tailMap(oldest, true).headMap(last, true);
    long expected = needed.isEmpty() ? 0 : needed.firstKey();
    for (var file : needed.entrySet()) {
      if (file.getKey() != expected) {
        groups.values().forEach(group -> group.suspect = true);
      }
      expected = file.getKey() + 1;
      try (var scan = new SegmentScan(disk, file.getValue(), file.getKey())) {
        segment(scan, false);
      }
    }
    long begin = oldest > 0 || files.isEmpty() ? oldest : files.firstKey();
    for (long number = Math.max(begin, 1); number <= last; number++) {
      if (!files.containsKey(number)) {
        Path path = directory.resolve(LogLayout.fileName(number));
        damage(path, 0, "a log segment expected, found no file", false);
      }
    }
    if (ended && !closed && !files.containsKey(last + 1)) {
      Path path = directory.resolve(LogLayout.fileName(last + 1));
      damage(path, 0, "the log segment behind an ended one expected, found no file", true);
    }
    groups.values().forEach(RecoveredGroup::finish);
    continuable = last > 0 && damage.isEmpty() && isBareBehindTheEnd();
  }

  private boolean isBareBehindTheEnd() throws IOException {
    @Nullable Path path = files.get(last);
    if (path == null) {
      return false;
    }
    try (var scan = new SegmentScan(disk, path, last)) {
      long end = validEnd + (ended ? LogLayout.END_FRAME_BYTES : 0);
      return scan.nextFrame(end) < 0;
    }
  }

  /// A segment is ended and synced before a frame goes into the next one: so the last one with a
  /// whole frame is the only one that may be torn.
  private void findLast() throws IOException {
    for (var file : files.descendingMap().entrySet()) {
      try (var scan = new SegmentScan(disk, file.getValue(), file.getKey())) {
        if (scan.version() > LogLayout.FORMAT_VERSION) {
          throw new FormatException(
              file.getValue()
                  + " is a log of format version "
                  + scan.version()
                  + "; this program knows version "
                  + LogLayout.FORMAT_VERSION
                  + ": open it with the newer Henge that wrote it");
        }
        if (scan.nextFrame(LogLayout.FILE_HEADER_BYTES) >= 0) {
          last = file.getKey();
          return;
        }
      }
    }
  }

  /// The frames of the last segment say where the log begins; where it was torn at its head, those
  /// of the one before.
  private void findOldest() throws IOException {
    for (var file : files.headMap(last, true).descendingMap().entrySet()) {
      try (var scan = new SegmentScan(disk, file.getValue(), file.getKey())) {
        segment(scan, true);
      }
      if (oldest > 0) {
        return;
      }
    }
  }

  /// @param glance only looks for the oldest segment, and tells nothing
  private void segment(SegmentScan scan, boolean glance) throws IOException {
    boolean isLast = scan.number == last;
    String header = glance ? null : scan.headerDamage();
    if (header != null) {
      damage(scan.path, 0, header, false);
    }
    attested = LogLayout.FILE_HEADER_BYTES;
    ended = false;
    long offset = LogLayout.FILE_HEADER_BYTES;
    while (offset + LogLayout.FRAME_HEADER_BYTES <= scan.size) {
      if (scan.frameAt(offset)) {
        attested = Math.max(attested, scan.synced);
        int bytes = LogLayout.frameBytes(scan.payloadBytes);
        if (scan.kind == LogLayout.END) {
          ended = true;
          closed = scan.count != 0;
          if (!glance) {
            listener.frame(scan, offset);
          }
          break;
        }
        if (!glance) {
          frame(scan, offset);
        } else if (scan.kind == LogLayout.HEAD || scan.kind == LogLayout.OLDEST) {
          oldest = oldest(scan, offset);
        }
        offset += bytes;
        continue;
      }
      long next = scan.nextFrame(offset + 8);
      if (isLast && (next < 0 || !scan.attested(offset))) {
        if (!glance) {
          remember(scan, next);
        }
        break;
      }
      if (next < 0) {
        break;
      }
      if (!glance) {
        damage(
            scan.path,
            offset,
            "a whole frame expected (it had been synced), found a broken one; frames go on at"
                + " offset "
                + next,
            true);
      }
      offset = next;
    }
    if (!ended && !isLast) {
      damage(
          scan.path,
          offset,
          "the end of the segment expected, because the next one has begun; found none",
          true);
    }
    validEnd = offset;
  }

  private void frame(SegmentScan scan, long offset) throws IOException {
    listener.frame(scan, offset);
    // The listener may have moved the window.
    int at = scan.position(offset, LogLayout.FRAME_HEADER_BYTES + scan.payloadBytes);
    byte[] bytes = scan.window();
    int payload = at + LogLayout.FRAME_HEADER_BYTES;
    switch (scan.kind) {
      case LogLayout.ENTRIES ->
          group(bytes, payload)
              .entries(
                  GroupFrame.hardState(bytes, payload),
                  LittleEndian.getLong(bytes, payload + LogLayout.PREVIOUS_INDEX),
                  LittleEndian.getLong(bytes, payload + LogLayout.PREVIOUS_TERM),
                  scan.count,
                  bytes,
                  payload + LogLayout.ENTRIES_START,
                  place(scan, offset));
      case LogLayout.STATE ->
          group(bytes, payload)
              .state(
                  GroupFrame.hardState(bytes, payload),
                  LittleEndian.getLong(bytes, payload + LogLayout.LAST_INDEX),
                  LittleEndian.getLong(bytes, payload + LogLayout.LAST_TERM),
                  recovering(bytes, payload),
                  GroupFrame.mark(bytes, payload));
      case LogLayout.REWRITE ->
          group(bytes, payload)
              .rewrite(
                  GroupFrame.hardState(bytes, payload),
                  recovering(bytes, payload),
                  GroupFrame.mark(bytes, payload),
                  scan.count,
                  bytes,
                  GroupFrame.rewriteEntries(bytes, payload),
                  place(scan, offset));
      case LogLayout.REMOVE -> groups.remove(GroupFrame.group(bytes, payload));
      case LogLayout.HEAD -> {
        var living = new java.util.HashSet<Long>();
        for (int i = 0; i < scan.count; i++) {
          living.add(LittleEndian.getLong(bytes, payload + 8 + 8 * i));
        }
        groups.keySet().retainAll(living);
      }
      default -> {
        // padding, or what the glance has seen
      }
    }
  }

  private static long oldest(SegmentScan scan, long offset) throws IOException {
    int at = scan.position(offset, LogLayout.FRAME_HEADER_BYTES + scan.payloadBytes);
    return LittleEndian.getLong(scan.window(), at + LogLayout.FRAME_HEADER_BYTES);
  }

  /// Takes votes out of what follows a torn frame: see [RecoveredGroup#remember].
  private void remember(SegmentScan scan, long first) throws IOException {
    long offset = first;
    while (offset >= 0) {
      int payloadBytes = scan.payloadBytes;
      if (scan.frameAt(offset)
          && (scan.kind == LogLayout.STATE || scan.kind == LogLayout.ENTRIES)) {
        int at = scan.position(offset, LogLayout.FRAME_HEADER_BYTES + scan.payloadBytes);
        int payload = at + LogLayout.FRAME_HEADER_BYTES;
        RecoveredGroup known = groups.get(GroupFrame.group(scan.window(), payload));
        if (known != null) {
          known.remember(GroupFrame.hardState(scan.window(), payload));
        }
        payloadBytes = scan.payloadBytes;
      }
      offset = scan.nextFrame(offset + LogLayout.frameBytes(payloadBytes));
    }
  }

  private RecoveredGroup group(byte[] bytes, int payload) {
    return groups.computeIfAbsent(GroupFrame.group(bytes, payload), RecoveredGroup::new);
  }

  private static boolean recovering(byte[] bytes, int payload) {
    return (LittleEndian.getLong(bytes, payload + LogLayout.FLAGS) & LogLayout.RECOVERING_FLAG)
        != 0;
  }

  private static WrittenLog.Place place(SegmentScan scan, long offset) {
    int bytes = LogLayout.frameBytes(scan.payloadBytes);
    return new WrittenLog.Place(0, 0, scan.number, (int) offset, bytes);
  }

  private void damage(Path path, long offset, String text, boolean cost) {
    damage.add(new CorruptionException(path.toString(), offset, text));
    if (cost) {
      groups.values().forEach(group -> group.suspect = true);
    }
  }

  /// Hands over what is live, but for the last segment, where that is to be gone on with.
  ///
  /// @param bytes that must have room in it
  /// @return that segment; null where a new one is to be begun
  @Nullable LogSegment adopt(SegmentFiles segments, long bytes) throws IOException {
    adopt(segments);
    @Nullable Path path = files.get(last);
    if (!continuable || path == null || disk.size(path) < validEnd + bytes) {
      return null;
    }
    settle(false);
    return segments.reopenLast(validEnd);
  }

  /// Hands over what is live.
  private void adopt(SegmentFiles segments) throws IOException {
    for (var entry : files.tailMap(oldest, true).headMap(last, true).entrySet()) {
      DiskFile file = disk.open(entry.getValue(), Disk.OpenMode.READ);
      segments.adopt(new LogSegment(entry.getKey(), file.size(), file, entry.getValue()));
    }
  }

  /// Frees the files that are not needed, once what says so is durable.
  void free(SegmentFiles segments) throws IOException {
    for (String name : disk.list(directory)) {
      Path path = directory.resolve(name);
      long number = LogLayout.fileNumber(name);
      if (name.endsWith(LogLayout.FREE_SUFFIX) || (number > 0 && number < oldest)) {
        segments.adoptFree(path, disk.size(path));
      }
    }
  }

  /// Makes durable what was read from the last segment and no frame attests: the program that wrote
  /// it may have died before its sync.
  ///
  /// @param ends whether it is ended, the next one being there
  void settle(boolean ends) throws IOException {
    @Nullable Path path = files.get(last);
    if (path == null) {
      return;
    }
    try (DiskFile file = disk.open(path, Disk.OpenMode.WRITE)) {
      var chunk = ByteBuffer.allocate(256 << 10);
      for (long offset = attested; offset < validEnd; offset += chunk.capacity()) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), validEnd - offset));
        file.read(offset, chunk);
        file.write(offset, chunk.flip());
      }
      file.sync();
      if (ends && validEnd + LogLayout.END_FRAME_BYTES <= file.size()) {
        var end = new FrameBuffer();
        end.begin(last, validEnd, validEnd);
        end.end(false);
        file.write(validEnd, end.content());
        file.sync();
      }
    }
  }
}
