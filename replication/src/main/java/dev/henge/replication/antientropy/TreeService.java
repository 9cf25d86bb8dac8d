package dev.henge.replication.antientropy;

import static dev.henge.replication.antientropy.TreeMessages.DIFFER;
import static dev.henge.replication.antientropy.TreeMessages.LEAVES;
import static dev.henge.replication.antientropy.TreeMessages.PUSH;
import static dev.henge.replication.antientropy.TreeMessages.ROOT;
import static dev.henge.replication.antientropy.TreeMessages.SUMS;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.antientropy.TreeMessages.Part;
import dev.henge.replication.antientropy.TreeMessages.PartAnswer;
import dev.henge.replication.antientropy.TreeMessages.StoredCopy;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.hashtree.HashTree;
import dev.henge.replication.hashtree.SlotLeaves;
import dev.henge.replication.hashtree.Sum;
import dev.henge.replication.quorum.Placement;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteRefusedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Answers what other nodes' [Exchange]s ask of this node's copies.
///
/// - Bounds: an answer holds about [#ANSWER_BYTES] of objects; what is left is asked for again.
/// - Threads: any that may block on the disk.
public final class TreeService {
  static final int ANSWER_BYTES = 1 << 20;

  private final long self;
  private final Placement placement;
  private final IntFunction<@Nullable KeyspaceReplica> replicas;

  /// @param replicas this node's own copies by keyspace id; null where it has none
  public TreeService(
      long self, Placement placement, IntFunction<@Nullable KeyspaceReplica> replicas) {
    this.self = self;
    this.placement = placement;
    this.replicas = replicas;
  }

  /// @param listener called once, when what was brought is durable
  public void answer(byte[] request, TreePeers.Listener listener) {
    try {
      var reader = new CodecReader("a question about copies", request);
      int kind = reader.one();
      int keyspaceId = reader.between(0, Integer.MAX_VALUE);
      KeyspaceReplica replica = replicas.apply(keyspaceId);
      if (replica == null) {
        listener.failed("no copies of the keyspace here");
        return;
      }
      switch (kind) {
        case ROOT -> listener.answered(root(replica, reader));
        case SUMS -> listener.answered(sums(replica, reader));
        case LEAVES -> listener.answered(leaves(replica, reader));
        case DIFFER -> listener.answered(differ(replica, reader));
        case PUSH -> push(replica, TreeMessages.copies(reader), listener);
        default -> throw reader.unknown("kind of question", kind);
      }
    } catch (NotOwned | CorruptionException | FormatException | EngineException failed) {
      listener.failed(String.valueOf(failed.getMessage()));
    }
  }

  /// All of some slots together.
  static Sum root(KeyspaceReplica replica, int[] slots) {
    Sum root = Sum.ZERO;
    for (int slot : slots) {
      root = root.plus(replica.tree().slot(slot).total().sum());
    }
    return root;
  }

  private byte[] root(KeyspaceReplica replica, CodecReader reader)
      throws CorruptionException, NotOwned {
    Sum theirs = TreeMessages.sum(reader);
    return new CodecWriter(1)
        .flags(theirs.equals(root(replica, owned(replica, TreeMessages.slots(reader)))))
        .toBytes();
  }

  private byte[] sums(KeyspaceReplica replica, CodecReader reader)
      throws CorruptionException, NotOwned {
    int[] slots = owned(replica, TreeMessages.slots(reader));
    long[] halves = new long[slots.length];
    for (int i = 0; i < slots.length; i++) {
      halves[i] = replica.tree().slot(slots[i]).total().sum().half();
    }
    var writer = new CodecWriter(halves.length * Long.BYTES);
    TreeMessages.fixed(writer, halves);
    return writer.toBytes();
  }

  private byte[] leaves(KeyspaceReplica replica, CodecReader reader)
      throws CorruptionException, NotOwned {
    int[] slots = owned(replica, TreeMessages.slots(reader));
    long[] halves = new long[slots.length * HashTree.LEAVES];
    for (int i = 0; i < slots.length; i++) {
      SlotLeaves leaves = replica.tree().slot(slots[i]);
      for (int leaf = 0; leaf < HashTree.LEAVES; leaf++) {
        halves[i * HashTree.LEAVES + leaf] = leaves.leaf(leaf).sum().half();
      }
    }
    var writer = new CodecWriter(halves.length * Long.BYTES);
    TreeMessages.fixed(writer, halves);
    return writer.toBytes();
  }

  /// Answers one part after another, as far as there is room.
  private byte[] differ(KeyspaceReplica replica, CodecReader reader)
      throws CorruptionException, NotOwned {
    List<Part> parts = TreeMessages.parts(reader);
    owned(replica, parts.stream().mapToInt(Part::slot).toArray());
    var writer = new CodecWriter(1024);
    for (Part part : parts) {
      if (writer.byteCount() >= ANSWER_BYTES) {
        break;
      }
      TreeMessages.answer(writer, compare(replica, part, ANSWER_BYTES - writer.byteCount()));
    }
    return writer.toBytes();
  }

  private static PartAnswer compare(KeyspaceReplica replica, Part part, long room) {
    Map<Long, Integer> theirs = new HashMap<>();
    for (int i = 0; i < part.hashes().length; i++) {
      theirs.put(part.hashes()[i], i);
    }
    List<StoredCopy> copies = new ArrayList<>();
    byte[] seenTo = null;
    long bytes = 0;
    try (var scan = new SlotScan(replica, part.slot(), part.mask(), part.from(), part.to())) {
      while (scan.next()) {
        if (theirs.remove(scan.hash()) != null) {
          continue;
        }
        var copy = new StoredCopy(scan.key(), scan.stored());
        if (bytes > 0 && bytes + copy.bytes() > room) {
          seenTo = copy.key();
          break;
        }
        copies.add(copy);
        bytes += copy.bytes();
      }
    }
    int[] missing = theirs.values().stream().mapToInt(Integer::intValue).sorted().toArray();
    return new PartAnswer(copies, missing, seenTo);
  }

  private void push(KeyspaceReplica replica, List<StoredCopy> copies, TreePeers.Listener listener)
      throws CorruptionException, FormatException, NotOwned {
    owned(replica, copies.stream().mapToInt(copy -> Slots.of(copy.key())).toArray());
    long sequence = 0;
    int stored = 0;
    for (StoredCopy copy : copies) {
      try {
        if (replica.merge(copy.key(), StoredVersions.decode(copy.stored()), Access.DISK)
            instanceof Outcome.Done done) {
          sequence = Math.max(sequence, done.sequence());
          stored++;
        }
      } catch (WriteRefusedException refused) {
        break;
      }
    }
    byte[] answer = new CodecWriter(5).varint(stored).toBytes();
    replica
        .engine()
        .whenAcknowledged(
            sequence,
            new Engine.AcknowledgeListener() {
              @Override
              public void acknowledged() {
                listener.answered(answer);
              }

              @Override
              public void unknown(WriteRefusedException stopped) {
                listener.failed(String.valueOf(stopped.getMessage()));
              }
            });
  }

  private int[] owned(KeyspaceReplica replica, int[] slots) throws NotOwned {
    for (int slot : slots) {
      if (!shares(placement, replica.options().keyspaceId(), slot, self)) {
        throw new NotOwned(slot);
      }
    }
    return slots;
  }

  /// Whether `member` owns a slot, or is to.
  static boolean shares(Placement placement, int keyspaceId, int slot, long member) {
    return Arrays.stream(placement.owners(keyspaceId, slot)).anyMatch(one -> one == member)
        || Arrays.stream(placement.joining(keyspaceId, slot)).anyMatch(one -> one == member);
  }

  private static final class NotOwned extends Exception {
    private static final long serialVersionUID = 1;

    NotOwned(int slot) {
      super("slot " + slot + " is not owned here, as far as is known");
    }
  }
}
