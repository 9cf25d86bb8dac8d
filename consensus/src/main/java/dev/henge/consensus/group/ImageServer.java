package dev.henge.consensus.group;

import dev.henge.base.Clock;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Serves this node's images, chunk by chunk, to members that lag.
///
/// An image stays open from the first request for it until nobody has asked for a while; all
/// members of its group that ask meanwhile share it. While it is open the group's log keeps what
/// follows it.
///
/// - Bounds: images open; one request waiting for each member and group, the newest; bytes a
///   second. A request that finds no room is not answered, and will be repeated.
/// - Threads: [#request], [#tick] and [#end] from any; the rest runs on its own strand, which may
///   block on the disk.
final class ImageServer {
  private static final int REQUESTS_MAX = 1000;

  private final GroupOptions.Images options;
  private final Threads threads;
  private final StrandPool pool;
  private final Clock clock;
  private final Randomness randomness;
  private final PeerTransport transport;
  private final long deadlineMillis;
  private final LongFunction<@Nullable Source> sources;
  private final Strand strand;
  private final Inbox inbox = new Inbox(0);

  // any thread; written by the strand
  private volatile boolean idle = true;

  // owned by the strand
  private final List<Asked> waiting = new ArrayList<>();
  private final TreeMap<Long, Open> images = new TreeMap<>();
  private final TreeSet<Long> opening = new TreeSet<>();
  private long mayServeNanos;
  private boolean throttled;

  /// Where images come from: a replica.
  interface Source {
    /// Opens an image of what is applied, on the group's apply strand.
    void image(Taker taker);

    /// The log must keep what follows `index`; [Long#MAX_VALUE] for no such need.
    void keepLogBehind(long index);
  }

  /// Hears the end of [Source#image].
  interface Taker {
    /// @param image owned by the taker now; null when there is none
    void take(StateMachine.@Nullable Image image, @Nullable SnapshotMark mark);
  }

  private record Asked(long member, PeerMessage.SnapshotRequest request) {}

  private static final class Open {
    final long number;
    final long group;
    final SnapshotMark mark;
    final StateMachine.Image image;
    long usedNanos;

    /// Whether it was sent to its end: who has it all needs it no more.
    boolean finished;

    Open(long number, long group, SnapshotMark mark, StateMachine.Image image, long usedNanos) {
      this.number = number;
      this.group = group;
      this.mark = mark;
      this.image = image;
      this.usedNanos = usedNanos;
    }
  }

  /// @param sources the replica of a group; null where there is none
  ImageServer(
      GroupOptions.Images options,
      Threads threads,
      StrandPool pool,
      Clock clock,
      Randomness randomness,
      PeerTransport transport,
      long deadlineMillis,
      LongFunction<@Nullable Source> sources) {
    this.options = options;
    this.threads = threads;
    this.pool = pool;
    this.clock = clock;
    this.randomness = randomness;
    this.transport = transport;
    this.deadlineMillis = deadlineMillis;
    this.sources = sources;
    this.strand = new Strand(pool, this::run);
    this.mayServeNanos = clock.monotonicNanos();
  }

  void request(long member, PeerMessage.SnapshotRequest request) {
    later(() -> ask(new Asked(member, request)));
  }

  /// Time has passed.
  void tick() {
    if (!idle) {
      later(this::closeIdle);
    }
  }

  /// Closes a group's images, then runs `then`.
  void end(long group, Runnable then) {
    later(() -> {
      waiting.removeIf(asked -> asked.request.group() == group);
      opening.remove(group);
      for (Iterator<Open> each = images.values().iterator(); each.hasNext(); ) {
        Open open = each.next();
        if (open.group == group) {
          open.image.close();
          each.remove();
        }
      }
      then.run();
    });
  }

  private void later(Runnable task) {
    inbox.add(task);
    strand.signal();
  }

  private void ask(Asked asked) {
    waiting.removeIf(
        older -> older.member == asked.member && older.request.group() == asked.request.group());
    if (waiting.size() < REQUESTS_MAX) {
      waiting.add(asked);
    }
  }

  private void run() {
    for (Runnable task : inbox.takeTasks()) {
      task.run();
    }
    idle = images.isEmpty();
    if (waiting.isEmpty() || throttled) {
      return;
    }
    long now = clock.monotonicNanos();
    if (now - mayServeNanos < 0) {
      throttled = true;
      threads.after(
          Duration.ofNanos(mayServeNanos - now), pool.pool(), () -> later(() -> throttled = false));
      return;
    }
    serve(waiting.removeFirst(), now);
    if (!waiting.isEmpty()) {
      strand.signal();
    }
  }

  private void serve(Asked asked, long now) {
    PeerMessage.SnapshotRequest request = asked.request;
    Open open =
        request.image() == 0
            ? newest(request.group(), request.mark())
            : images.get(request.image());
    if (open != null && open.group == request.group()) {
      open.usedNanos = now;
      send(asked, open, now);
    } else if (request.image() != 0) {
      answer(
          asked,
          new PeerMessage.SnapshotChunk(
              request.group(),
              request.mark(),
              0,
              request.position(),
              new byte[0],
              0,
              new byte[0],
              false));
    } else {
      open(asked);
    }
  }

  private @Nullable Open newest(long group, SnapshotMark mark) {
    Open newest = null;
    for (Open open : images.values()) {
      if (open.group == group
          && open.mark.index() >= mark.index()
          && (newest == null || open.mark.index() > newest.mark.index())) {
        newest = open;
      }
    }
    return newest;
  }

  private void send(Asked asked, Open open, long now) {
    StateMachine.Chunk chunk;
    try {
      chunk = open.image.chunk(asked.request.position(), options.chunkBytes());
    } catch (IOException e) {
      // It is gone for whoever asks again; the disk's owner hears of the error by its own reads.
      close(open);
      return;
    }
    var crc = new CRC32C();
    crc.update(chunk.bytes());
    answer(
        asked,
        new PeerMessage.SnapshotChunk(
            open.group,
            open.mark,
            open.number,
            asked.request.position(),
            chunk.bytes(),
            (int) crc.getValue(),
            chunk.next(),
            chunk.last()));
    open.finished |= chunk.last();
    long cost = chunk.bytes().length * 1_000_000_000L / options.bytesPerSecond();
    mayServeNanos = Math.max(mayServeNanos, now - cost) + cost;
  }

  private void answer(Asked asked, PeerMessage.SnapshotChunk chunk) {
    transport.send(asked.member, chunk, deadlineMillis);
  }

  private void open(Asked asked) {
    long group = asked.request.group();
    Source source = sources.apply(group);
    if (source == null || opening.contains(group) || !makeRoom()) {
      return;
    }
    opening.add(group);
    source.image((image, mark) ->
        later(() -> {
          boolean wanted = opening.remove(group);
          if (image != null && (!wanted || mark == null)) {
            image.close();
          } else if (image != null && mark != null) {
            long number = freshNumber();
            images.put(number, new Open(number, group, mark, image, clock.monotonicNanos()));
            keepLog(group);
            ask(asked);
          }
        }));
  }

  /// Whether another image may be opened: one that was sent to its end goes for it, the least used
  /// first. Should its last chunk have been lost, it is begun anew.
  private boolean makeRoom() {
    if (images.size() + opening.size() < options.countMax()) {
      return true;
    }
    Open least = null;
    for (Open open : images.values()) {
      if (open.finished && (least == null || open.usedNanos - least.usedNanos < 0)) {
        least = open;
      }
    }
    if (least == null) {
      return false;
    }
    close(least);
    return true;
  }

  /// By chance, so that no image is taken for one of an earlier life of this node.
  private long freshNumber() {
    long number;
    do {
      number = randomness.nextLong();
    } while (number == 0 || images.containsKey(number));
    return number;
  }

  private void closeIdle() {
    long now = clock.monotonicNanos();
    for (Open open : List.copyOf(images.values())) {
      if (now - open.usedNanos > options.idle().toNanos()) {
        close(open);
      }
    }
  }

  private void close(Open open) {
    images.remove(open.number);
    open.image.close();
    keepLog(open.group);
  }

  private void keepLog(long group) {
    Source source = sources.apply(group);
    if (source != null) {
      long lowest = Long.MAX_VALUE;
      for (Open open : images.values()) {
        if (open.group == group) {
          lowest = Math.min(lowest, open.mark.index());
        }
      }
      source.keepLogBehind(lowest);
    }
  }
}
