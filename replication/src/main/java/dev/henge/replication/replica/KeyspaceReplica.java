package dev.henge.replication.replica;

import dev.henge.base.Clock;
import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.data.ScanPosition;
import dev.henge.data.StoredKey;
import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.hashtree.Grave;
import dev.henge.replication.hashtree.HashTree;
import dev.henge.replication.hashtree.HashedKey;
import dev.henge.replication.hashtree.Leaf;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/// This node's copies of the keys of one eventual keyspace.
///
/// - Every write reads what is there, under the lock of the key's slot, and merges with it: no
///   write is blind, so none takes away what it has not seen.
/// - The hash tree changes in the same batch as what it is of, so that no crash parts them.
/// - A key whose tombstone went is still known to have been deleted as long as it has a [Grave].
/// - Reads see what is acknowledged: it survives what the keyspace's durability says.
/// - Threads: any. With [Access#DISK] a call may block on the disk; with less it throws
///   [dev.henge.storage.NotInMemoryException] where it would have to, and nothing was done.
/// - Errors: [EngineException] where the disk fails or lies; [WriteRefusedException] as the engine.
/// - Lifetime: the engine is its owner's.
public class KeyspaceReplica {
  /// More concurrent writers than a person can reconcile: a write that would leave more is refused.
  public static final int SIBLINGS_MAX = 100;

  /// From so many siblings on somebody should look.
  public static final int SIBLINGS_WARNING = 10;

  /// Siblings of one key together, where there is more than one.
  public static final int SIBLING_BYTES_MAX = 1 << 20;

  /// How a keyspace treats its versions.
  ///
  /// @param keyspaceId of the stored keys
  /// @param latestWins whether of concurrent versions only the latest stays
  /// @param logMode as the keyspace's durability asks
  public record Options(int keyspaceId, boolean latestWins, LogMode logMode) {}

  private final Engine engine;
  private final Options options;
  private final Dots dots;
  private final HybridClock hybridClock;
  private final Clock clock;
  private final HashTree tree;
  private final SlotLocks locks = new SlotLocks();

  /// What the engine's latest state has of a key, under the lock of its slot.
  ///
  /// @param buried whether the versions are those of its grave
  private record Held(HashedKey key, Leaf leaf, Versions versions, boolean buried) {}

  public KeyspaceReplica(
      Engine engine, Options options, Dots dots, HybridClock hybridClock, Clock clock) {
    this.engine = engine;
    this.options = options;
    this.dots = dots;
    this.hybridClock = hybridClock;
    this.clock = clock;
    this.tree = new HashTree(options.keyspaceId());
  }

  public Options options() {
    return options;
  }

  /// The engine, for what goes over many keys.
  public Engine engine() {
    return engine;
  }

  /// What to compare with other nodes' copies.
  public ReplicaTree tree() {
    return new ReplicaTree(engine, options, tree, locks);
  }

  /// What is known of the key and durable; [Versions#NONE] where nothing is.
  public Versions read(byte[] key, Access access) {
    return decode(stored(key, access));
  }

  /// As [#read], in the form in which it is stored and sent; null where nothing is known.
  public byte @Nullable [] stored(byte[] key, Access access) {
    try (Reader reader = engine.reader(0, access)) {
      return reader.get(StoredKey.object(options.keyspaceId(), key));
    }
  }

  /// The keys that are known here, behind `from`, up to slot `slotTo`. May block on the disk.
  public KeyWalk walk(ScanPosition from, int slotTo) {
    return new KeyWalk(this, from, slotTo);
  }

  /// Makes `change` here: a new write, named after this node.
  public Outcome write(byte[] key, Change change, Access access) throws WriteRefusedException {
    var hashed = new HashedKey(StoredKey.object(options.keyspaceId(), key));
    Lock lock = locks.of(hashed.slot());
    lock.lock();
    try {
      Held held = latest(hashed, access);
      return switch (change) {
        case Change.Put put -> put(held, put);
        case Change.Delete delete -> delete(held, delete.context());
        case Change.Add add -> add(held, add.delta());
        case Change.Expire expire -> expire(held, expire);
      };
    } finally {
      lock.unlock();
    }
  }

  /// Adds what another copy knows.
  public Outcome merge(byte[] key, Versions other, Access access) throws WriteRefusedException {
    if (options.latestWins()) {
      for (Version version : other.siblings()) {
        if (!hybridClock.observe(version.time())) {
          return new Outcome.Refused(Outcome.Refusal.CLOCK_AHEAD);
        }
      }
    }
    var hashed = new HashedKey(StoredKey.object(options.keyspaceId(), key));
    Lock lock = locks.of(hashed.slot());
    lock.lock();
    try {
      Held held = latest(hashed, access);
      Versions merged = merged(held.versions, other);
      return store(held, options.latestWins() ? merged.latest() : merged);
    } finally {
      lock.unlock();
    }
  }

  /// What two copies know together.
  protected Versions merged(Versions here, Versions there) {
    return here.merge(there);
  }

  /// What is left when somebody deletes what he has read.
  protected Versions deleted(Versions before, VersionVector context) {
    return before.delete(context);
  }

  /// Whether a write of somebody who has read nothing leaves what is there.
  protected boolean standsBeside(Versions before) {
    return before.siblings().size() > 1;
  }

  /// A time for a write that takes the place of some of `before`: above all of them, also where
  /// this node's clock was set back and it has forgotten what it gave.
  protected long time(Versions before) {
    for (Version version : before.siblings()) {
      hybridClock.passed(version.time());
    }
    return hybridClock.next();
  }

  private Outcome put(Held held, Change.Put put) throws WriteRefusedException {
    Versions before = held.versions;
    VersionVector context = put.context();
    if (context != null && isForeign(context)) {
      return new Outcome.Refused(Outcome.Refusal.FOREIGN_CONTEXT);
    }
    boolean beside = context == null && !options.latestWins() && standsBeside(before);
    Version version =
        Version.string(
            dots.next(),
            time(before),
            beside ? put.flags() | Version.BLIND : put.flags(),
            put.expiryMillis(),
            put.value());
    Version own = beside ? ownBlind(before) : null;
    Versions after =
        own != null
            ? before.replace(own, version)
            : before.write(beside ? VersionVector.EMPTY : replaced(before, context), version);
    return tooMany(after)
        ? new Outcome.Refused(Outcome.Refusal.TOO_MANY_SIBLINGS)
        : store(held, after);
  }

  private Outcome delete(Held held, VersionVector context) throws WriteRefusedException {
    Versions before = held.versions;
    if (isForeign(context)) {
      return new Outcome.Refused(Outcome.Refusal.FOREIGN_CONTEXT);
    }
    return store(
        held,
        options.latestWins()
            ? before.write(replaced(before, context), Version.tombstone(dots.next(), time(before)))
            : deleted(before, context));
  }

  private Outcome add(Held held, long delta) throws WriteRefusedException {
    Versions before = held.versions;
    List<Version> parts = before.live(clock.wallMillis());
    long total = 0;
    for (Version part : parts) {
      if (part.kind() != Version.Kind.COUNTER) {
        return new Outcome.Refused(Outcome.Refusal.WRONG_TYPE);
      }
      total += part.sum();
    }
    Version own = ownPart(parts);
    long ownSum = own == null ? 0 : own.sum();
    if (overflows(total, delta) || overflows(ownSum, delta)) {
      return new Outcome.Refused(Outcome.Refusal.OVERFLOW);
    }
    long expiryMillis = parts.isEmpty() ? 0 : Versions.newest(parts).expiryMillis();
    return store(held, withPart(before, parts, ownSum + delta, expiryMillis));
  }

  private Outcome expire(Held held, Change.Expire expire) throws WriteRefusedException {
    Versions before = held.versions;
    List<Version> live = before.live(clock.wallMillis());
    if (live.isEmpty()) {
      return store(held, before);
    }
    Version one = live.getFirst();
    if (live.stream().allMatch(version -> version.kind() == Version.Kind.COUNTER)) {
      Version own = ownPart(live);
      long ownSum = own == null ? 0 : own.sum();
      return store(held, withPart(before, live, ownSum, expire.expiryMillis()));
    }
    if (live.size() > 1) {
      return new Outcome.Refused(Outcome.Refusal.SIBLINGS);
    }
    Version version =
        Version.string(
            dots.next(),
            time(before),
            one.flags() & ~Version.BLIND,
            expire.expiryMillis(),
            one.payload());
    return store(held, before.replace(one, version));
  }

  /// The counter with another sum of this node's own.
  private Versions withPart(Versions before, List<Version> parts, long sum, long expiryMillis) {
    Version part = Version.counter(dots.next(), time(before), expiryMillis, sum);
    Version own = ownPart(parts);
    if (own != null) {
      return before.replace(own, part);
    }
    // Where nothing is left of what there was, it begins anew.
    return before.write(parts.isEmpty() ? before.seen() : VersionVector.EMPTY, part);
  }

  private @Nullable Version ownPart(List<Version> parts) {
    for (Version part : parts) {
      if (part.dot().replica() == dots.replica()) {
        return part;
      }
    }
    return null;
  }

  private Outcome store(Held held, Versions after) throws WriteRefusedException {
    Versions before = held.versions;
    byte[] stored = StoredVersions.encode(after);
    if (after.equals(before)) {
      // What is there may not be durable yet.
      return new Outcome.Done(before, before, stored, engine.lastSequence());
    }
    HashedKey key = held.key;
    var batch = new WriteBatch(key.storedKey().length + stored.length + 64);
    batch.put(key.storedKey(), stored);
    Leaf leaf = held.leaf;
    if (held.buried) {
      batch.delete(StoredKey.beside(key.storedKey(), StoredKey.GRAVE));
      leaf = leaf.withGraves(-1).replace(key, Versions.NONE, after);
    } else {
      leaf = leaf.replace(key, before, after);
    }
    return new Outcome.Done(after, before, stored, append(batch, held, leaf));
  }

  /// Appends `batch` and, with it, the leaf of the key.
  private long append(WriteBatch batch, Held held, Leaf leaf) throws WriteRefusedException {
    tree.put(batch, held.key, leaf);
    long sequence = engine.append(batch, options.logMode());
    tree.appended(held.key, leaf);
    return sequence;
  }

  private Held latest(HashedKey key, Access access) {
    try (Reader reader = engine.latest(access)) {
      Leaf leaf = tree.slot(reader, key.slot()).leaf(key.leaf());
      byte[] stored = reader.get(key.storedKey());
      if (stored == null && leaf.graves() > 0) {
        byte[] grave = reader.get(StoredKey.beside(key.storedKey(), StoredKey.GRAVE));
        if (grave != null) {
          return new Held(key, leaf, Grave.decode(grave).versions(), true);
        }
      }
      return new Held(key, leaf, decode(stored), false);
    }
  }

  private static Versions decode(byte @Nullable [] stored) {
    if (stored == null) {
      return Versions.NONE;
    }
    try {
      return StoredVersions.decode(stored);
    } catch (CorruptionException | FormatException e) {
      throw new EngineException(e);
    }
  }

  /// Whether it names writes of this node that this node cannot have made.
  private boolean isForeign(VersionVector context) {
    return !dots.canHaveGiven(context.counter(dots.replica()));
  }

  private VersionVector replaced(Versions before, @Nullable VersionVector context) {
    if (context == null) {
      return before.seen();
    }
    return options.latestWins() ? before.seen().merge(context) : context;
  }

  /// What a write of somebody who has read nothing replaces among siblings: this node's own last
  /// one of the kind.
  private @Nullable Version ownBlind(Versions before) {
    for (Version version : before.siblings()) {
      if (version.isBlind() && version.dot().replica() == dots.replica()) {
        return version;
      }
    }
    return null;
  }

  private static boolean tooMany(Versions versions) {
    int count = versions.siblings().size();
    return count > SIBLINGS_MAX
        || (count > 1
            && versions.siblings().stream().mapToLong(each -> each.payload().length).sum()
                > SIBLING_BYTES_MAX);
  }

  private static boolean overflows(long sum, long delta) {
    return ((sum ^ (sum + delta)) & (delta ^ (sum + delta))) < 0;
  }
}
