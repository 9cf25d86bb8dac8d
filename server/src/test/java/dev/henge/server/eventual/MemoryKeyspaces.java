package dev.henge.server.eventual;

import dev.henge.base.Clock;
import dev.henge.base.Slots;
import dev.henge.data.ScanPosition;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.hot.HotKeys;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.quorum.Request;
import dev.henge.replication.replica.Change;
import dev.henge.replication.replica.Dots;
import dev.henge.replication.replica.KeyWalk;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.storage.Access;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.WriteRefusedException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Three copies of one keyspace in memory, without nodes or network: the test says who coordinates,
/// who is reached, and when answers come.
public final class MemoryKeyspaces implements EventualKeyspaces {
  public static final String CLUSTER = "0123456789abcdef0123456789abcdef";
  public static final int KEYSPACE = 1024;

  private static final int COPIES = 3;

  private final Clock clock;
  private final HotKeys hotKeys;
  private final boolean latestWins;
  private final List<KeyspaceReplica> copies = new ArrayList<>();
  private final List<Runnable> held = new ArrayList<>();
  private int coordinator;
  private boolean apart;
  private int reached = COPIES;
  private boolean losesAnswers;
  private boolean holding;

  public MemoryKeyspaces(Clock clock, boolean latestWins) {
    this.clock = clock;
    this.hotKeys = new HotKeys(clock);
    this.latestWins = latestWins;
    var options = new KeyspaceReplica.Options(KEYSPACE, latestWins, LogMode.SYNCED);
    for (int i = 0; i < COPIES; i++) {
      copies.add(
          new KeyspaceReplica(
              new ModelEngine(),
              options,
              new Dots(i + 1, 1),
              new HybridClock(clock, 60_000),
              clock));
    }
  }

  /// From now on requests go to this one of the copies, from 0.
  public void coordinator(int index) {
    coordinator = index;
  }

  /// From now on each copy is alone, and counts others as having hints.
  public void apart() {
    apart = true;
  }

  /// From now on there are so many copies to be had.
  public void reached(int count) {
    reached = count;
  }

  /// From now on writes are done and nobody hears of it.
  public void losesAnswers(boolean yes) {
    losesAnswers = yes;
  }

  /// From now on requests wait.
  public void hold() {
    holding = true;
  }

  /// How many wait.
  public int heldCount() {
    return held.size();
  }

  /// Has the request at `index` of those that wait done.
  public void release(int index) {
    held.remove(index).run();
  }

  /// Everybody learns what the others know, of every key.
  public void together() {
    apart = false;
    for (KeyspaceReplica from : copies) {
      try (KeyWalk walk = from.walk(ScanPosition.START, Slots.COUNT)) {
        while (walk.next()) {
          for (KeyspaceReplica to : copies) {
            merge(to, walk.key(), walk.versions());
          }
        }
      }
    }
  }

  @Override
  public String clusterId() {
    return CLUSTER;
  }

  @Override
  public @Nullable EventualPolicy policy(int keyspaceId) {
    return keyspaceId == KEYSPACE
        ? new EventualPolicy(COPIES, Level.QUORUM, Level.QUORUM, false, latestWins)
        : null;
  }

  @Override
  public void execute(
      int keyspaceId, byte[] key, Request request, long timeoutMillis, Consumer<Answer> done) {
    hotKeys.count(keyspaceId, key);
    Runnable task = () -> done.accept(execute(key, request));
    if (holding) {
      held.add(task);
    } else {
      task.run();
    }
  }

  private Answer execute(byte[] key, Request request) {
    return switch (request) {
      case Request.Read(Level level) -> read(key, level);
      case Request.Write(Change change, Level level) -> write(key, change, level, null);
      case Request.Forget(Level read, Level write) ->
          read(key, read) instanceof Answer.Found(Versions versions, int found)
              ? write(key, new Change.Delete(versions.seen()), write, versions)
              : new Answer.Unavailable(wanted(read), reached);
      case Request.Alter(Change change, Level read, Level write) ->
          read(key, read) instanceof Answer.Found(Versions versions, int found)
              ? write(key, change, write, versions)
              : new Answer.Unavailable(wanted(read), reached);
    };
  }

  private Answer read(byte[] key, Level level) {
    int wanted = wanted(level);
    if (reached < wanted) {
      return new Answer.Unavailable(wanted, reached);
    }
    Versions all = copies.get(coordinator).read(key, Access.DISK);
    for (KeyspaceReplica copy : apart ? List.<KeyspaceReplica>of() : copies) {
      all = all.merge(copy.read(key, Access.DISK));
    }
    return new Answer.Found(latestWins ? all.latest() : all, wanted);
  }

  private Answer write(byte[] key, Change change, Level level, @Nullable Versions read) {
    int wanted = wanted(level);
    if (reached < wanted) {
      return new Answer.Unavailable(wanted, reached);
    }
    if (read != null) {
      merge(copies.get(coordinator), key, read);
    }
    Outcome outcome;
    try {
      outcome = copies.get(coordinator).write(key, change, Access.DISK);
    } catch (WriteRefusedException e) {
      return new Answer.Overloaded(String.valueOf(e.getMessage()));
    }
    return switch (outcome) {
      case Outcome.Refused(Outcome.Refusal why) -> new Answer.Refused(why);
      case Outcome.Done done -> {
        for (KeyspaceReplica copy : apart ? List.<KeyspaceReplica>of() : copies) {
          merge(copy, key, done.versions());
        }
        yield losesAnswers
            ? new Answer.Unknown(wanted, 1)
            : new Answer.Written(
                done.versions(),
                read == null ? done.before() : read,
                apart ? wanted : reached,
                apart ? wanted - 1 : 0);
      }
    };
  }

  private static void merge(KeyspaceReplica to, byte[] key, Versions versions) {
    try {
      to.merge(key, versions, Access.DISK);
    } catch (WriteRefusedException e) {
      throw new AssertionError(e);
    }
  }

  private static int wanted(Level level) {
    return switch (level.kind()) {
      case COUNT -> level.count();
      case QUORUM, LOCAL_QUORUM, EACH_QUORUM -> COPIES / 2 + 1;
      case ALL -> COPIES;
    };
  }

  @Override
  public void page(
      int keyspaceId, ScanPosition from, int count, long timeoutMillis, Consumer<KeysAnswer> done) {
    if (reached == 0) {
      done.accept(new KeysAnswer.Unavailable("no copy of slot 0 can be reached now"));
      return;
    }
    List<KeysAnswer.LiveKey> keys = new ArrayList<>();
    ScanPosition next = null;
    ScanPosition last = from;
    try (KeyWalk walk = copies.get(coordinator).walk(from, Slots.COUNT)) {
      for (int looked = 0; walk.next(); looked++) {
        if (looked == count) {
          next = last;
          break;
        }
        last = walk.position();
        Set<Version.Kind> kinds = EnumSet.noneOf(Version.Kind.class);
        walk.versions().live(clock.wallMillis()).forEach(version -> kinds.add(version.kind()));
        if (!kinds.isEmpty()) {
          keys.add(new KeysAnswer.LiveKey(walk.key(), kinds));
        }
      }
    }
    done.accept(new KeysAnswer.Page(keys, next));
  }

  @Override
  public void count(int keyspaceId, long timeoutMillis, Consumer<KeysAnswer> done) {
    page(
        keyspaceId,
        ScanPosition.START,
        Integer.MAX_VALUE,
        timeoutMillis,
        answer ->
            done.accept(
                answer instanceof KeysAnswer.Page page
                    ? new KeysAnswer.Count(page.keys().size())
                    : answer));
  }

  @Override
  public List<HotKeys.Rate> hotKeys(int count) {
    return hotKeys.top(count);
  }
}
