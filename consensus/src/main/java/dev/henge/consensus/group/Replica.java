package dev.henge.consensus.group;

import dev.henge.base.Clock;
import dev.henge.base.DiskFullException;
import dev.henge.base.Randomness;
import dev.henge.consensus.log.Durability;
import dev.henge.consensus.log.GroupLog;
import dev.henge.consensus.log.LoadListener;
import dev.henge.consensus.log.LogListener;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.Lease;
import dev.henge.consensus.raft.Message;
import dev.henge.consensus.raft.Proposed;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.Ready;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// This node's replica of one group: carries events to the core, and what the core wants to the
/// log, to other members and to the state machine.
///
/// A run of the strand takes everything that waits, in this order: what has become durable,
/// messages, a tick, commands (put together into few entries), reads. Then it does what the core
/// says, and lets what is to be sent leave at once.
///
/// - Threads: the methods of [ConsensusGroup] and those marked so from any; the rest belongs to the
///   strand. The [Applier] is a strand of its own.
/// - Errors: a broken invariant, a failed log or state machine ends this replica; what was under
///   way is told as unknown.
final class Replica implements ConsensusGroup, ImageServer.Source {
  /// Election timeouts between two tries of a leader without space to hand over.
  private static final int FULL_TIMEOUTS = 20;

  private final long id;
  private final Raft core;
  private final GroupLog log;
  private final GroupOptions options;
  private final Clock clock;
  private final Randomness randomness;
  private final Node node;
  private final GroupTime time;
  private final Strand strand;
  private final Inbox inbox;
  private final ProposalQueue proposals;
  private final InFlight inFlight;
  private final Applier applier;
  private final ReadDesk reads;
  private final ImagePull pull;
  private final Changes changes;
  private final Compaction compaction;
  private final Freshness freshness;
  private final HeldMessages held = new HeldMessages();

  // any thread
  private final AtomicLong durableWrite = new AtomicLong();
  private volatile @Nullable IOException logFailure;
  private volatile boolean pulling;
  private volatile boolean quiet;
  private volatile View view;

  // owned by the strand
  private long toldWrite;
  private long leadTerm;
  private long leadIndex;
  private int holdTicks;
  private int fullTicks;
  private boolean ended;

  /// What the replica needs of the node around it.
  interface Node {
    /// Any thread: puts messages up to be sent.
    void send(long group, Message message);

    /// Any thread: lets them leave, together with what groups add that have their turn now.
    void flush();

    void send(long member, PeerMessage message);

    /// The replica cannot go on and has begun to stop.
    void failed(long group, Throwable cause);

    boolean isLogOverloaded();

    /// Whether the log waits for space.
    boolean isLogFull();
  }

  /// What others may see of the core.
  private record View(
      GroupStatus.Role role,
      long term,
      long leader,
      Configuration configuration,
      long commitIndex,
      long lastIndex,
      SortedMap<Long, Long> matched) {}

  Replica(
      Raft core,
      GroupLog log,
      StateMachine machine,
      GroupOptions options,
      Clock clock,
      Randomness randomness,
      StrandPool raftPool,
      StrandPool applyPool,
      Node node) {
    this.id = log.id();
    this.core = core;
    this.log = log;
    this.options = options;
    this.clock = clock;
    this.randomness = randomness;
    this.node = node;
    GroupOptions.Bounds bounds = options.bounds();
    time = new GroupTime(clock);
    inbox = new Inbox(bounds.inboxBytes());
    proposals = new ProposalQueue(bounds);
    inFlight = new InFlight(proposals);
    var waiting = new WaitingReads();
    applier =
        new Applier(
            machine, log, bounds, time, inFlight, waiting, applyPool, new ApplierListener());
    var lease = new Lease(options.timing().leaseNanos());
    reads = new ReadDesk(core, lease, clock, applier, time, waiting, bounds.pendingCount());
    pull = new ImagePull(id, options.timing().holdTicks(), new PullListener());
    changes = new Changes(core);
    compaction = new Compaction(core, log, applier, bounds);
    freshness = new Freshness(clock, randomness, options.timing().driftPermille());
    view = view(role(), core.matched());
    strand = new Strand(raftPool, this::run);
  }

  // ---- any thread

  @Override
  public long id() {
    return id;
  }

  @Override
  public void propose(byte[] command, long term, ProposalListener listener) {
    View now = view;
    if (now.role != GroupStatus.Role.LEADER && now.role != GroupStatus.Role.STOPPED) {
      listener.refused(Refusal.NOT_LEADER, now.leader);
      return;
    }
    switch (proposals.offer(command, term, listener)) {
      case DUE -> strand.signal();
      case QUEUED -> {}
      case TOO_LARGE -> listener.refused(Refusal.TOO_LARGE, now.leader);
      case OVERLOADED -> listener.refused(Refusal.OVERLOADED, now.leader);
      case STOPPED -> listener.refused(Refusal.STOPPED, 0);
    }
  }

  @Override
  public void read(ReadLevel level, long term, ReadListener listener) {
    View now = view;
    if (now.role == GroupStatus.Role.STOPPED) {
      listener.refused(Refusal.STOPPED, 0);
      return;
    }
    if (level == ReadLevel.STALE) {
      boolean alone =
          now.role == GroupStatus.Role.LEADER
              && now.configuration.voters().size() == 1
              && !now.configuration.isJoint();
      long applied = applier.appliedIndex();
      listener.ready(applied, time.now(), alone ? 0 : freshness.ageMillis(applied));
      return;
    }
    if (now.role != GroupStatus.Role.LEADER) {
      listener.refused(Refusal.NOT_LEADER, now.leader);
      return;
    }
    switch (reads.offer(level, term, listener)) {
      case DUE -> strand.signal();
      case QUEUED -> {}
      case OVERLOADED, TOO_LARGE -> listener.refused(Refusal.OVERLOADED, now.leader);
      case STOPPED -> listener.refused(Refusal.STOPPED, 0);
    }
  }

  @Override
  public GroupStatus status() {
    View now = view;
    return new GroupStatus(
        now.role,
        now.term,
        now.leader,
        now.configuration,
        now.commitIndex,
        applier.appliedIndex(),
        now.lastIndex,
        now.matched);
  }

  @Override
  public void changeMembers(
      SortedSet<Long> voters, SortedSet<Long> learners, OutcomeListener listener) {
    later(() -> changes.changeMembers(voters, learners, listener), listener);
  }

  @Override
  public void transfer(long member, OutcomeListener listener) {
    later(() -> changes.transfer(member, listener), listener);
  }

  @Override
  public boolean isDiskFull() {
    return applier.isFull() || node.isLogFull();
  }

  private void later(Runnable task, OutcomeListener listener) {
    inbox.add(() -> {
      if (ended) {
        listener.refused(Refusal.STOPPED, 0);
      } else {
        task.run();
      }
    });
    if (!strand.signal()) {
      // the pool is closed: nothing takes the task any more
      listener.refused(Refusal.STOPPED, 0);
    }
  }

  /// Any thread: messages of another member; [#signal] follows.
  void receive(Message message) {
    inbox.add(message);
  }

  void signal() {
    strand.signal();
  }

  /// As [#signal], and does at once what there is to do, where no other thread is at it.
  void runHere() {
    strand.runHere();
  }

  void receive(long from, PeerMessage.SnapshotChunk chunk) {
    applier.later(machine -> {
      pull.chunk(machine, from, chunk);
      pulling = pull.isUnderWay();
    });
  }

  /// Any thread: time has passed. Quiet groups have nothing to do with it.
  void tick(boolean compact) {
    if (!quiet || compact) {
      inbox.tick();
      if (compact) {
        inbox.add(compaction::force);
      }
      strand.signal();
    }
    if (applier.isFull()) {
      applier.tick();
    }
    if (pulling) {
      applier.later(machine -> {
        pull.tick(view.leader);
        pulling = pull.isUnderWay();
      });
    }
  }

  /// Any thread: the connection to `member` is gone.
  void unreachable(long member) {
    if (view.configuration.contains(member)) {
      inbox.add(() -> core.unreachable(member));
      strand.signal();
    }
  }

  /// Any thread: gives leadership to the voter that holds most of the log.
  ///
  /// @return whether this replica still leads, and another could; or it led, and somebody has not
  ///   been answered yet
  boolean giveAway() {
    View now = view;
    if (now.role != GroupStatus.Role.LEADER) {
      return !inFlight.isEmpty();
    }
    if (now.configuration.voters().size() < 2) {
      return false;
    }
    inbox.add(() -> {
      if (!ended) {
        changes.handOver();
      }
    });
    strand.signal();
    return true;
  }

  /// Any thread: ends this replica. Nothing more is done, and everybody who waits is told.
  ///
  /// @param then runs when the state machine is closed
  void stop(Runnable then) {
    inbox.add(() -> {
      end();
      applier.end(cause -> {
        if (cause != null) {
          node.failed(id, cause);
        }
        then.run();
      });
    });
    strand.signal();
  }

  @Override
  public void image(ImageServer.Taker taker) {
    applier.later(machine -> {
      StateMachine.Image image;
      try {
        image = machine.image();
      } catch (DiskFullException noSpace) {
        taker.take(null, null);
        return;
      }
      // The configuration at an index belongs to the core's strand.
      inbox.add(() -> taker.take(image, ended ? null : markOf(image.index())));
      strand.signal();
    });
  }

  @Override
  public void keepLogBehind(long index) {
    compaction.keepBehind(index);
  }

  private @Nullable SnapshotMark markOf(long index) {
    return index < log.mark().index()
        ? null
        : new SnapshotMark(index, log.term(index), core.configurationAt(index));
  }

  // ---- the strand

  private void run() {
    try {
      step();
    } catch (RuntimeException broken) {
      fail(broken);
    }
  }

  private void step() {
    List<Runnable> tasks = inbox.takeTasks();
    for (int i = 0; i < tasks.size(); i++) {
      tasks.get(i).run();
    }
    if (ended) {
      return;
    }
    IOException failure = logFailure;
    if (failure != null) {
      fail(failure);
      return;
    }
    core.stamp(freshness.stamp());
    tellDurable();
    core.applied(applier.appliedIndex());
    List<Message> messages = inbox.takeMessages();
    boolean ticked = inbox.takeTick();
    boolean full = !messages.isEmpty() && node.isLogOverloaded();
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      if (full && message instanceof Message.Append append && !append.entries().isEmpty()) {
        continue; // as if it were lost: its sender comes again
      }
      core.step(message);
      if (message instanceof Message.Heartbeat heartbeat) {
        freshness.told(heartbeat.confirmed(), heartbeat.stamp());
      }
    }
    if (ticked) {
      tick();
    }
    reads.heard();
    freshness.told(core.confirmedIndex(), core.confirmedStamp());
    lead();
    propose();
    reads.run();
    handOver();
    changes.check();
    publish(ticked);
    node.flush();
  }

  private void tellDurable() {
    long durable = durableWrite.get();
    if (durable > toldWrite) {
      toldWrite = durable;
      core.persisted(durable);
      held.release(durable, this::send);
      if (log.recovering() && !core.isRecovering()) {
        log.recovered();
      }
    }
  }

  private void tick() {
    core.tick();
    compaction.tick();
    yieldWhileFull();
    if (core.role() != Raft.Role.LEADER && !inFlight.isEmpty()) {
      if (++holdTicks >= options.timing().holdTicks()) {
        holdTicks = 0;
        inFlight.giveUp(core.term());
      }
    } else {
      holdTicks = 0;
    }
  }

  /// A leader without space lets another lead, who may have some; again after a while, when that
  /// was of no use.
  private void yieldWhileFull() {
    if (!isDiskFull()) {
      fullTicks = 0;
    } else if (core.role() == Raft.Role.LEADER
        && fullTicks++ % (FULL_TIMEOUTS * options.timing().raft().electionTicks()) == 0) {
      changes.handOver();
    }
  }

  /// A new leader first applies what leaders before it proposed: its time begins where theirs
  /// ended.
  private void lead() {
    if (core.role() == Raft.Role.LEADER && core.term() != leadTerm) {
      leadTerm = core.term();
      leadIndex = core.lastIndex();
      applier.wakeAt(leadIndex);
    }
  }

  /// Puts the commands that wait together into entries: at once when everything proposed before is
  /// committed, else when they fill an entry. A round costs the same for one command as for many (a
  /// write and a sync on each member, a message each way), so what comes while one is under way
  /// shares the next, as in group commit; the commit wakes the strand.
  private void propose() {
    if (core.role() != Raft.Role.LEADER) {
      ProposalQueue.Batch batch = proposals.take();
      if (batch != null) {
        batch.refuse(0, Refusal.NOT_LEADER, core.leader(), proposals);
      }
      return;
    }
    if (isDiskFull() && !core.isTransferring()) {
      ProposalQueue.Batch refused = proposals.take();
      if (refused != null) {
        refused.refuse(0, Refusal.DISK_FULL, core.leader(), proposals);
      }
      return;
    }
    if (applier.appliedIndex() < leadIndex) {
      return;
    }
    if (core.lastIndex() > core.commitIndex() && !proposals.fillsEntry()) {
      return;
    }
    ProposalQueue.Batch batch = proposals.take();
    if (batch == null) {
      return;
    }
    batch.refuseOtherTerms(core.term(), core.leader(), proposals);
    if (node.isLogOverloaded()) {
      batch.refuse(0, Refusal.OVERLOADED, core.leader(), proposals);
      return;
    }
    int entryBytes = options.bounds().entryBytes();
    var entries = new ArrayList<byte[]>(1);
    for (int from = 0; from < batch.count; from = batch.entryEnd(from, entryBytes)) {
      int to = batch.entryEnd(from, entryBytes);
      entries.add(
          CommandCodec.encode(time.next(), randomness.nextLong(), batch.commands, from, to));
    }
    if (entries.isEmpty()) {
      return;
    }
    Proposed proposed = core.propose(entries);
    Refusal refusal = Changes.refusal(proposed.outcome());
    if (refusal != null) {
      batch.refuse(0, refusal, core.leader(), proposals);
      return;
    }
    long index = proposed.index();
    for (int from = 0; from < batch.count; index++) {
      int to = batch.entryEnd(from, entryBytes);
      inFlight.add(index, proposed.term(), batch, from, to);
      from = to;
    }
  }

  /// Does what the core wants.
  private void handOver() {
    while (core.hasReady()) {
      reads.sending();
      Ready ready = core.ready();
      if (ready.writes()) {
        compaction.grown(ready.entries());
        if (!ready.durableMessages().isEmpty()) {
          held.hold(ready.writeNumber(), ready.durableMessages());
        }
        log.append(
            ready.hardState(),
            ready.entries(),
            Durability.SYNCED,
            new Written(ready.writeNumber()));
      } else {
        send(ready.durableMessages());
      }
      send(ready.messages());
      applier.commit(ready.commitIndex(), core.leader());
      reads.ended(ready.readStates());
      for (Ready.Fetch fetch : ready.fetches()) {
        log.load(fetch.from(), fetch.to(), options.timing().raft().appendBytesMax(), new Fetched());
      }
      Ready.InstallSnapshot install = ready.installSnapshot();
      if (install != null) {
        applier.later(machine -> {
          pull.begin(install.from(), install.mark());
          pulling = pull.isUnderWay();
        });
      }
    }
  }

  private void send(List<Message> messages) {
    for (int i = 0; i < messages.size(); i++) {
      node.send(id, messages.get(i));
    }
  }

  /// The state machine holds the image at `mark`, and the log must begin there.
  private void installed(SnapshotMark mark) {
    if (ended) {
      return;
    }
    handOver();
    if (log.lastIndex() >= mark.index()
        && log.mark().index() <= mark.index()
        && log.term(mark.index()) == mark.term()) {
      log.compact(mark);
    } else if (log.mark().index() < mark.index()) {
      log.reset(mark, LogListener.NONE);
    }
    core.snapshotInstalled(mark);
  }

  private void publish(boolean ticked) {
    quiet = core.isQuiet() && inFlight.isEmpty() && !isDiskFull();
    View before = view;
    GroupStatus.Role role = role();
    // What members hold is looked at once a tick only: it costs more than the rest.
    boolean looks = role == GroupStatus.Role.LEADER && (ticked || before.role != role);
    if (looks
        || before.role != role
        || before.commitIndex != core.commitIndex()
        || before.lastIndex != core.lastIndex()
        || before.term != core.term()
        || before.leader != core.leader()
        || before.configuration != core.configuration()) {
      view = view(role, looks || before.role != role ? core.matched() : before.matched);
    }
  }

  private View view(GroupStatus.Role role, SortedMap<Long, Long> matched) {
    return new View(
        role,
        core.term(),
        core.leader(),
        core.configuration(),
        core.commitIndex(),
        core.lastIndex(),
        matched);
  }

  private GroupStatus.Role role() {
    if (ended) {
      return GroupStatus.Role.STOPPED;
    }
    return switch (core.role()) {
      case LEADER -> GroupStatus.Role.LEADER;
      case CANDIDATE, PRE_CANDIDATE -> GroupStatus.Role.CANDIDATE;
      case FOLLOWER ->
          core.configuration().isVoter(core.self())
              ? GroupStatus.Role.FOLLOWER
              : GroupStatus.Role.LEARNER;
    };
  }

  private void fail(Throwable cause) {
    if (!ended) {
      end();
      node.failed(id, cause);
    }
  }

  /// Tells everybody who waits. Idempotent.
  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    quiet = true;
    view = view(GroupStatus.Role.STOPPED, core.matched());
    ProposalQueue.Batch batch = proposals.stop();
    if (batch != null) {
      batch.refuse(0, Refusal.STOPPED, 0, proposals);
    }
    inFlight.giveUp(Long.MAX_VALUE);
    reads.stop();
    changes.stop();
  }

  private final class Written implements LogListener {
    private final long number;

    Written(long number) {
      this.number = number;
    }

    @Override
    public void durable() {
      durableWrite.set(number);
      runHere();
    }

    @Override
    public void failed(IOException cause) {
      logFailure = cause;
      strand.signal();
    }
  }

  private final class Fetched implements LoadListener {
    @Override
    public void loaded(List<Entry> entries) {
      inbox.add(() -> {
        if (!ended) {
          core.fetched(entries);
        }
      });
      strand.signal();
    }

    @Override
    public void failed(IOException cause) {
      logFailure = cause;
      strand.signal();
    }
  }

  private final class ApplierListener implements Applier.Listener {
    @Override
    public void reached() {
      strand.signal();
    }

    @Override
    public void failed(Throwable cause) {
      inbox.add(() -> fail(cause));
      strand.signal();
    }
  }

  private final class PullListener implements ImagePull.Listener {
    @Override
    public void request(long member, PeerMessage.SnapshotRequest request) {
      node.send(member, request);
    }

    @Override
    public void installed(SnapshotMark mark) {
      applier.installed(mark);
      inbox.add(() -> Replica.this.installed(mark));
      strand.signal();
    }

    @Override
    public void abandoned() {
      inbox.add(() -> {
        if (!ended) {
          core.snapshotAbandoned();
        }
      });
      strand.signal();
    }
  }
}
