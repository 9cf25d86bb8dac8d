package dev.henge.consensus.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A disk that changes bits: what was damaged is named, and costs only whom it must.
@NullMarked
class LogDamageTest {
  /// A frame of the sound log.
  ///
  /// @param end of what its checksum covers
  /// @param group -1 where it is about none
  private record Frame(Path file, long offset, long end, int kind, long group) {}

  @Test
  void everyFlippedBitIsNamedAndCostsOnlyTheGroupsConcerned() throws IOException {
    long seed = Seeds.of("raft log bit flips", 1)[0];
    var history = new LogHistory(new SimulatedDisk(), seed, LogRounds::new);
    history.found();
    history.run(60);
    history.store.close();
    List<Frame> frames = frames(history.disk);
    List<Path> files = frames.stream().map(Frame::file).distinct().toList();
    var random = new SplittableRandom(seed);
    int named = 0;
    int recovering = 0;
    for (int i = 0; i < 300; i++) {
      SimulatedDisk damaged = history.disk.killProcess();
      Path file = files.get(random.nextInt(files.size()));
      long bit = random.nextLong(8 * damaged.size(file));
      Frame hit = at(frames, file, bit / 8);
      if (hit == null && random.nextInt(8) > 0) {
        // Most of the files is empty.
        hit = frames.get(random.nextInt(frames.size()));
        file = hit.file;
        bit = 8 * hit.offset + random.nextLong(8 * (hit.end - hit.offset));
      }
      damaged.flipBit(file, bit);
      String what = "seed " + seed + ": bit " + bit + " of " + file + ", in " + hit;
      var threads = new SimulatedThreads(new SimulatedClock());
      LogStore opened = LogStore.open(damaged, LogHistory.HOME, threads, LogHistory.SMALL);
      named += named(opened, hit, file, bit / 8, what);
      for (int id = 0; id < history.groups.size(); id++) {
        recovering += compare(history, opened, threads, id, concerned(frames, hit), what);
      }
      opened.close();
    }
    assertTrue(named > 50, named + " named");
    assertTrue(recovering > 20, recovering + " recovering");
  }

  private static int named(
      LogStore opened, @Nullable Frame hit, Path file, long place, String what) {
    List<CorruptionException> damage = opened.damage();
    if (hit == null && place >= LogLayout.FILE_HEADER_BYTES) {
      assertEquals(List.of(), damage, what);
    }
    if (damage.isEmpty()) {
      return 0;
    }
    assertEquals(file.toString(), damage.getFirst().file(), what);
    assertEquals(hit == null ? 0 : hit.offset, damage.getFirst().offset(), what);
    return 1;
  }

  /// @return 1 when the group recovers
  private static int compare(
      LogHistory history,
      LogStore opened,
      SimulatedThreads threads,
      long id,
      Set<Long> concerned,
      String what) {
    LogHistory.Naive naive = history.groups.get((int) id);
    LogHistory.State now = naive.now();
    GroupLog log = opened.group(id);
    if (log == null || log.recovering()) {
      assertFalse(opened.damage().isEmpty(), what + ": what is lost is named");
      assertTrue(concerned.contains(id), what + ": group " + id + " recovers");
    }
    if (log == null) {
      return 1;
    }
    List<Entry> entries = LogHistory.load(log, threads);
    if (log.recovering()) {
      for (Entry entry : entries) {
        assertTrue(
            naive.states.stream()
                .anyMatch(state -> same(entry, state.entries().get(entry.index()))),
            what + ": entry " + entry + " was never handed in");
      }
      return 1;
    }
    assertEquals(now.last(), log.lastIndex(), what);
    assertEquals(now.hard().term(), log.hardState().term(), what);
    assertEquals(now.hard().vote(), log.hardState().vote(), what);
    assertTrue(log.mark().index() <= now.mark().index(), what);
    for (Entry entry : entries) {
      if (entry.index() > now.mark().index()) {
        Entry handed = Objects.requireNonNull(now.entries().get(entry.index()), what);
        assertEquals(handed.term(), entry.term(), what);
        assertArrayEquals(handed.bytes(), entry.bytes(), what);
      }
    }
    return 0;
  }

  private static boolean same(Entry one, @Nullable Entry other) {
    return other != null
        && one.term() == other.term()
        && one.kind() == other.kind()
        && Arrays.equals(one.bytes(), other.bytes());
  }

  /// The group of the frame, and those that no later frame speaks of: a broken frame does not say
  /// whose it was.
  private static Set<Long> concerned(List<Frame> frames, @Nullable Frame hit) {
    if (hit == null) {
      return Set.of();
    }
    Set<Long> concerned =
        frames.stream().map(Frame::group).filter(id -> id >= 0).collect(Collectors.toSet());
    for (Frame frame : frames.subList(frames.indexOf(hit) + 1, frames.size())) {
      concerned.remove(frame.group);
    }
    if (hit.group >= 0) {
      concerned.add(hit.group);
    }
    return concerned;
  }

  private static @Nullable Frame at(List<Frame> frames, Path file, long offset) {
    for (Frame frame : frames) {
      if (frame.file.equals(file) && frame.offset <= offset && offset < frame.end) {
        return frame;
      }
    }
    return null;
  }

  private static List<Frame> frames(SimulatedDisk disk) throws IOException {
    List<Frame> frames = new ArrayList<>();
    LogRecovery.read(
        disk,
        LogHistory.HOME,
        (scan, offset) -> {
          long end = offset + LogLayout.FRAME_HEADER_BYTES + scan.payloadBytes;
          int at = scan.position(offset, (int) (end - offset));
          boolean about = scan.kind <= LogLayout.REMOVE;
          long group =
              about ? GroupFrame.group(scan.window(), at + LogLayout.FRAME_HEADER_BYTES) : -1;
          frames.add(new Frame(scan.path, offset, end, scan.kind, group));
        });
    return frames;
  }

  @Test
  void aGroupStaysRecoveringUntilItIsToldThatItHasRecovered() throws IOException {
    var history = new LogHistory(new SimulatedDisk(), 4, LogRounds::new);
    history.found();
    GroupLog log = history.log(1);
    List<Entry> entries = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      entries.add(new Entry(i, 2, Entry.Kind.COMMANDS, new byte[] {(byte) i}));
      log.append(null, List.of(entries.getLast()), Durability.SYNCED, LogListener.NONE);
      history.threads.runAll();
    }
    // A group that no frame behind the damage speaks of would have to recover, too.
    for (int id = 0; id < 3; id += 2) {
      var state = new HardState(3, 1, 0);
      history.log(id).append(state, List.of(), Durability.SYNCED, LogListener.NONE);
    }
    history.threads.runAll();
    history.store.close();
    List<Frame> written =
        frames(history.disk).stream()
            .filter(frame -> frame.group == 1 && frame.kind == LogLayout.ENTRIES)
            .toList();
    history.disk.flipBit(written.get(1).file, 8 * written.get(1).end - 1);
    for (boolean recovered : new boolean[] {false, false, true}) {
      var threads = new SimulatedThreads(new SimulatedClock());
      LogStore opened = LogStore.open(history.disk, LogHistory.HOME, threads, LogHistory.SMALL);
      GroupLog found = Objects.requireNonNull(opened.group(1));
      assertTrue(found.recovering());
      assertEquals(1, found.lastIndex(), "the log ends before what was lost");
      assertFalse(Objects.requireNonNull(opened.group(0)).recovering());
      if (recovered) {
        found.recovered();
        threads.runAll();
        assertFalse(found.recovering());
      }
      opened.close();
    }
    var threads = new SimulatedThreads(new SimulatedClock());
    LogStore opened = LogStore.open(history.disk, LogHistory.HOME, threads, LogHistory.SMALL);
    assertFalse(Objects.requireNonNull(opened.group(1)).recovering());
    opened.close();
  }

  @Test
  void aMissingSegmentIsNamed() throws IOException {
    var history = new LogHistory(new SimulatedDisk(), 8, LogRounds::new);
    history.found();
    history.run(150);
    history.store.close();
    var files = new TreeMap<Long, Path>();
    new HashSet<>(frames(history.disk))
        .forEach(frame ->
            files.put(LogLayout.fileNumber(frame.file.getFileName().toString()), frame.file));
    assertTrue(files.size() > 2, files::toString);
    Path middle = Objects.requireNonNull(files.get(files.firstKey() + 1));
    history.disk.delete(middle);
    var threads = new SimulatedThreads(new SimulatedClock());
    LogStore opened = LogStore.open(history.disk, LogHistory.HOME, threads, LogHistory.SMALL);
    assertEquals(
        List.of("damaged: " + middle + " at offset 0: a log segment expected, found no file"),
        opened.damage().stream().map(Throwable::getMessage).toList());
    opened.close();
  }
}
