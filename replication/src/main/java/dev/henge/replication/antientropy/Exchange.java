package dev.henge.replication.antientropy;

import dev.henge.base.Clock;
import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Threads;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.antientropy.TreeMessages.Part;
import dev.henge.replication.antientropy.TreeMessages.PartAnswer;
import dev.henge.replication.antientropy.TreeMessages.StoredCopy;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.hashtree.HashTree;
import dev.henge.replication.hashtree.SlotLeaves;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteRefusedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// One comparison of this node's copies of some slots with another node's, after which both have
/// what either had.
///
/// First the sum of all slots; where it differs, the slots' sums, a window of [#WINDOW] at a time;
/// of slots that differ, [#LEAF_SLOTS] at a time, the leaves; of leaves that differ, hashes of this
/// node's objects, to which the other one answers with the objects that this one lacks and which of
/// the hashes it lacks itself; these objects it is given at the end.
///
/// - Shape: trees go one way only, so they cost half; an object moves once where one side lacks it
///   or knows more, twice where both know what the other does not, or this side knows more.
/// - Bounds: one question under way; [#PART_HASHES] hashes and about a megabyte of objects in
///   memory; bytes a second as its options say.
/// - Threads: its pool, one step at a time.
/// - Source: DeCandia et al., "Dynamo" (2007), section 4.7; the last step reconciles sets by
///   listing one, which is cheapest where a leaf holds few keys.
public final class Exchange {
  static final int WINDOW = 1024;
  static final int LEAF_SLOTS = 256;
  static final int PART_HASHES = 4096;

  /// How it goes about it.
  ///
  /// @param bytesPerSecond both ways together
  /// @param requestMillis for one answer
  public record Options(long bytesPerSecond, long requestMillis) {
    public static Options defaults() {
      return new Options(16L << 20, 10_000);
    }
  }

  /// What it works with.
  ///
  /// @param blocking runs its steps, which may wait for the disk
  public record Parts(TreePeers peers, Clock clock, Threads threads, Threads.Pool blocking) {}

  /// Hears of the end, once.
  public interface Listener {
    /// @param failure null where both have the same now; else why it ended early, with what was
    ///   moved until then
    void ended(ExchangeReport report, @Nullable String failure);
  }

  /// What is done with an answer.
  private interface Step {
    void take(CodecReader answer) throws CorruptionException, FormatException;
  }

  /// Objects of this node that are compared, and what the other one is told of them.
  private record Listed(Part part, List<byte[]> keys) {}

  private final Parts parts;
  private final Options options;
  private final KeyspaceReplica replica;
  private final long peer;
  private final int[] slots;
  private final Listener listener;

  // owned by the step that runs
  private final ArrayDeque<int[]> windows = new ArrayDeque<>();
  private final ArrayDeque<Integer> differing = new ArrayDeque<>();
  private final ArrayDeque<Part> unlisted = new ArrayDeque<>();
  private final List<StoredCopy> toSend = new ArrayList<>();
  private ExchangeReport report = ExchangeReport.NOTHING;
  private long sequence;
  private long freeNanos;
  private boolean ended;

  /// @param slots that both own, ascending
  public Exchange(
      Parts parts,
      Options options,
      KeyspaceReplica replica,
      long peer,
      int[] slots,
      Listener listener) {
    this.parts = parts;
    this.options = options;
    this.replica = replica;
    this.peer = peer;
    this.slots = slots;
    this.listener = listener;
    this.freeNanos = parts.clock.monotonicNanos();
  }

  public void begin() {
    step(this::root);
  }

  private void root() {
    report = report.plus(new ExchangeReport(slots.length, 0, 0, 0, 0, 0, 0, 0));
    CodecWriter request = head(TreeMessages.ROOT);
    TreeMessages.sum(request, TreeService.root(replica, slots));
    TreeMessages.slots(request, slots);
    ask(
        request,
        answer -> {
          if (answer.one() == 0) {
            for (int from = 0; from < slots.length; from += WINDOW) {
              windows.add(Arrays.copyOfRange(slots, from, Math.min(slots.length, from + WINDOW)));
            }
          }
          next();
        });
  }

  /// The next thing to do; what was found is finished before more is looked for.
  private void next() {
    if (!toSend.isEmpty()) {
      push();
    } else if (!unlisted.isEmpty()) {
      differ();
    } else if (!differing.isEmpty()) {
      leaves();
    } else if (!windows.isEmpty()) {
      sums(windows.remove());
    } else {
      replica.engine().whenAcknowledged(sequence, new Durable());
    }
  }

  private void sums(int[] window) {
    CodecWriter request = head(TreeMessages.SUMS);
    TreeMessages.slots(request, window);
    ask(
        request,
        answer -> {
          long[] theirs = TreeMessages.fixed(answer, window.length);
          for (int i = 0; i < window.length; i++) {
            if (theirs[i] != replica.tree().slot(window[i]).total().sum().half()) {
              differing.add(window[i]);
              report = report.plus(new ExchangeReport(0, 1, 0, 0, 0, 0, 0, 0));
            }
          }
          next();
        });
  }

  private void leaves() {
    int[] some = new int[Math.min(LEAF_SLOTS, differing.size())];
    for (int i = 0; i < some.length; i++) {
      some[i] = differing.remove();
    }
    CodecWriter request = head(TreeMessages.LEAVES);
    TreeMessages.slots(request, some);
    ask(
        request,
        answer -> {
          long[] theirs = TreeMessages.fixed(answer, some.length * HashTree.LEAVES);
          for (int i = 0; i < some.length; i++) {
            SlotLeaves own = replica.tree().slot(some[i]);
            int mask = 0;
            for (int leaf = 0; leaf < HashTree.LEAVES; leaf++) {
              boolean same = theirs[i * HashTree.LEAVES + leaf] == own.leaf(leaf).sum().half();
              mask |= same ? 0 : 1 << leaf;
            }
            if (mask != 0) {
              unlisted.add(new Part(some[i], mask, new byte[0], null, new long[0]));
            }
          }
          next();
        });
  }

  private void differ() {
    List<Listed> listed = new ArrayList<>();
    int hashes = 0;
    while (!unlisted.isEmpty() && hashes < PART_HASHES && listed.size() < LEAF_SLOTS) {
      Listed one = list(unlisted.remove(), PART_HASHES - hashes);
      listed.add(one);
      hashes += one.keys.size();
    }
    CodecWriter request = head(TreeMessages.DIFFER);
    TreeMessages.parts(request, listed.stream().map(Listed::part).toList());
    ask(
        request,
        answer -> {
          for (Listed one : listed) {
            if (answer.remaining() > 0) {
              take(one, TreeMessages.answer(answer, one.keys.size()));
            } else {
              unlisted.add(one.part);
            }
          }
          next();
        });
  }

  /// Lists this node's objects of a part, so many as there is room for; what is behind them is a
  /// part of its own.
  private Listed list(Part part, int room) {
    List<byte[]> keys = new ArrayList<>();
    long[] hashes = new long[16];
    byte[] to = part.to();
    try (var scan = new SlotScan(replica, part.slot(), part.mask(), part.from(), to)) {
      while (scan.next()) {
        if (keys.size() == room) {
          to = scan.key();
          unlisted.add(new Part(part.slot(), part.mask(), to, part.to(), new long[0]));
          break;
        }
        if (keys.size() == hashes.length) {
          hashes = Arrays.copyOf(hashes, 2 * hashes.length);
        }
        hashes[keys.size()] = scan.hash();
        keys.add(scan.key());
      }
    }
    long[] own = Arrays.copyOf(hashes, keys.size());
    return new Listed(new Part(part.slot(), part.mask(), part.from(), to, own), keys);
  }

  /// Merges what came, and finds what is to be sent.
  private void take(Listed listed, PartAnswer answer) throws CorruptionException, FormatException {
    List<byte[]> came = new ArrayList<>();
    for (StoredCopy copy : answer.copies()) {
      came.add(copy.key());
      merge(copy);
    }
    byte[] seenTo = answer.seenTo();
    came.sort(Arrays::compareUnsigned);
    for (int place : answer.missing()) {
      byte[] key = listed.keys.get(place);
      boolean seen = seenTo == null || Arrays.compareUnsigned(key, seenTo) < 0;
      if (seen && Collections.binarySearch(came, key, Arrays::compareUnsigned) < 0) {
        byte[] stored = replica.stored(key, Access.DISK);
        if (stored != null) {
          toSend.add(new StoredCopy(key, stored));
        }
      }
    }
    if (seenTo != null) {
      Part part = listed.part;
      unlisted.add(new Part(part.slot(), part.mask(), seenTo, part.to(), new long[0]));
    }
  }

  private void merge(StoredCopy copy) throws CorruptionException, FormatException {
    Outcome outcome;
    try {
      outcome = replica.merge(copy.key(), StoredVersions.decode(copy.stored()), Access.DISK);
    } catch (WriteRefusedException refused) {
      throw new EngineException(refused);
    }
    report = report.plus(new ExchangeReport(0, 0, 0, -copy.bytes(), 0, copy.bytes(), 0, 0));
    if (outcome instanceof Outcome.Done done) {
      sequence = Math.max(sequence, done.sequence());
      if (done.changed()) {
        report = report.plus(new ExchangeReport(0, 0, 0, 0, 0, 0, 0, 1));
      }
      if (!Arrays.equals(done.stored(), copy.stored())) {
        toSend.add(new StoredCopy(copy.key(), done.stored()));
      }
    }
  }

  private void push() {
    List<StoredCopy> some = new ArrayList<>();
    long bytes = 0;
    while (!toSend.isEmpty() && bytes < TreeService.ANSWER_BYTES) {
      StoredCopy copy = toSend.removeLast();
      some.add(copy);
      bytes += copy.bytes();
    }
    CodecWriter request = head(TreeMessages.PUSH);
    TreeMessages.copies(request, some);
    report = report.plus(new ExchangeReport(0, 0, -bytes, 0, bytes, 0, some.size(), 0));
    ask(
        request,
        answer -> {
          int stored = answer.between(0, some.size());
          if (stored < some.size()) {
            end(some.size() - stored + " copies were not taken");
          } else {
            next();
          }
        });
  }

  private CodecWriter head(int kind) {
    return TreeMessages.head(kind, replica.options().keyspaceId());
  }

  private void ask(CodecWriter request, Step step) {
    byte[] body = request.toBytes();
    parts.peers.ask(
        peer,
        body,
        options.requestMillis,
        new TreePeers.Listener() {
          @Override
          public void answered(byte[] answer) {
            later(body.length + answer.length, () -> use(body.length, answer, step));
          }

          @Override
          public void failed(String why) {
            later(body.length, () -> end(why));
          }
        });
  }

  private void use(int sent, byte[] answer, Step step) {
    report = report.plus(new ExchangeReport(0, 0, sent, answer.length, 0, 0, 0, 0));
    try {
      step.take(new CodecReader("an answer about copies", answer));
    } catch (CorruptionException | FormatException notUnderstood) {
      end(String.valueOf(notUnderstood.getMessage()));
    }
  }

  /// Goes on when so many bytes may have been moved.
  private void later(long bytes, Runnable run) {
    long now = parts.clock.monotonicNanos();
    freeNanos = Math.max(freeNanos, now) + bytes * 1_000_000_000 / options.bytesPerSecond;
    long millis = (freeNanos - now) / 1_000_000;
    if (millis > 0) {
      parts.threads.after(Duration.ofMillis(millis), parts.blocking, () -> guarded(run));
    } else {
      step(run);
    }
  }

  private void step(Runnable run) {
    try {
      parts.blocking.execute(() -> guarded(run));
    } catch (RejectedExecutionException full) {
      end("too much waits for the disk");
    }
  }

  private void guarded(Runnable run) {
    try {
      run.run();
    } catch (EngineException failed) {
      end(String.valueOf(failed.getMessage()));
    }
  }

  private void end(@Nullable String failure) {
    if (!ended) {
      ended = true;
      listener.ended(report, failure);
    }
  }

  /// What came is durable here, too.
  private final class Durable implements Engine.AcknowledgeListener {
    @Override
    public void acknowledged() {
      end(null);
    }

    @Override
    public void unknown(WriteRefusedException stopped) {
      end(String.valueOf(stopped.getMessage()));
    }
  }
}
