package dev.henge.storage.lsm;

import dev.henge.base.CorruptionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongConsumer;

/// What [LsmChecker] found: problems, notes, and how much it looked at. One report can take up the
/// checks of several directories.
///
/// - Bound: [#PROBLEMS_MAX] problems and as many notes are kept; more are counted.
/// - Threads: one.
public final class CheckReport {
  public static final int PROBLEMS_MAX = 10_000;

  private final LongConsumer progress;
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long problemCount;

  int tableCount;
  long tableBytes;
  long blockCount;
  long entryCount;
  int tombstoneCount;
  int segmentCount;
  long operationCount;

  /// Something that is not as it was written.
  ///
  /// @param offset in the file, of the damaged block, frame or field
  /// @param what expected and found
  public record Problem(String file, long offset, String what) {
    @Override
    public String toString() {
      return file + " at offset " + offset + ": " + what;
    }
  }

  public CheckReport() {
    this(bytes -> {});
  }

  /// @param progress told of bytes as they are done
  public CheckReport(LongConsumer progress) {
    this.progress = progress;
  }

  /// Problems in the order in which they were found; a view.
  public List<Problem> problems() {
    return Collections.unmodifiableList(problems);
  }

  /// All problems, also those that were not kept.
  public long problemCount() {
    return problemCount;
  }

  /// Worth knowing, but nothing wrong: a log that was not ended, files that nothing needs; a view.
  public List<String> notes() {
    return Collections.unmodifiableList(notes);
  }

  public int tableCount() {
    return tableCount;
  }

  public long tableBytes() {
    return tableBytes;
  }

  /// Data blocks.
  public long blockCount() {
    return blockCount;
  }

  /// Entries of tables.
  public long entryCount() {
    return entryCount;
  }

  /// Range tombstones of tables.
  public int tombstoneCount() {
    return tombstoneCount;
  }

  /// Log segments.
  public int segmentCount() {
    return segmentCount;
  }

  /// Operations in the log.
  public long operationCount() {
    return operationCount;
  }

  public void problem(String file, long offset, String what) {
    problemCount++;
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(new Problem(file, offset, what));
    }
  }

  public void problem(CorruptionException damage) {
    problem(damage.file(), damage.offset(), damage.expectedAndFound());
  }

  public void note(String text) {
    if (notes.size() < PROBLEMS_MAX) {
      notes.add(text);
    }
  }

  /// Takes over the counts of another report, not its problems and notes.
  void add(CheckReport other) {
    tableCount += other.tableCount;
    tableBytes += other.tableBytes;
    blockCount += other.blockCount;
    entryCount += other.entryCount;
    tombstoneCount += other.tombstoneCount;
    segmentCount += other.segmentCount;
    operationCount += other.operationCount;
  }

  void done(long bytes) {
    progress.accept(bytes);
  }
}
