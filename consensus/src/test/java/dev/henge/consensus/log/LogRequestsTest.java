package dev.henge.consensus.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.DiskFullException;
import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What each kind of request promises, and what the log does when the disk does not do its part.
@NullMarked
class LogRequestsTest {
  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<String> heard = new ArrayList<>();
  private SimulatedThreads threads = new SimulatedThreads(new SimulatedClock());

  private LogStore open(SimulatedDisk where, LogOptions options) throws IOException {
    threads = new SimulatedThreads(new SimulatedClock());
    return LogStore.open(where, LogHistory.HOME, threads, options);
  }

  private LogStore open() throws IOException {
    return open(disk, LogHistory.SMALL);
  }

  private GroupLog found(LogStore store, long id) {
    GroupLog log = store.create(id, LogHistory.mark(0, 0), LogListener.NONE);
    threads.runAll();
    return log;
  }

  private LogListener as(String name) {
    return new LogListener() {
      @Override
      public void durable() {
        heard.add(name);
      }

      @Override
      public void failed(IOException cause) {
        heard.add(name + " failed: " + cause.getMessage());
      }
    };
  }

  private static List<Entry> entry(long index, int bytes) {
    return List.of(new Entry(index, 1, Entry.Kind.COMMANDS, new byte[bytes]));
  }

  @Test
  void whatIsOnlyWrittenIsToldWithoutASyncAndSurvivesTheEndOfTheProcess() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    store.sync(LogListener.NONE);
    threads.runAll();
    long syncs = store.syncCount();
    log.append(null, entry(1, 100), Durability.WRITTEN, as("written"));
    threads.runAll();
    assertEquals(List.of("written"), heard);
    assertEquals(syncs, store.syncCount());

    LogStore killed = open(disk.killProcess(), LogHistory.SMALL);
    assertEquals(1, log(killed, 1).lastIndex());
    killed.close();
  }

  @Test
  void aSyncMakesDurableWhatWasWritten() throws IOException {
    LogStore store = open();
    SimulatedThreads first = threads;
    GroupLog log = found(store, 1);
    store.sync(LogListener.NONE);
    first.runAll();
    log.append(null, entry(1, 100), Durability.WRITTEN, as("written"));
    first.runAll();
    var lasts = new HashSet<Long>();
    for (long seed = 0; seed < 20; seed++) {
      LogStore crashed = open(disk.crash(seed), LogHistory.SMALL);
      lasts.add(log(crashed, 1).lastIndex());
      crashed.close();
    }
    assertTrue(lasts.contains(0L), "a crash can undo what is only written");
    store.sync(as("synced"));
    first.runAll();
    assertEquals(List.of("written", "synced"), heard);
    for (long seed = 0; seed < 20; seed++) {
      LogStore crashed = open(disk.crash(seed), LogHistory.SMALL);
      assertEquals(1, log(crashed, 1).lastIndex());
      crashed.close();
    }
  }

  @Test
  void listenersOfAGroupHearInOrderWhateverTheyWaitFor() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    GroupLog other = found(store, 2);
    log.append(null, entry(1, 10), Durability.SYNCED, as("1 synced"));
    log.append(null, entry(2, 10), Durability.WRITTEN, as("2 written"));
    log.reset(LogHistory.mark(9, 1), as("3 reset"));
    log.append(null, entry(10, 10), Durability.WRITTEN, as("4 written"));
    other.append(null, entry(1, 10), Durability.WRITTEN, as("other"));
    threads.runAll();
    assertEquals(List.of("other", "1 synced", "2 written", "3 reset", "4 written"), heard);
    store.close();
  }

  @Test
  void aVoteWaitsForTheSyncAndACommitIndexDoesNot() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    long syncs = store.syncCount();
    log.append(new HardState(2, 1, 0), List.of(), Durability.WRITTEN, as("vote"));
    threads.runAll();
    assertEquals(syncs + 1, store.syncCount());
    log.append(new HardState(2, 1, 7), List.of(), Durability.SYNCED, as("commit"));
    threads.runAll();
    assertEquals(syncs + 1, store.syncCount());
    assertEquals(List.of("vote", "commit"), heard);
    store.close();
  }

  @Test
  void aRemovedGroupIsGoneAndCanBeFoundedAgain() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    log.append(new HardState(5, 3, 0), entry(1, 10), Durability.SYNCED, as("before"));
    threads.runAll();
    log.append(null, entry(2, 10), Durability.SYNCED, as("pending"));
    log.remove(as("removed"));
    log.append(new HardState(6, 2, 0), entry(3, 10), Durability.SYNCED, as("behind"));
    assertNull(store.group(1));
    threads.runAll();
    assertEquals(
        List.of(
            "before",
            "removed",
            "pending failed: the group's log was removed",
            "behind failed: the group's log was removed"),
        heard);
    log.append(new HardState(8, 2, 0), entry(4, 10), Durability.SYNCED, as("late"));
    threads.runAll();
    assertEquals("late failed: the group's log was removed", heard.getLast());
    assertEquals(0, store.memoryBytes());

    LogStore crashed = open(disk.crash(1), LogHistory.SMALL);
    assertEquals(List.of(), List.copyOf(crashed.groupIds()));
    crashed.create(1, LogHistory.mark(20, 4), LogListener.NONE);
    threads.runAll();
    crashed.close();
    assertEquals(List.of(), crashed.damage());
  }

  /// Whether it was closed, ended with its process, or with the machine in the middle of a write.
  @Test
  void startingAgainAndAgainDoesNotMakeTheLogLonger() throws IOException {
    var roomy = new LogOptions(1 << 20, 20_000, 1 << 20, 8 << 10);
    for (String way : List.of("closed", "killed", "crashed")) {
      SimulatedDisk machine = new SimulatedDisk();
      LogStore store = open(machine, roomy);
      found(store, 1);
      found(store, 2);
      long bytes = onDisk(machine);
      for (int start = 1; start <= 20; start++) {
        log(store, 1).append(null, entry(start, 100), Durability.SYNCED, LogListener.NONE);
        threads.runAll();
        log(store, 2).append(null, entry(start, 9000), Durability.WRITTEN, LogListener.NONE);
        threads.runAll();
        if (way.equals("closed")) {
          store.close();
        } else {
          machine = way.equals("killed") ? machine.killProcess() : machine.crash(start);
        }
        store = open(machine, roomy);
        threads.runAll();
        assertEquals(List.of(), store.damage());
        assertEquals(start, log(store, 1).lastIndex());
        assertEquals(start, LogHistory.load(log(store, 1), threads).size());
        log(store, 2).reset(LogHistory.mark(start, 1), LogListener.NONE);
        threads.runAll();
        // After a torn write, a start begins a segment, and the one before is used again.
        long most = way.equals("crashed") ? 3 * bytes : bytes;
        assertTrue(
            onDisk(machine) <= most && store.byteCount() <= most,
            way + ", start " + start + ": " + machine.list(LogHistory.HOME));
      }
      store.close();
    }
  }

  private static long onDisk(SimulatedDisk machine) throws IOException {
    long bytes = 0;
    for (String name : machine.list(LogHistory.HOME)) {
      bytes += machine.size(LogHistory.HOME.resolve(name));
    }
    return bytes;
  }

  @Test
  void aWriteThatFindsNoSpaceComesAgainAndNobodyHearsOfItBefore() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    var full = new AtomicBoolean();
    disk.observe(new WithoutSpace(full, DiskOperation.Kind.WRITE));
    int last = 0;
    // Wherever it meets it: at any write of several segments, their ends and heads among them.
    for (int i = 0; i < 300; i++) {
      full.set(i % 3 == 0);
      log.append(null, entry(++last, 500), Durability.SYNCED, as("append " + last));
      threads.runAll();
      if (full.get()) {
        assertNotNull(store.fullBy());
        log.append(null, entry(++last, 500), Durability.WRITTEN, as("append " + last));
        threads.advance(Duration.ofSeconds(5));
        assertFalse(heard.contains("append " + last), "it is not written");
        assertFalse(heard.contains("append " + (last - 1)), "it is not written");
        full.set(false);
        threads.advance(Duration.ofSeconds(2));
      }
      assertNull(store.fullBy());
      assertNull(store.stoppedBy());
      assertEquals(last, heard.size());
      assertEquals("append " + last, heard.getLast());
    }
    LogStore crashed = open(disk.crash(1), LogHistory.SMALL);
    assertEquals(List.of(), crashed.damage());
    assertEquals(last, log(crashed, 1).lastIndex());
    assertEquals(last, LogHistory.load(log(crashed, 1), threads).size());
    crashed.close();
  }

  @Test
  void aLogThatIsClosedWithoutSpaceTellsThoseWhoWaitAndKeepsTheRest() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    log.append(null, entry(1, 10), Durability.SYNCED, as("before"));
    threads.runAll();
    disk.observe(new WithoutSpace(new AtomicBoolean(true), DiskOperation.Kind.WRITE));
    log.append(null, entry(2, 10), Durability.SYNCED, as("waits"));
    threads.runAll();
    store.close();
    assertEquals(List.of("before", "waits failed: the Raft log is closed"), heard);
    disk.observe(new SimulatedDisk.Observer() {});
    LogStore again = open();
    assertEquals(List.of(), again.damage());
    assertEquals(1, log(again, 1).lastIndex());
    again.close();
  }

  @Test
  void aSyncThatFindsNoSpaceStopsTheLogForGood() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    var full = new AtomicBoolean(true);
    disk.observe(new WithoutSpace(full, DiskOperation.Kind.SYNC));
    log.append(null, entry(1, 10), Durability.SYNCED, as("append"));
    threads.runAll();
    full.set(false);
    threads.advance(Duration.ofSeconds(5));
    String text = Objects.requireNonNull(store.stoppedBy()).getMessage();
    assertEquals(
        "the Raft log could not be written, so this node takes part in no group until it is"
            + " restarted; whether the last writes survive is unknown: no space left for"
            + " /raft/000000000001.raft",
        text);
    assertEquals(List.of("append failed: " + text), heard);
    store.close();
  }

  /// Refuses one kind of operation while `full`.
  private record WithoutSpace(AtomicBoolean full, DiskOperation.Kind kind)
      implements SimulatedDisk.Observer {
    @Override
    public void before(DiskOperation operation) throws IOException {
      if (full.get() && operation.kind() == kind) {
        throw new DiskFullException("no space left for " + operation.path());
      }
    }
  }

  @Test
  void aFileThatCannotBeReleasedIsLeftToTheNextOpening() throws IOException {
    var history = new LogHistory(disk, 6, LogRounds::new);
    history.found();
    history.reopens = false;
    var failed = new int[1];
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) throws IOException {
            boolean releases =
                operation.kind() == DiskOperation.Kind.DELETE
                    || (operation.kind() == DiskOperation.Kind.RENAME
                        && operation.names(LogLayout.FREE_SUFFIX));
            if (releases) {
              failed[0]++;
              throw new IOException("injected: " + operation);
            }
          }
        });
    history.run(400);
    assertTrue(failed[0] > 0);
    assertNull(history.store.stoppedBy());
    int before = disk.list(LogHistory.HOME).size();
    disk.observe(new SimulatedDisk.Observer() {});
    history.reopen();
    assertTrue(disk.list(LogHistory.HOME).size() < before);
    assertEquals(List.of(), history.store.damage());
  }

  @Test
  void aLogIsReopenedWithOtherSizesOverAnyCrash() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    for (int i = 1; i <= 130; i++) {
      log.append(null, entry(i, 400), Durability.SYNCED, LogListener.NONE);
      threads.runAll();
    }
    store.close();
    for (long segmentBytes : new long[] {256 << 10, 32 << 10, 64 << 10}) {
      var larger = new LogOptions(segmentBytes, 20_000, 1 << 20, (int) segmentBytes / 4);
      SimulatedDisk working = disk.killProcess();
      var crashes = new int[1];
      working.observe(
          new SimulatedDisk.Observer() {
            @Override
            public void before(DiskOperation operation) throws IOException {
              for (long seed = 0; seed < 4 && operation.kind().changesTheDisk(); seed++) {
                crashes[0]++;
                var fresh = new SimulatedThreads(new SimulatedClock());
                LogStore crashed =
                    LogStore.open(working.crash(seed), LogHistory.HOME, fresh, larger);
                assertEquals(List.of(), crashed.damage(), operation::toString);
                assertEquals(130, log(crashed, 1).lastIndex(), operation::toString);
                crashed.close();
              }
            }
          });
      LogStore again = open(working, larger);
      assertEquals(130, LogHistory.load(log(again, 1), threads).size());
      again.close();
      assertTrue(crashes[0] > 10);
    }
  }

  /// Rounds that come as near to their estimate as they can: the log stops when one is larger.
  @Test
  void noRoundIsLargerThanReckoned() throws IOException {
    for (long seed : Seeds.of("raft log rounds", 20)) {
      var random = new SplittableRandom(seed);
      SimulatedDisk fresh = new SimulatedDisk();
      LogStore store = open(fresh, new LogOptions(64 << 10, 1 << 20, 1 << 20, 8 << 10));
      for (int i = 0; i < 60; i++) {
        long id = random.nextInt(12);
        GroupLog known = store.group(id);
        GroupLog log =
            known != null
                ? known
                : store.create(id, many(0, random.nextLong(40)), LogListener.NONE);
        long last = log.lastIndex();
        int entries = random.nextInt(6);
        int bytes = random.nextInt(20) == 0 ? 1 << 20 : random.nextInt(9) * 8 + 1;
        List<Entry> added = new ArrayList<>();
        for (int j = 1; j <= entries; j++) {
          added.addAll(entry(last + j, bytes));
        }
        log.append(new HardState(i + 1, i % 3, 0), added, Durability.SYNCED, LogListener.NONE);
        switch (random.nextInt(12)) {
          case 0 -> log.reset(many(log.lastIndex() + 5, random.nextLong(40)), LogListener.NONE);
          case 1 -> log.compact(many(log.lastIndex(), random.nextLong(40)));
          case 2 -> log.remove(LogListener.NONE);
          default -> {
            // only the append
          }
        }
        if (random.nextInt(8) == 0) {
          threads.runAll();
        }
      }
      threads.runAll();
      assertNull(store.stoppedBy(), "seed " + seed);
      store.close();
    }
  }

  private static SnapshotMark many(long index, long members) {
    List<Long> voters = LongStream.rangeClosed(1, members + 1).boxed().toList();
    return new SnapshotMark(index, 1, Configuration.ofVoters(voters));
  }

  @Test
  void anAppendLeavesNoHoleAndAMarkStaysWithinTheLog() throws IOException {
    LogStore store = open();
    GroupLog log = found(store, 1);
    assertNotNull(store.group(1));
    assertThrows(
        IllegalStateException.class,
        () -> store.create(1, LogHistory.mark(0, 0), LogListener.NONE));
    assertThrows(
        RuntimeException.class,
        () -> log.append(null, entry(3, 1), Durability.SYNCED, LogListener.NONE));
    assertThrows(RuntimeException.class, () -> log.compact(LogHistory.mark(3, 1)));
    store.close();
  }

  private static GroupLog log(LogStore store, long id) {
    return Objects.requireNonNull(store.group(id));
  }
}
