package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What [Engine] promises, one promise a test, for every engine and the model.
@NullMarked
class EngineContractTest {
  private static final Path DIRECTORY = Path.of("/data/engine");

  private final SimulatedDisk disk = new SimulatedDisk();
  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);

  static Stream<EngineMaker> every() {
    return Stream.of(EngineMaker.model(), OptionSets.lsmSmall(), OptionSets.lsmDefaults());
  }

  static Stream<EngineMaker> real() {
    return every().filter(EngineMaker::keepsData);
  }

  @ParameterizedTest
  @MethodSource("every")
  void eachOperationGetsTheNextSequenceNumber(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      assertEquals(0, engine.lastSequence());
      assertEquals(1, engine.append(put("a", "1"), LogMode.SYNCED));
      var three = put("a", "2").delete(bytes("b")).deleteRange(bytes("c"), bytes("d"));
      assertEquals(4, engine.append(three, LogMode.UNSYNCED));
      assertEquals(4, engine.append(new WriteBatch(), LogMode.SYNCED));
      assertEquals(4, engine.lastSequence());
      engine.await(4);
      assertEquals(4, engine.visibleSequence());
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void theLastOperationOfABatchOnAKeyWins(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      write(
          engine,
          put("a", "1").put(bytes("a"), bytes("2")).delete(bytes("b")).put(bytes("b"), bytes("3")),
          LogMode.SYNCED);
      write(
          engine,
          put("c", "1").deleteRange(bytes("a"), bytes("d")).put(bytes("b"), bytes("4")),
          LogMode.SYNCED);
      assertNull(engine.get(bytes("a")));
      assertEquals("4", text(engine.get(bytes("b"))));
      assertNull(engine.get(bytes("c")));
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void aRangeEndsBeforeItsEnd(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      write(
          engine,
          put("a", "1").put(bytes("b"), bytes("2")).put(bytes("c"), bytes("3")),
          LogMode.SYNCED);
      write(engine, new WriteBatch().deleteRange(bytes("a"), bytes("c")), LogMode.SYNCED);
      assertEquals(List.of("c=3"), scan(engine));
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void oddKeysAreKeysLikeAnyOther(EngineMaker maker) throws IOException {
    byte[][] keys = {
      {}, {0}, {0, 0}, {(byte) 0x7f}, {(byte) 0x80}, {(byte) 0xff}, new byte[70_000]
    };
    try (Engine engine = open(maker)) {
      for (byte[] key : keys) {
        write(engine, new WriteBatch().put(key, new byte[key.length]), LogMode.SYNCED);
      }
      threads.promptly(engine::flush);
      for (byte[] key : keys) {
        assertArrayEquals(new byte[key.length], engine.get(key));
      }
      try (Reader reader = engine.reader(0, Access.DISK);
          Cursor cursor = reader.cursor()) {
        cursor.first();
        assertArrayEquals(keys[0], cursor.key());
        cursor.last();
        assertArrayEquals(keys[5], cursor.key());
        cursor.seek(new byte[] {0, 0, 0});
        assertArrayEquals(keys[6], cursor.key());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void aReaderKeepsItsStateWhateverHappens(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      write(engine, put("a", "old").put(bytes("b"), bytes("old")), LogMode.SYNCED);
      try (Reader snapshot = engine.snapshot();
          Cursor cursor = snapshot.cursor()) {
        cursor.first();
        write(engine, put("a", "new").delete(bytes("b")), LogMode.SYNCED);
        threads.promptly(engine::flush);
        write(engine, new WriteBatch().deleteRange(bytes("a"), bytes("z")), LogMode.SYNCED);
        threads.promptly(engine::compact);
        assertEquals("old", text(snapshot.get(bytes("a"))));
        assertEquals("old", text(cursor.value()));
        cursor.next();
        assertEquals("b", text(cursor.key()));
        cursor.next();
        assertFalse(cursor.valid());
        assertEquals(2, snapshot.sequence());
      }
      assertEquals(List.of(), scan(engine));
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void aCursorTurnsRoundAndEndsInvalid(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      write(
          engine,
          put("a", "1").put(bytes("b"), bytes("2")).put(bytes("c"), bytes("3")),
          LogMode.SYNCED);
      write(engine, new WriteBatch().delete(bytes("b")), LogMode.SYNCED);
      try (Reader reader = engine.reader(0, Access.DISK);
          Cursor cursor = reader.cursor()) {
        cursor.seek(bytes("b"));
        assertEquals("c", text(cursor.key()));
        cursor.previous();
        assertEquals("a", text(cursor.key()));
        cursor.next();
        assertEquals("c", text(cursor.key()));
        cursor.next();
        assertFalse(cursor.valid());
        cursor.seekForPrevious(bytes("bb"));
        assertEquals("a", text(cursor.key()));
        cursor.previous();
        assertFalse(cursor.valid());
        cursor.seek(bytes("d"));
        assertFalse(cursor.valid());
        cursor.seekForPrevious(bytes("A"));
        assertFalse(cursor.valid());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("real")
  void whatIsNotAcknowledgedIsSeenOnlyByLatestAndByItsWriter(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      write(engine, put("a", "1"), LogMode.SYNCED);
      long sequence = engine.append(put("a", "2"), LogMode.SYNCED);
      assertEquals(1, engine.visibleSequence());
      assertEquals("1", text(engine.get(bytes("a"))));
      try (Reader latest = engine.latest(Access.MEMORY);
          Reader own = engine.reader(sequence, Access.MEMORY)) {
        assertEquals("2", text(latest.get(bytes("a"))));
        assertEquals("2", text(own.get(bytes("a"))));
      }
      engine.await(sequence);
      assertEquals("2", text(engine.get(bytes("a"))));
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void listenersAreToldInOrderAndOnce(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      var told = new ArrayList<Integer>();
      for (int i = 0; i < 5; i++) {
        long sequence = engine.append(put("key", "" + i), LogMode.values()[i % 2]);
        engine.whenAcknowledged(sequence, listener(told, i));
      }
      threads.runAll();
      assertEquals(List.of(0, 1, 2, 3, 4), told);
      engine.whenAcknowledged(engine.lastSequence(), listener(told, 5));
      assertEquals(6, told.size());
    }
  }

  @ParameterizedTest
  @MethodSource("real")
  void closingTellsListenersAndKeepsWhatWasAppended(EngineMaker maker) throws IOException {
    Engine engine = open(maker);
    var told = new ArrayList<Integer>();
    engine.whenAcknowledged(engine.append(put("a", "1"), LogMode.SYNCED), listener(told, 1));
    threads.promptly(engine::close);
    threads.promptly(engine::close);
    assertEquals(List.of(1), told);
    assertEquals(List.of(), disk.openFiles());
    assertThrows(WriteRefusedException.class, () -> engine.append(put("b", "2"), LogMode.SYNCED));
    try (Engine again = open(maker)) {
      assertEquals(1, again.lastSequence());
      assertEquals(2, again.append(put("b", "2"), LogMode.SYNCED));
      assertEquals("1", text(again.get(bytes("a"))));
    }
  }

  @ParameterizedTest
  @MethodSource("real")
  void aDirectoryHasOneEngineAtATime(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      IOException refused = assertThrows(IOException.class, () -> open(maker));
      assertTrue(String.valueOf(refused.getMessage()).contains(DIRECTORY.toString()));
      write(engine, put("a", "1"), LogMode.SYNCED);
      assertEquals("1", text(engine.get(bytes("a"))));
    }
  }

  @ParameterizedTest
  @MethodSource("real")
  void aCheckpointIsAnEngineOfItsOwn(EngineMaker maker) throws IOException {
    Path copy = DIRECTORY.resolveSibling("copy");
    try (Engine engine = open(maker)) {
      write(engine, put("a", "1").put(bytes("b"), bytes("2")), LogMode.UNSYNCED);
      threads.promptly(() -> engine.checkpoint(copy));
      assertThrows(IOException.class, () -> threads.promptly(() -> engine.checkpoint(copy)));
      write(engine, put("a", "later"), LogMode.SYNCED);
      threads.promptly(engine::compact);
      try (Engine copied = threads.promptly(() -> maker.open(copy, disk, clock, threads))) {
        assertEquals(List.of("a=1", "b=2"), scan(copied));
        write(copied, put("c", "own"), LogMode.SYNCED);
      }
      assertEquals(List.of("a=later", "b=2"), scan(engine));
    }
  }

  @ParameterizedTest
  @MethodSource("real")
  void theReportedSequencesSayWhatIsDurable(EngineMaker maker) throws IOException {
    try (Engine engine = open(maker)) {
      write(engine, put("a", "1"), LogMode.UNSYNCED);
      assertEquals(1, engine.visibleSequence());
      assertEquals(0, engine.durableSequence());
      engine.syncLog();
      assertEquals(1, engine.durableSequence());
      assertEquals(0, engine.flushedSequence());
      write(engine, put("a", "2"), LogMode.NONE);
      assertEquals(2, engine.visibleSequence());
      assertEquals(1, engine.durableSequence());
      threads.promptly(engine::flush);
      assertEquals(2, engine.flushedSequence());
      assertEquals(2, engine.durableSequence());
    }
  }

  private void write(Engine engine, WriteBatch batch, LogMode mode) throws IOException {
    engine.await(PatientAppend.append(engine, threads, batch, mode));
  }

  private Engine open(EngineMaker maker) throws IOException {
    disk.createDirectories(DIRECTORY.resolveSibling("parent"));
    return threads.promptly(() -> maker.open(DIRECTORY, disk, clock, threads));
  }

  private static Engine.AcknowledgeListener listener(List<Integer> told, int number) {
    return new Engine.AcknowledgeListener() {
      @Override
      public void acknowledged() {
        told.add(number);
      }

      @Override
      public void unknown(WriteRefusedException stopped) {
        told.add(-number);
      }
    };
  }

  private static List<String> scan(Engine engine) {
    var found = new ArrayList<String>();
    try (Reader reader = engine.reader(0, Access.DISK);
        Cursor cursor = reader.cursor()) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        found.add(text(cursor.key()) + "=" + text(cursor.value()));
      }
    }
    return found;
  }

  private static WriteBatch put(String key, String value) {
    return new WriteBatch().put(bytes(key), bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "nothing" : new String(bytes, StandardCharsets.UTF_8);
  }
}
