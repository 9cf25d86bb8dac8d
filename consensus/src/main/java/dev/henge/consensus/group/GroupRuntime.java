package dev.henge.consensus.group;

import dev.henge.base.Clock;
import dev.henge.base.FormatException;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.log.GroupLog;
import dev.henge.consensus.log.LogListener;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.Message;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// All replicas of one node: their threads, their ticks, and what they have to say to other
/// members.
///
/// - Shape: three pools (the groups' strands; state machines, which may block on a disk; images)
///   and one timer, however many groups there are.
/// - Use: whoever owns the transport gives [#receive] what arrives and [#unreachable] what is lost.
/// - Threads: any; nothing blocks but [#close].
/// - Lifetime: owns the state machines it was given. The log store and the transport are their
///   maker's, and outlive it.
public final class GroupRuntime implements AutoCloseable {
  /// Every group has a strand in each pool, every member one; each takes at most one place.
  private static final int STRANDS_MAX = 8192;

  /// Ticks between two looks at the size of the log.
  private static final int STORE_TICKS = 10;

  private final long self;
  private final LogStore store;
  private final PeerTransport transport;
  private final Clock clock;
  private final Randomness randomness;
  private final GroupOptions options;
  private final RaftFactory cores;
  private final BiConsumer<Long, Throwable> onFailure;
  private final StrandPool raftPool;
  private final StrandPool applyPool;
  private final StrandPool imagePool;
  private final Threads.Timer ticker;
  private final ImageServer images;
  private final long deadlineMillis;
  private final ReplicaNode node = new ReplicaNode();

  private final ConcurrentSkipListMap<Long, Replica> replicas = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, Outbox> outboxes = new ConcurrentSkipListMap<>();

  // one for each that asked, which is the node's end
  private final CopyOnWriteArrayList<Drain> draining = new CopyOnWriteArrayList<>();

  // owned by the ticker
  private int storeTicks;

  // guarded by this
  private boolean closed;

  /// What a runtime is built from.
  ///
  /// @param self own member number
  /// @param threadCount how many threads the groups' strands share; as many again may block on the
  ///   disk
  /// @param onFailure hears of a replica that ended by itself: group and cause. Any thread
  public record Parts(
      long self,
      LogStore store,
      PeerTransport transport,
      Threads threads,
      int threadCount,
      Clock clock,
      Randomness randomness,
      GroupOptions options,
      RaftFactory cores,
      BiConsumer<Long, Throwable> onFailure) {}

  public GroupRuntime(Parts parts) {
    self = parts.self;
    store = parts.store;
    transport = parts.transport;
    clock = parts.clock;
    randomness = parts.randomness;
    options = parts.options;
    cores = parts.cores;
    onFailure = parts.onFailure;
    raftPool = new StrandPool(parts.threads.pool("raft", parts.threadCount, STRANDS_MAX));
    applyPool = new StrandPool(parts.threads.pool("apply", parts.threadCount, STRANDS_MAX));
    imagePool = new StrandPool(parts.threads.pool("images", 1, 16));
    GroupOptions.Timing timing = options.timing();
    deadlineMillis = timing.tick().toMillis() * timing.raft().electionTicks();
    images =
        new ImageServer(
            options.images(),
            parts.threads,
            imagePool,
            clock,
            randomness,
            transport,
            deadlineMillis,
            replicas::get);
    ticker = parts.threads.every(timing.tick(), raftPool.pool(), this::tick);
  }

  /// Founds this node's replica of a new group, or of one that begins with content.
  ///
  /// @param mark where the log begins, with the configuration; the state machine holds what is up
  ///   to its index
  /// @param machine owned by the runtime from now on
  public ConsensusGroup create(long group, SnapshotMark mark, StateMachine machine)
      throws IOException {
    return add(store.create(group, mark, told(group, () -> {})), machine);
  }

  /// Makes a replica that knows nothing and waits for a leader to reach it.
  public ConsensusGroup createEmpty(long group, StateMachine machine) throws IOException {
    return create(group, nothing(), machine);
  }

  /// As [#createEmpty], where this node had a replica of the group before that was removed. It may
  /// have voted in terms that are not over everywhere, so this one does not vote before it knows of
  /// a later one.
  public ConsensusGroup createAgain(long group, StateMachine machine) throws IOException {
    return add(store.createRecovering(group, nothing(), told(group, () -> {})), machine);
  }

  private static SnapshotMark nothing() {
    return new SnapshotMark(0, 0, Configuration.ofVoters(new TreeSet<>()));
  }

  /// Opens a replica as it was left.
  ///
  /// @throws IllegalArgumentException where the log store has no such group
  public ConsensusGroup open(long group, StateMachine machine) throws IOException {
    GroupLog log = store.group(group);
    if (log == null) {
      throw new IllegalArgumentException("no log of group " + group);
    }
    SnapshotMark mark = machine.installedMark();
    if (mark != null && mark.index() > log.mark().index() && !holds(log, mark)) {
      // The node died between the image and the reset of the log.
      log.reset(mark, LogListener.NONE);
    }
    return add(log, machine);
  }

  private static boolean holds(GroupLog log, SnapshotMark mark) {
    return mark.index() <= log.lastIndex() && log.term(mark.index()) == mark.term();
  }

  private ConsensusGroup add(GroupLog log, StateMachine machine) throws IOException {
    if (machine.appliedIndex() < log.mark().index()) {
      throw new IOException(
          "group "
              + log.id()
              + ": the log begins at "
              + log.mark().index()
              + " and the state machine ends at "
              + machine.appliedIndex());
    }
    Raft core =
        cores.raft(
            options.timing().raft(),
            self,
            log.hardState(),
            log,
            configurations(log),
            log.recovering(),
            randomness);
    var replica =
        new Replica(core, log, machine, options, clock, randomness, raftPool, applyPool, node);
    synchronized (this) {
      if (closed || replicas.putIfAbsent(log.id(), replica) != null) {
        throw new IllegalStateException("group " + log.id() + " is open, or the runtime is closed");
      }
    }
    replica.signal();
    return replica;
  }

  private static SortedMap<Long, Configuration> configurations(GroupLog log)
      throws FormatException {
    var decoded = new TreeMap<Long, Configuration>();
    for (Entry entry : log.configurations().values()) {
      decoded.put(entry.index(), Configuration.decode(entry.bytes()));
    }
    return decoded;
  }

  /// This node's replica; null where it has none.
  public @Nullable ConsensusGroup group(long group) {
    return replicas.get(group);
  }

  /// Ends a replica; its log stays.
  ///
  /// @param done runs when the state machine is closed
  public void close(long group, Runnable done) {
    Replica replica = replicas.remove(group);
    if (replica == null) {
      done.run();
    } else {
      images.end(group, () -> replica.stop(done));
    }
  }

  /// Ends a replica for good: its log is removed too. What the state machine has on the disk is its
  /// maker's to delete.
  public void remove(long group, Runnable done) {
    close(
        group,
        () -> {
          GroupLog log = store.group(group);
          if (log == null) {
            done.run();
          } else {
            log.remove(told(group, done));
          }
        });
  }

  /// Asks the log to make durable what it is told, which it need not where nobody listens.
  private LogListener told(long group, Runnable done) {
    return new LogListener() {
      @Override
      public void durable() {
        done.run();
      }

      @Override
      public void failed(IOException cause) {
        onFailure.accept(group, cause);
      }
    };
  }

  /// Takes what the transport received.
  ///
  /// @return false for a [PeerMessage.Call] or [PeerMessage.Answer]: these are for others
  public boolean receive(long from, PeerMessage message) {
    switch (message) {
      case PeerMessage.GroupMessages all -> receive(from, all.messages());
      case PeerMessage.SnapshotRequest request -> images.request(from, request);
      case PeerMessage.SnapshotChunk chunk -> {
        Replica replica = replicas.get(chunk.group());
        if (replica != null) {
          replica.receive(from, chunk);
        }
      }
      case PeerMessage.Call call -> {
        return false;
      }
      case PeerMessage.Answer answer -> {
        return false;
      }
    }
    return true;
  }

  private void receive(long from, List<PeerMessage.GroupMessage> messages) {
    Replica first = null;
    Replica last = null;
    for (PeerMessage.GroupMessage each : messages) {
      Message message = each.message();
      if (message.from() != from || message.to() != self) {
        continue;
      }
      Replica replica =
          last != null && last.id() == each.group() ? last : replicas.get(each.group());
      if (replica == null) {
        continue;
      }
      if (last != null && last != replica) {
        last.signal();
      }
      replica.receive(message);
      first = first == null ? replica : first;
      last = replica;
    }
    if (last == null) {
      return;
    }
    if (last == first) {
      last.runHere();
    } else {
      last.signal(); // answers of several groups travel together
    }
  }

  /// The connection to `member` is lost or refused.
  public void unreachable(long member) {
    for (Replica replica : replicas.values()) {
      replica.unreachable(member);
    }
  }

  /// Hands leadership of every group to other members, as far as there are any, and again where it
  /// comes back, until the end.
  ///
  /// @param done runs when nothing is led here that another member could lead and whoever proposed
  ///   here is answered, or after two election timeouts
  public void drain(Runnable done) {
    replicas.values().forEach(Replica::giveAway);
    draining.add(new Drain(done));
  }

  private void tick() {
    boolean compact = false;
    if (++storeTicks >= STORE_TICKS) {
      storeTicks = 0;
      compact = store.byteCount() > options.bounds().storeBytes();
    }
    for (Replica replica : replicas.values()) {
      replica.tick(compact);
    }
    images.tick();
    draining.forEach(Drain::tick);
  }

  /// Ends all replicas and waits for their end. Idempotent.
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    ticker.cancel();
    for (long group : replicas.keySet()) {
      close(group, () -> {});
    }
    // In this order: what ends in one pool hands over to the next.
    imagePool.close();
    raftPool.close();
    applyPool.close();
  }

  /// - Threads: the ticker's.
  private final class Drain {
    private final Runnable done;
    private int ticksLeft = 2 * options.timing().raft().electionTicks();
    private boolean told;

    Drain(Runnable done) {
      this.done = done;
    }

    void tick() {
      boolean busy = false;
      for (Replica replica : replicas.values()) {
        busy |= replica.giveAway();
      }
      ticksLeft--;
      if (!told && (!busy || ticksLeft <= 0)) {
        told = true;
        done.run();
      }
    }
  }

  private final class ReplicaNode implements Replica.Node {
    @Override
    public void send(long group, Message message) {
      outbox(message.to()).add(group, message);
    }

    private Outbox outbox(long member) {
      Outbox outbox = outboxes.get(member);
      return outbox != null
          ? outbox
          : outboxes.computeIfAbsent(
              member, to -> new Outbox(to, transport, deadlineMillis, raftPool));
    }

    @Override
    public void flush() {
      // Strands that wait may have something to add.
      boolean later = raftPool.isBusy();
      for (Outbox outbox : outboxes.values()) {
        if (later) {
          outbox.flushLater();
        } else {
          outbox.flush();
        }
      }
    }

    @Override
    public void send(long member, PeerMessage message) {
      transport.send(member, message, deadlineMillis);
    }

    @Override
    public void failed(long group, Throwable cause) {
      onFailure.accept(group, cause);
    }

    @Override
    public boolean isLogOverloaded() {
      return store.isOverloaded();
    }

    @Override
    public boolean isLogFull() {
      return store.fullBy() != null;
    }
  }
}
