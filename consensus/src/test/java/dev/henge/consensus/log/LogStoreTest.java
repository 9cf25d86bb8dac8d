package dev.henge.consensus.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The shared log against a naive one: histories, crashes, faults, damage, planted bugs.
@NullMarked
class LogStoreTest {
  private static final int STEPS = 400;

  @Test
  void nothingAcknowledgedIsLostInACrash() throws IOException {
    int crashes = 0;
    for (long seed : Seeds.of("raft log crashes", Seeds.count("log.runs", 6))) {
      crashes += crashed(seed, LogRounds::new, STEPS);
    }
    assertTrue(crashes >= 200, crashes + " crashes");
  }

  @Test
  void plantedBugsAreFound() throws IOException {
    assertTrue(
        isFound(parts ->
            new LogRounds(parts) {
              @Override
              void sync(LogSegment segment) {
                segment.synced = segment.written;
              }
            }),
        "no sync");
    assertTrue(
        isFound(parts ->
            new LogRounds(parts) {
              @Override
              boolean tellsBeforeSync(Request request) {
                return true;
              }
            }),
        "told before the sync");
    assertTrue(
        isFound(parts ->
            new LogRounds(parts) {
              @Override
              RoundWriter writer(SegmentFiles segmentFiles) {
                return new RoundWriter(segmentFiles) {
                  @Override
                  HardState finalState(GroupLog group) {
                    return group.written.hardState;
                  }
                };
              }
            }),
        "no hard state");
  }

  private static boolean isFound(LogRounds.Factory bug) throws IOException {
    for (long seed = 1; seed <= 5; seed++) {
      try {
        crashed(seed, bug, 120);
      } catch (AssertionError expected) {
        return true;
      }
    }
    return false;
  }

  private static int crashed(long seed, LogRounds.Factory factory, int steps) throws IOException {
    var history = new LogHistory(new SimulatedDisk(), seed, factory);
    history.crashEvery(6);
    try {
      history.found();
      history.run(steps);
      history.reopen();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
    return history.crashCount;
  }

  @Test
  void aQuietGroupDoesNotKeepFilesAndMemoryStaysBounded() throws IOException {
    var history = new LogHistory(new SimulatedDisk(), 7, LogRounds::new);
    history.found();
    GroupLog quiet = history.log(2);
    GroupLog busy = history.log(0);
    quiet.append(new HardState(4, 2, 0), entries(1, 4, 4), Durability.SYNCED, LogListener.NONE);
    history.threads.runAll();
    quiet.compact(LogHistory.mark(1, 4));
    for (int i = 0; i < 500; i++) {
      busy.append(null, entries(busy.lastIndex() + 1, 1, 4), Durability.SYNCED, LogListener.NONE);
      history.threads.runAll();
      busy.compact(LogHistory.mark(busy.lastIndex() - 2, 1));
      assertTrue(history.store.memoryBytes() <= LogHistory.SMALL.tailBytesMax(), "memory");
    }
    history.threads.runAll();
    long bytes = history.store.byteCount();
    assertTrue(bytes <= 12 * LogHistory.SMALL.segmentBytes(), bytes + " bytes");
    history.store.close();
    var threads = new SimulatedThreads(new SimulatedClock());
    LogStore again = LogStore.open(history.disk, LogHistory.HOME, threads, LogHistory.SMALL);
    GroupLog found = Objects.requireNonNull(again.group(2));
    assertEquals(new HardState(4, 2, 1), found.hardState(), "committed up to its mark");
    assertEquals(3, LogHistory.load(found, threads).size());
    again.close();
  }

  private static List<Entry> entries(long first, long term, int count) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(new Entry(first + i, term, Entry.Kind.COMMANDS, new byte[400]));
    }
    return entries;
  }

  @Test
  void aFailedSyncOrWriteStopsTheLogForGood() throws IOException {
    for (var kind : List.of(DiskOperation.Kind.SYNC, DiskOperation.Kind.WRITE)) {
      var history = new LogHistory(new SimulatedDisk(), 3, LogRounds::new);
      history.found();
      var fails = new boolean[] {true};
      history.disk.observe(
          new SimulatedDisk.Observer() {
            @Override
            public void before(DiskOperation operation) throws IOException {
              if (operation.kind() == kind && fails[0]) {
                fails[0] = false;
                throw new SimulatedDisk.FailedSync(operation.path());
              }
            }
          });
      var heard = new ArrayList<String>();
      GroupLog log = history.log(0);
      for (int i = 0; i < 2; i++) {
        log.append(new HardState(9 + i, 1, 0), List.of(), Durability.SYNCED, listener(heard));
        history.threads.runAll();
      }
      assertEquals(List.of("failed", "failed"), heard);
      IOException cause = Objects.requireNonNull(history.store.stoppedBy());
      assertTrue(String.valueOf(cause.getMessage()).contains("injected"), cause::toString);
      history.store.close();
    }
  }

  @Test
  void aFullDiskMakesAppendsWaitUntilThereIsSpace() throws IOException {
    var history = new LogHistory(new SimulatedDisk(), 5, LogRounds::new);
    history.found();
    history.reopens = false;
    history.disk.capacity(history.disk.usedBytes() + 100);
    var waiting = history.groups.get(0);
    while (history.store.fullBy() == null) {
      history.run(1);
    }
    history.run(20);
    assertNull(history.store.stoppedBy());
    assertTrue(
        history.groups.stream().anyMatch(naive -> naive.acknowledged < naive.states.size() - 1));
    history.crashEvery(3);
    history.disk.capacity(Long.MAX_VALUE / 2);
    history.threads.advance(Duration.ofSeconds(2));
    history.threads.runAll();
    assertNull(history.store.fullBy());
    assertEquals(waiting.states.size() - 1, waiting.acknowledged);
    history.reopen();
  }

  private static LogListener listener(List<String> heard) {
    return new LogListener() {
      @Override
      public void durable() {
        heard.add("durable");
      }

      @Override
      public void failed(IOException cause) {
        heard.add("failed");
      }
    };
  }
}
