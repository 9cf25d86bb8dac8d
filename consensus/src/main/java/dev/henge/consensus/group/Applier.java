package dev.henge.consensus.group;

import dev.henge.base.DiskFullException;
import dev.henge.base.Invariant;
import dev.henge.consensus.log.GroupLog;
import dev.henge.consensus.log.LoadListener;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Brings committed entries into a group's state machine, in batches, and tells who waits for them.
///
/// - Threads: the state machine is called from this strand only, which may block on the disk. The
///   volatile fields may be read, and [#commit] and [#later] called, from anywhere.
/// - Errors: a full disk is waited for: what is committed is applied when space returns, tried
///   again at growing distances. Whatever else the state machine or the log cannot do ends the
///   replica.
final class Applier {
  /// Ticks between two tries while the disk is full, at most.
  private static final int RETRY_TICKS_MAX = 32;

  private final StateMachine machine;
  private final GroupLog log;
  private final GroupOptions.Bounds bounds;
  private final GroupTime time;
  private final InFlight inFlight;
  private final WaitingReads reads;
  private final Listener listener;
  private final Strand strand;
  private final Inbox inbox;

  // any thread
  private volatile long commitIndex;
  private volatile long appliedIndex;
  private volatile long durableIndex;
  private volatile long leader;
  private volatile @Nullable Loaded loaded;
  private volatile @Nullable IOException loadFailure;
  private volatile boolean loading;
  private volatile long wakeIndex = Long.MAX_VALUE;
  private volatile boolean full;

  // owned by the strand
  private final List<StateMachine.Command> commands = new ArrayList<>();
  private int retryTicks = 1;
  private int waitTicks;
  private boolean broken;
  private boolean ended;

  /// What a replica wants to know of its applier; called on the strand.
  interface Listener {
    /// The applied index has reached what [Applier#wakeAt] asked for.
    void reached();

    void failed(Throwable cause);
  }

  Applier(
      StateMachine machine,
      GroupLog log,
      GroupOptions.Bounds bounds,
      GroupTime time,
      InFlight inFlight,
      WaitingReads reads,
      StrandPool pool,
      Listener listener) {
    this.machine = machine;
    this.log = log;
    this.bounds = bounds;
    this.time = time;
    this.inFlight = inFlight;
    this.reads = reads;
    this.listener = listener;
    this.strand = new Strand(pool, this::run);
    this.inbox = new Inbox(0);
    appliedIndex = machine.appliedIndex();
    commitIndex = appliedIndex;
    durableIndex = machine.durableIndex();
    time.observed(machine.nowMillis());
  }

  long appliedIndex() {
    return appliedIndex;
  }

  /// As last asked for by [#refreshDurable].
  long durableIndex() {
    return durableIndex;
  }

  /// Everything up to `index` may be applied.
  void commit(long index, long leaderNow) {
    leader = leaderNow;
    if (index > commitIndex) {
      commitIndex = index;
      strand.signal();
    }
  }

  /// Calls [Listener#reached] when `index` is applied, or was already.
  void wakeAt(long index) {
    wakeIndex = index;
    strand.signal();
  }

  /// Runs `task` on the strand with the state machine.
  void later(Task task) {
    inbox.add(() -> runTask(task));
    strand.signal();
  }

  /// Whether commands wait for space on the disk.
  boolean isFull() {
    return full;
  }

  /// Time has passed while the disk was full.
  void tick() {
    inbox.add(() -> waitTicks--);
    strand.signal();
  }

  /// Looks at how much is durable; asks for more when it is less than `wanted`.
  void refreshDurable(long wanted) {
    later(held -> {
      try {
        if (held.durableIndex() < wanted) {
          held.flush();
        }
      } catch (DiskFullException waits) {
        // asked for again, as long as the log wants to be cut
      }
      durableIndex = held.durableIndex();
    });
  }

  void readsWait() {
    strand.signal();
  }

  /// Something to do with the state machine.
  interface Task {
    void run(StateMachine machine) throws IOException;
  }

  /// The content is that of an image now. On the strand.
  void installed(SnapshotMark mark) {
    Invariant.check(machine.appliedIndex() == mark.index(), "the image is what its mark says");
    appliedIndex = mark.index();
    durableIndex = machine.durableIndex();
    time.observed(machine.nowMillis());
    inFlight.skipped(mark.index());
  }

  /// Closes the state machine behind everything given to [#later] before, then runs `then`; nothing
  /// is applied after this.
  void end(Consumer<@Nullable IOException> then) {
    inbox.add(() -> {
      if (ended) {
        return;
      }
      ended = true;
      try {
        machine.close();
        then.accept(null);
      } catch (IOException e) {
        then.accept(e);
      }
    });
    strand.signal();
  }

  private void run() {
    for (Runnable task : inbox.takeTasks()) {
      task.run();
    }
    if (ended || broken) {
      return;
    }
    try {
      if (!full || waitTicks <= 0) {
        step();
      }
      if (full) {
        // They would wait for what cannot be applied: nothing was done for them.
        reads.serve(appliedIndex, time);
        reads.refuse(ConsensusGroup.Refusal.DISK_FULL, leader);
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void runTask(Task task) {
    if (ended || broken) {
      return;
    }
    try {
      task.run(machine);
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void fail(Exception cause) {
    broken = true;
    listener.failed(cause);
  }

  private void step() throws IOException {
    long target = commitIndex;
    if (appliedIndex < target && !loading) {
      List<Entry> entries = next(target);
      if (!entries.isEmpty() && tryToApply(entries)) {
        if (appliedIndex < commitIndex) {
          strand.signal();
        }
      }
    }
    reads.serve(appliedIndex, time);
    if (appliedIndex >= wakeIndex) {
      wakeIndex = Long.MAX_VALUE;
      listener.reached();
    }
  }

  /// @return false when the disk is full
  private boolean tryToApply(List<Entry> entries) throws IOException {
    try {
      apply(entries);
    } catch (DiskFullException noSpace) {
      full = true;
      waitTicks = retryTicks;
      retryTicks = Math.min(2 * retryTicks, RETRY_TICKS_MAX);
      return false;
    }
    full = false;
    retryTicks = 1;
    return true;
  }

  /// The entries behind the applied index, from memory or as they came from the disk; none when
  /// they are on their way.
  private List<Entry> next(long target) throws IOException {
    IOException failure = loadFailure;
    if (failure != null) {
      throw failure;
    }
    long from = appliedIndex + 1;
    Loaded came = loaded;
    loaded = null;
    if (came != null && came.from == from) {
      if (came.entries.isEmpty()) {
        throw new IOException(
            "group " + log.id() + " lacks entry " + from + ", which it committed");
      }
      return came.entries;
    }
    List<Entry> entries = log.entries(from, target, bounds.applyBytes());
    if (entries.isEmpty()) {
      loading = true;
      log.load(from, target, bounds.applyBytes(), new Load(from));
    }
    return entries;
  }

  private void apply(List<Entry> entries) throws IOException {
    Invariant.check(
        entries.getFirst().index() == appliedIndex + 1, "entries are applied in their order");
    commands.clear();
    for (Entry entry : entries) {
      if (entry.kind() == Entry.Kind.COMMANDS) {
        CommandCodec.decode(entry.index(), entry.term(), entry.bytes(), commands);
      }
    }
    List<?> replies = commands.isEmpty() ? List.of() : machine.apply(commands);
    Invariant.check(replies.size() == commands.size(), "a reply for each command");
    if (!commands.isEmpty()) {
      time.observed(commands.getLast().nowMillis());
    }
    Entry last = entries.getLast();
    machine.advance(last.index(), last.term());
    appliedIndex = last.index();
    if (!inFlight.isEmpty()) {
      tell(entries, replies);
    }
    commands.clear();
  }

  private void tell(List<Entry> entries, List<?> replies) throws IOException {
    int first = 0;
    for (Entry entry : entries) {
      inFlight.applied(entry.index(), entry.term(), replies, first, leader);
      if (entry.kind() == Entry.Kind.COMMANDS) {
        first += CommandCodec.count(entry.bytes());
      }
    }
  }

  private record Loaded(long from, List<Entry> entries) {}

  private final class Load implements LoadListener {
    private final long from;

    Load(long from) {
      this.from = from;
    }

    @Override
    public void loaded(List<Entry> entries) {
      loaded = new Loaded(from, entries);
      loading = false;
      strand.signal();
    }

    @Override
    public void failed(IOException cause) {
      loadFailure = cause;
      loading = false;
      strand.signal();
    }
  }
}
