package dev.henge.storage.lsm.log;

import dev.henge.base.CorruptionException;
import dev.henge.base.Disk;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Checks a log by the rules of [LogRecovery], but goes on behind damage to find the rest of it.
///
/// - Threads: one. Reads only.
public final class LogCheck {
  private final Consumer<CorruptionException> problems;
  private final Consumer<String> notes;
  private final LongConsumer progress;
  private final TreeMap<Long, Path> files = new TreeMap<>();
  private int segmentCount;
  private long operationCount;
  private long lastSequence;

  private LogCheck(
      Consumer<CorruptionException> problems, Consumer<String> notes, LongConsumer progress) {
    this.problems = problems;
    this.notes = notes;
    this.progress = progress;
  }

  /// What a sound log holds.
  ///
  /// @param segmentCount segments that recovery needs
  /// @param lastSequence of the last operation, 0 when there is none
  public record Counts(int segmentCount, long operationCount, long lastSequence) {}

  /// Gets every operation of a log, in the order of its segments.
  public interface OperationVisitor {
    /// @param kind one of those of [WriteBatch]
    /// @param first key, or start of the range
    /// @param second value, or end of the range; empty for a deletion
    /// @param file where it is
    /// @param offset in that file
    void operation(long sequence, byte kind, byte[] first, byte[] second, String file, long offset)
        throws IOException;
  }

  /// Checks the chain that begins at segment `oldestNumber`.
  ///
  /// @param notes told what is no problem, but worth saying
  /// @param progress told of bytes as they are done
  public static Counts check(
      Disk disk,
      Path directory,
      long oldestNumber,
      Consumer<CorruptionException> problems,
      Consumer<String> notes,
      LongConsumer progress)
      throws IOException {
    var check = new LogCheck(problems, notes, progress);
    check.list(disk, directory);
    check.chain(disk, directory, oldestNumber);
    return new Counts(check.segmentCount, check.operationCount, check.lastSequence);
  }

  /// Shows what whole frames hold, in segments from `oldestNumber` on; damage is passed over.
  public static void operations(
      Disk disk, Path directory, long oldestNumber, OperationVisitor visitor) throws IOException {
    var check = new LogCheck(problem -> {}, note -> {}, bytes -> {});
    check.list(disk, directory);
    for (Path path : check.files.tailMap(oldestNumber).values()) {
      SegmentScan scan = SegmentScan.read(disk, path);
      scan.walk(
          check.new Frames(scan) {
            @Override
            void operation(long sequence, int offset, byte kind, byte[] first, byte[] second)
                throws IOException {
              visitor.operation(sequence, kind, first, second, path.toString(), offset);
            }
          });
    }
  }

  private void list(Disk disk, Path directory) throws IOException {
    for (String name : disk.list(directory)) {
      long number = LogLayout.fileNumber(name);
      if (number > 0) {
        files.put(number, directory.resolve(name));
      } else {
        notes.accept(directory.resolve(name) + ": not a log segment");
      }
    }
  }

  private void chain(Disk disk, Path directory, long oldestNumber) throws IOException {
    long number = oldestNumber;
    String namedBy = "the manifest";
    while (number != 0) {
      Path path = files.get(number);
      SegmentScan.@Nullable Tail tail = null;
      String missing = "a log segment expected (named by " + namedBy + "), found no file";
      if (path == null) {
        path = directory.resolve(LogLayout.fileName(number));
        problem(path, 0, missing);
      } else {
        tail = segment(disk, path);
      }
      namedBy = path.toString();
      if (tail != null && tail.following() != 0) {
        number = tail.following();
        continue;
      }
      // Nothing may go on behind the last one; where something does, its end was lost, and what
      // goes
      // on is checked as well.
      long behind = 0;
      for (Map.Entry<Long, Path> later : files.tailMap(number, false).entrySet()) {
        SegmentScan scan = SegmentScan.read(disk, later.getValue());
        if (scan.beginsWithFrame()) {
          behind = later.getKey();
          break;
        }
      }
      if (behind != 0 && tail != null) {
        problem(
            path,
            tail.offset(),
            "the end of the segment expected, because "
                + LogLayout.fileName(behind)
                + " goes on after it; found none");
      } else if (behind == 0 && tail != null && !tail.ended()) {
        notes.accept(
            path
                + ": not ended; whole frames up to offset "
                + tail.offset()
                + " (in use, or left by a crash)");
      }
      number = behind;
    }
    for (Path path : files.headMap(oldestNumber).values()) {
      notes.accept(path + ": obsolete, kept for reuse");
    }
  }

  private SegmentScan.@Nullable Tail segment(Disk disk, Path path) throws IOException {
    segmentCount++;
    SegmentScan scan;
    try {
      scan = SegmentScan.read(disk, path);
    } catch (CorruptionException e) {
      problems.accept(e);
      return null;
    } catch (IOException e) {
      problem(path, 0, "a readable file expected, found " + e);
      return null;
    }
    String damage = scan.headerDamage();
    if (damage != null) {
      problem(path, 0, damage);
    }
    SegmentScan.Tail tail = scan.walk(new Frames(scan));
    progress.accept(scan.bytes.length);
    return tail;
  }

  private void problem(Path path, long offset, String expectedAndFound) {
    problems.accept(new CorruptionException(path.toString(), offset, expectedAndFound));
  }

  /// Checks the frames of one segment.
  private class Frames implements SegmentScan.Visitor {
    private final SegmentScan scan;

    Frames(SegmentScan scan) {
      this.scan = scan;
    }

    @Override
    public void frame(int offset, int payloadBytes, boolean end, long synced, long sequence)
        throws IOException {
      if (synced > offset) {
        problem(scan.path, offset, "a synced offset before the frame expected, found " + synced);
      }
      if (payloadBytes == 0) {
        return;
      }
      int padding = offset + LogLayout.FRAME_HEADER_BYTES + payloadBytes;
      int paddingEnd = Math.min(offset + LogLayout.frameBytes(payloadBytes), scan.bytes.length);
      for (int i = padding; i < paddingEnd; i++) {
        if (scan.bytes[i] != 0) {
          problem(scan.path, i, "zero padding expected, found " + scan.bytes[i]);
        }
      }
      if (sequence <= lastSequence) {
        problem(
            scan.path, offset, "a sequence above " + lastSequence + " expected, found " + sequence);
      }
      int start = offset + LogLayout.FRAME_HEADER_BYTES;
      try {
        long last =
            LogOperations.visit(
                scan.path.toString(),
                scan.bytes,
                start,
                start + payloadBytes,
                sequence,
                (number, from, to, kind, first, second) ->
                    operation(number, from, kind, first, second));
        lastSequence = Math.max(lastSequence, last);
      } catch (CorruptionException e) {
        problems.accept(e);
      }
    }

    @Override
    public void gap(int from, int to, boolean attested) {
      if (attested) {
        problem(
            scan.path,
            from,
            "a whole frame expected (a later one attests that it had been synced), found a broken"
                + " one; frames go on at offset "
                + to);
      } else {
        notes.accept(
            scan.path + ": torn between offset " + from + " and " + to + ", as a crash leaves it");
      }
    }

    void operation(long sequence, int offset, byte kind, byte[] first, byte[] second)
        throws IOException {
      operationCount++;
      if (kind == WriteBatch.DELETE_RANGE && Arrays.compareUnsigned(first, second) >= 0) {
        problem(scan.path, offset, "a range that ends after its start expected, found another");
      }
    }
  }
}
