package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.storage.lsm.CheckReport;
import dev.henge.storage.lsm.LsmChecker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Files that rot, shrink, vanish or change places after a clean stop: the damage is named with its
/// file, at opening or by the read that meets it, and never served.
@NullMarked
class DamageTest {
  private static final Path PARENT = Path.of("/data");
  private static final Path DIRECTORY = PARENT.resolve("engine");

  private final SplittableRandom random;
  private final EngineMaker maker = OptionSets.lsmSmall();
  private final Ledger ledger = new Ledger();
  private final SimulatedDisk sound = new SimulatedDisk();
  private final History history;
  private final String context;

  DamageTest() throws IOException {
    long seed = Seeds.of("DamageTest", 1)[0];
    random = new SplittableRandom(seed);
    history = History.random(seed, History.Profile.crash(400, false));
    context = "-Dseed=" + seed;
    fill();
  }

  private enum Outcome {
    NAMED,
    UNHARMED
  }

  @Test
  void theSoundStoreOpens() throws IOException {
    assertEquals(Outcome.UNHARMED, open(sound.killProcess(), List.of(), "untouched"));
    assertEquals(List.of(), check(sound.killProcess()));
  }

  @Test
  void everyFlippedBitOfTablesAndManifestIsNamed() throws IOException {
    int flips = 0;
    for (Path file : files(".sst", "MANIFEST")) {
      long bits = sound.content(file).length * 8L;
      for (int i = 0; i < 60; i++) {
        long bit = random.nextLong(bits);
        SimulatedDisk disk = sound.killProcess();
        disk.flipBit(file, bit);
        String what = "bit " + bit + " of " + file;
        assertEquals(Outcome.NAMED, open(disk, List.of(file), what), context + ", " + what);
        flips++;
      }
    }
    System.out.println("DamageTest: " + flips + " flipped bits in tables and manifest, all named");
  }

  @Test
  void everyByteOfATableIsCovered() throws IOException {
    Path file = files(".sst").getFirst();
    int bytes = sound.content(file).length;
    int step = Math.max(1, bytes / 400);
    // The end holds index, properties and footer: all of it.
    for (int at = 0; at < bytes; at += at < bytes - 200 ? step : 1) {
      SimulatedDisk disk = sound.killProcess();
      disk.flipBit(file, at * 8L + random.nextInt(8));
      String what = "byte " + at + " of " + file;
      assertEquals(Outcome.NAMED, open(disk, List.of(file), what), context + ", " + what);
    }
  }

  @Test
  void aFlippedBitOfTheLogIsNamedOrMeaningless() throws IOException {
    int named = 0;
    for (Path file : files(".wal")) {
      long bits = sound.content(file).length * 8L;
      for (int i = 0; i < 200; i++) {
        long bit = random.nextLong(bits);
        SimulatedDisk disk = sound.killProcess();
        disk.flipBit(file, bit);
        if (open(disk, files(".wal"), "bit " + bit + " of " + file) == Outcome.NAMED) {
          named++;
        }
      }
    }
    assertTrue(named > 0, context + ": no flip hit a frame");
  }

  @Test
  void everyShortenedFileIsNamed() throws IOException {
    for (Path file : files(".sst", "MANIFEST", ".wal")) {
      int length = sound.content(file).length;
      for (int kept : new int[] {0, 1, length / 2, length - 1, random.nextInt(length)}) {
        SimulatedDisk disk = sound.killProcess();
        disk.rot(file, bytes -> Arrays.copyOf(bytes, kept));
        String what = file + " cut to " + kept + " of " + length;
        Outcome outcome = open(disk, named(file), what);
        // A log segment that was prepared or recycled holds nothing.
        assertTrue(
            outcome == Outcome.NAMED || file.toString().endsWith(".wal"), context + ", " + what);
      }
    }
  }

  @Test
  void everyLostFileIsNamed() throws IOException {
    for (Path file : files(".sst", "MANIFEST", ".wal")) {
      SimulatedDisk disk = sound.killProcess();
      disk.delete(file);
      Outcome outcome = open(disk, named(file), "without " + file);
      // A log segment that was prepared or recycled holds nothing.
      assertTrue(
          outcome == Outcome.NAMED || file.toString().endsWith(".wal"), context + ", " + file);
    }
  }

  @Test
  void filesInEachOthersPlaceAreNamed() throws IOException {
    for (String kind : new String[] {".sst", ".wal"}) {
      List<Path> files = files(kind);
      for (int i = 1; i < files.size(); i++) {
        Path left = files.get(i - 1);
        Path right = files.get(i);
        byte[] leftBytes = sound.content(left);
        byte[] rightBytes = sound.content(right);
        SimulatedDisk disk = sound.killProcess();
        disk.rot(left, bytes -> rightBytes);
        disk.rot(right, bytes -> leftBytes);
        open(disk, files, left + " and " + right + " exchanged");
      }
    }
  }

  @Test
  void aBlockInAnothersPlaceIsNamed() throws IOException {
    for (Path file : files(".sst")) {
      byte[] bytes = sound.content(file);
      if (bytes.length < 2048) {
        continue;
      }
      SimulatedDisk disk = sound.killProcess();
      disk.rot(
          file,
          found -> {
            System.arraycopy(bytes, 0, found, 512, 512);
            return found;
          });
      String what = "the first 512 bytes of " + file + " written 512 too far";
      assertEquals(Outcome.NAMED, open(disk, List.of(file), what), context + ", " + what);
    }
  }

  @Test
  void theCheckerNamesEveryFlippedBitOfTablesAndManifest() throws IOException {
    for (Path file : files(".sst", "MANIFEST")) {
      long bits = sound.content(file).length * 8L;
      for (int i = 0; i < 30; i++) {
        long bit = random.nextLong(bits);
        SimulatedDisk disk = sound.killProcess();
        disk.flipBit(file, bit);
        List<CheckReport.Problem> problems = check(disk);
        assertTrue(
            problems.stream().anyMatch(problem -> problem.file().equals(file.toString())),
            () -> context + ", bit " + bit + " of " + file + ": " + problems);
      }
    }
  }

  private static List<CheckReport.Problem> check(SimulatedDisk disk) throws IOException {
    var report = new CheckReport();
    LsmChecker.check(disk, DIRECTORY, report);
    return report.problems();
  }

  private List<Path> named(Path file) {
    // That a log segment is damaged can be seen from the one before.
    return file.toString().endsWith(".wal") ? files(".wal") : List.of(file, DIRECTORY);
  }

  private List<Path> files(String... endings) {
    return sound.files().stream()
        .filter(path -> Arrays.stream(endings).anyMatch(end -> path.toString().endsWith(end)))
        .toList();
  }

  /// Opens, reads everything and compares.
  ///
  /// @param culprits files that may be named
  private Outcome open(SimulatedDisk disk, List<Path> culprits, String what) throws IOException {
    var clock = new SimulatedClock();
    var threads = new SimulatedThreads(clock);
    try (Engine engine = threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
        Reader actual = engine.reader(0, Access.DISK);
        Reader expected = ledger.modelAt(ledger.appended()).snapshot()) {
      assertEquals(ledger.appended(), engine.lastSequence(), context + ", " + what);
      new Comparison(context + ", " + what).same(expected, actual, history.keys());
      return Outcome.UNHARMED;
    } catch (EngineException e) {
      isNamed(e, culprits, what);
    } catch (IOException e) {
      isNamed(e, culprits, what);
    }
    assertEquals(List.of(), disk.openFiles(), context + ", " + what + ": left open");
    return Outcome.NAMED;
  }

  private void isNamed(Exception e, List<Path> culprits, String what) {
    Throwable found = e instanceof EngineException ? e.getCause() : e;
    if (!(found instanceof CorruptionException damage)) {
      throw new AssertionError(context + ", " + what + ": not named as damage", e);
    }
    assertTrue(
        culprits.stream().anyMatch(path -> damage.file().startsWith(path.toString())),
        () -> context + ", " + what + ": names " + damage.getMessage());
    assertTrue(damage.offset() >= 0, () -> context + ", " + what + ": " + damage.getMessage());
  }

  private void fill() throws IOException {
    var clock = new SimulatedClock();
    var threads = new SimulatedThreads(clock);
    sound.createDirectories(PARENT);
    Engine engine = threads.promptly(() -> maker.open(DIRECTORY, sound, clock, threads));
    for (History.Step step : history.steps()) {
      if (step instanceof History.Write write) {
        ledger.begin(write.batch(), write.mode());
        engine.await(PatientAppend.append(engine, threads, write.batch(), write.mode()));
        threads.run(1);
      }
    }
    threads.promptly(engine::close);
  }
}
