package dev.henge.consensus.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.storage.lsm.inspect.Dump;
import dev.henge.storage.lsm.inspect.DumpOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// A random history of several groups on one log, beside a naive log in memory; the machine may
/// lose its power at any operation on the disk.
@NullMarked
final class LogHistory {
  static final Path HOME = Path.of("/raft");
  static final LogOptions SMALL = new LogOptions(32 << 10, 20_000, 1 << 20, 8 << 10);
  private static final int GROUPS = 3;

  final SimulatedDisk disk;
  final SplittableRandom random;
  final LogRounds.Factory factory;
  final List<Naive> groups = new ArrayList<>();
  SimulatedThreads threads = new SimulatedThreads(new SimulatedClock());
  LogStore store;
  int crashCount;
  boolean reopens = true;

  /// What a group was handed, step by step, and how much of it was acknowledged.
  static final class Naive {
    final List<State> states = new ArrayList<>();
    int acknowledged = -1;

    /// Requests, and those whose end was heard.
    int handed;

    int heard;

    int failed;

    /// The group of that id that was removed to make room for this one, until that is durable.
    @Nullable Naive before;

    State now() {
      return states.getLast();
    }

    /// What a crash may leave.
    List<State> possible() {
      List<State> own = states.subList(Math.max(0, acknowledged), states.size());
      Naive old = before;
      if (old == null || acknowledged >= 0) {
        return own;
      }
      List<State> all = new ArrayList<>(old.possible());
      all.addAll(own);
      return all;
    }
  }

  record State(HardState hard, SnapshotMark mark, TreeMap<Long, Entry> entries) {
    long last() {
      return entries.isEmpty() ? mark.index() : entries.lastKey();
    }

    long term(long index) {
      Entry entry = entries.get(index);
      return entry == null ? mark.term() : entry.term();
    }
  }

  LogHistory(SimulatedDisk disk, long seed, LogRounds.Factory factory) throws IOException {
    this.disk = disk;
    this.random = new SplittableRandom(seed);
    this.factory = factory;
    this.store = open();
  }

  private LogStore open() throws IOException {
    return LogStore.open(disk, HOME, threads, SMALL, factory);
  }

  static SnapshotMark mark(long index, long term) {
    return new SnapshotMark(index, term, Configuration.ofVoters(List.of(1L, 2L, index % 5 + 3)));
  }

  void found() {
    for (int i = 0; i < GROUPS; i++) {
      groups.add(create(i));
    }
    threads.runAll();
  }

  private Naive create(int id) {
    var naive = new Naive();
    naive.states.add(new State(HardState.EMPTY, mark(0, 0), new TreeMap<>()));
    store.create(id, mark(0, 0), acknowledging(naive));
    return naive;
  }

  GroupLog log(long id) {
    return Objects.requireNonNull(store.group(id));
  }

  private void replace(int id) {
    Naive old = groups.get(id);
    GroupLog log = log(id);
    var gone = new boolean[1];
    log.remove(
        new LogListener() {
          @Override
          public void durable() {
            gone[0] = true;
            groups.get(id).before = null;
          }

          @Override
          public void failed(IOException cause) {}
        });
    // What comes behind a removal fails.
    log.append(
        new HardState(1000, 1, 0),
        List.of(),
        Durability.SYNCED,
        new LogListener() {
          @Override
          public void durable() {
            throw new AssertionError("an append to a removed group");
          }

          @Override
          public void failed(IOException cause) {
            assertTrue(gone[0], "in order");
          }
        });
    Naive naive = create(id);
    naive.before = old;
    groups.set(id, naive);
  }

  /// Checks a crash at about one of `every` operations that change the disk.
  void crashEvery(int every) {
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void before(DiskOperation operation) {
            if (operation.kind().changesTheDisk() && random.nextInt(every) == 0) {
              crashCount++;
              long crash = random.nextLong();
              try {
                check(crash, operation.toString());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            }
          }
        });
  }

  void run(int steps) throws IOException {
    for (int i = 0; i < steps; i++) {
      step();
      threads.run(random.nextInt(4));
      if (random.nextInt(150) == 0 && reopens) {
        reopen();
      }
    }
    threads.runAll();
  }

  void reopen() throws IOException {
    store.close();
    for (Naive naive : groups) {
      assertEquals(naive.handed, naive.heard);
      assertEquals(0, naive.failed);
      naive.acknowledged = naive.states.size() - 1;
    }
    threads = new SimulatedThreads(new SimulatedClock());
    store = open();
    compare(store, threads, "after closing");
  }

  private void step() {
    int id = random.nextInt(10) == 0 ? 2 : random.nextInt(GROUPS - 1);
    Naive naive = groups.get(id);
    GroupLog log = log(id);
    State now = naive.now();
    long length = now.last() - now.mark().index();
    int choice = random.nextInt(100);
    if (choice < 6 && length > 0) {
      long index = now.mark().index() + 1 + random.nextLong(length);
      var mark = mark(index, now.term(index));
      var entries = new TreeMap<>(now.entries().tailMap(index, false));
      // Nobody is told of a mark: it may be lost.
      naive.states.add(new State(now.hard(), mark, entries));
      log.compact(mark);
      if (naive.acknowledged == naive.states.size() - 2) {
        naive.acknowledged++;
      }
      return;
    }
    if (choice < 7) {
      var mark = mark(now.last() + random.nextInt(1, 20), now.hard().term() + 1);
      naive.states.add(new State(now.hard(), mark, new TreeMap<>()));
      log.reset(mark, acknowledging(naive));
      return;
    }
    if (choice < 8 && id == 2) {
      replace(id);
      return;
    }
    if (choice < 10) {
      List<LogListener> all = new ArrayList<>();
      groups.forEach(each -> all.add(acknowledging(each, false)));
      store.sync(
          new LogListener() {
            @Override
            public void durable() {
              all.forEach(LogListener::durable);
            }

            @Override
            public void failed(IOException cause) {}
          });
      return;
    }
    HardState hard = now.hard();
    if (random.nextInt(8) == 0) {
      hard = new HardState(hard.term() + 1, random.nextInt(4), hard.commit());
    }
    var entries = new TreeMap<>(now.entries());
    long first = now.last() + 1;
    if (length > 0 && random.nextInt(6) == 0) {
      first -= random.nextLong(Math.min(length, 5)) + 1;
      // Only a leader of a later term cuts a log.
      hard = new HardState(hard.term() + 1, random.nextInt(4), hard.commit());
      entries.tailMap(first, true).clear();
    }
    List<Entry> added = new ArrayList<>();
    int count = random.nextInt(20) == 0 && hard != now.hard() ? 0 : random.nextInt(1, 5);
    for (int i = 0; i < count; i++) {
      var bytes = new byte[random.nextInt(random.nextInt(30) == 0 ? 12_000 : 400)];
      Arrays.fill(bytes, (byte) random.nextInt());
      var kind = random.nextInt(20) == 0 ? Entry.Kind.CONFIGURATION : Entry.Kind.COMMANDS;
      added.add(new Entry(first + i, hard.term() + 1, kind, bytes));
    }
    if (added.isEmpty()) {
      entries = new TreeMap<>(now.entries());
    }
    for (Entry entry : added) {
      entries.put(entry.index(), entry);
    }
    naive.states.add(new State(hard, now.mark(), entries));
    boolean synced = random.nextInt(4) > 0;
    log.append(
        hard == now.hard() ? null : hard,
        added,
        synced ? Durability.SYNCED : Durability.WRITTEN,
        synced || hard != now.hard() ? acknowledging(naive) : written(naive));
  }

  private static LogListener acknowledging(Naive naive) {
    return acknowledging(naive, true);
  }

  /// @param ordered whether it is a request of the group, heard in their order
  private static LogListener acknowledging(Naive naive, boolean ordered) {
    int number = naive.states.size() - 1;
    LogListener heard = ordered ? written(naive) : LogListener.NONE;
    return new LogListener() {
      @Override
      public void durable() {
        heard.durable();
        naive.acknowledged = Math.max(naive.acknowledged, number);
        while (naive.acknowledged + 1 < naive.states.size()
            && onlyMark(naive, naive.acknowledged + 1)) {
          naive.acknowledged++;
        }
      }

      @Override
      public void failed(IOException cause) {
        heard.failed(cause);
      }
    };
  }

  /// Hears that something is written, which a power loss may undo.
  private static LogListener written(Naive naive) {
    int request = naive.handed++;
    return new LogListener() {
      @Override
      public void durable() {
        assertEquals(request, naive.heard++, "listeners in order");
      }

      @Override
      public void failed(IOException cause) {
        naive.heard++;
        naive.failed++;
      }
    };
  }

  private static boolean onlyMark(Naive naive, int number) {
    State before = naive.states.get(number - 1);
    State after = naive.states.get(number);
    return before.last() == after.last()
        && before.hard() == after.hard()
        && before.mark() != after.mark()
        && before.term(after.mark().index()) == after.mark().term()
        && before.last() >= after.mark().index();
  }

  /// Where it fails, `-Dlog.dump=true` prints what the crash left.
  private void check(long crash, String when) throws IOException {
    try {
      SimulatedDisk left = disk.crash(crash);
      var fresh = new SimulatedThreads(new SimulatedClock());
      LogStore opened = LogStore.open(left, HOME, fresh, SMALL);
      assertEquals(List.of(), opened.damage(), when);
      compare(opened, fresh, when);
      opened.close();
      assertEquals(List.of(), left.openFiles(), when);
    } catch (AssertionError e) {
      if (Boolean.getBoolean("log.dump")) {
        LogDump.print(disk.crash(crash), HOME, new Dump(System.out, DumpOptions.defaults()));
      }
      throw e;
    }
  }

  /// Every group is as it was handed in at some time, not before what was acknowledged.
  private void compare(LogStore opened, SimulatedThreads fresh, String when) {
    for (int id = 0; id < groups.size(); id++) {
      Naive naive = groups.get(id);
      GroupLog log = opened.group(id);
      if (log == null) {
        assertEquals(-1, naive.acknowledged, when + ": group " + id + " is gone");
        continue;
      }
      assertFalse(log.recovering(), when);
      List<Entry> entries = load(log, fresh);
      HardState hard = log.hardState();
      boolean asHanded = false;
      boolean voteAsHanded = false;
      List<State> states = naive.possible();
      for (State state : states) {
        asHanded |= same(log.mark(), entries, state);
        voteAsHanded |= hard.term() == state.hard().term() && hard.vote() == state.hard().vote();
      }
      String what = when + ": group " + id + " has " + log.mark() + " to " + log.lastIndex();
      assertTrue(voteAsHanded, () -> what + ": " + hard + " forgot " + states.getLast().hard());
      assertTrue(
          asHanded,
          () ->
              what
                  + "; acknowledged up to "
                  + states.getFirst().last()
                  + " of mark "
                  + states.getFirst().mark());
    }
  }

  private static boolean same(SnapshotMark mark, List<Entry> entries, State state) {
    long last = entries.isEmpty() ? mark.index() : entries.getLast().index();
    if (last != state.last()) {
      return false;
    }
    for (Entry entry : entries) {
      Entry other = state.entries().get(entry.index());
      if (entry.index() > state.mark().index()
          && (other == null
              || other.term() != entry.term()
              || other.kind() != entry.kind()
              || !Arrays.equals(other.bytes(), entry.bytes()))) {
        return false;
      }
    }
    return mark.index() <= state.mark().index() || state.term(mark.index()) == mark.term();
  }

  static List<Entry> load(GroupLog log, SimulatedThreads fresh) {
    List<Entry> all = new ArrayList<>();
    while (log.mark().index() + all.size() < log.lastIndex()) {
      int before = all.size();
      log.load(
          log.mark().index() + all.size() + 1,
          log.lastIndex(),
          5_000,
          new LoadListener() {
            @Override
            public void loaded(List<Entry> entries) {
              for (Entry entry : entries) {
                assertEquals(log.mark().index() + all.size() + 1, entry.index());
                assertEquals(log.term(entry.index()), entry.term());
                all.add(entry);
              }
            }

            @Override
            public void failed(IOException cause) {
              throw new AssertionError(cause);
            }
          });
      fresh.runAll();
      assertTrue(all.size() > before, "a load brings something");
    }
    return all;
  }
}
