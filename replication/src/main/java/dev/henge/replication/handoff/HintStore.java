package dev.henge.replication.handoff;

import dev.henge.base.Clock;
import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.Slots;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.quorum.RemoteReplicas;
import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.LogMode;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.WriteRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Copies that this node keeps for others, on its disk.
///
/// - Shape: an engine of its own (`FORMAT.md`). One hint for each target and key: a second one is
///   merged into the first, and is as old as that.
/// - Bounds: bytes for each target, and for all together; what does not fit is refused, and whoever
///   wrote it hears that.
/// - Invariants: (1) a hint goes only when [#delivered] was told exactly what is kept; (2) the
///   bytes that are counted are those that are there, also after a crash.
/// - Threads: any; guarded by itself. Calls that read the disk block on it.
/// - Lifetime: the engine is its owner's.
public final class HintStore {
  /// How much is kept, and for how long.
  ///
  /// @param ageMax after which a hint no longer waits for its target
  public record Options(long targetBytesMax, long totalBytesMax, Duration ageMax) {
    public static Options defaults() {
      return new Options(256L << 20, 1L << 30, Duration.ofHours(3));
    }
  }

  /// What a target's hints take.
  ///
  /// @param oldestSeconds no hint of it is older, by the node's running time
  private record Usage(long bytes, long count, long oldestSeconds, long oldestMillis) {}

  private final Engine engine;
  private final Options options;
  private final Clock clock;
  private final RunningTime time;

  // guarded by this
  private final Map<Long, Usage> usages = new TreeMap<>();
  private long totalBytes;

  /// Reads the disk.
  public HintStore(Engine engine, Options options, Clock clock) {
    this.engine = engine;
    this.options = options;
    this.clock = clock;
    this.time = new RunningTime(engine, clock);
    try (Reader reader = engine.latest(Access.DISK);
        Cursor cursor = reader.cursor()) {
      byte[] end = HintKeys.kind((byte) (HintKeys.USAGE + 1));
      cursor.seek(HintKeys.kind(HintKeys.USAGE));
      while (cursor.valid() && Arrays.compareUnsigned(cursor.key(), end) < 0) {
        Usage usage = decodeUsage(cursor.value());
        usages.put(HintKeys.member(cursor.key()), usage);
        totalBytes += usage.bytes;
        cursor.next();
      }
    }
  }

  public Options options() {
    return options;
  }

  public RunningTime time() {
    return time;
  }

  /// Keeps a copy for `target`.
  ///
  /// @param stored copied before this returns
  /// @param listener hears `stored` when it is synced
  /// @throws dev.henge.storage.NotInMemoryException where `access` is too little; nothing was done
  public void take(
      long target,
      int keyspaceId,
      byte[] key,
      byte[] stored,
      Access access,
      RemoteReplicas.Stored listener) {
    long sequence;
    try {
      sequence = append(target, keyspaceId, key, stored, access);
    } catch (WriteRefusedException | CorruptionException | FormatException refused) {
      listener.refused();
      return;
    }
    if (sequence < 0) {
      listener.refused();
      return;
    }
    engine.whenAcknowledged(
        sequence,
        new Engine.AcknowledgeListener() {
          @Override
          public void acknowledged() {
            listener.stored();
          }

          @Override
          public void unknown(WriteRefusedException stopped) {
            listener.lost();
          }
        });
  }

  /// Members that something is kept for, ascending.
  public synchronized long[] targets() {
    return usages.keySet().stream().mapToLong(Long::longValue).toArray();
  }

  /// Bytes that are kept for `target`.
  public synchronized long bytes(long target) {
    Usage usage = usages.get(target);
    return usage == null ? 0 : usage.bytes;
  }

  /// Bytes that are kept in all.
  public synchronized long bytes() {
    return totalBytes;
  }

  /// How many hints are kept for `target`.
  public synchronized long count(long target) {
    Usage usage = usages.get(target);
    return usage == null ? 0 : usage.count;
  }

  /// Whether anything is kept of a key, for whomever.
  public synchronized boolean holds(int keyspaceId, byte[] key) {
    try (Reader reader = engine.latest(Access.DISK)) {
      for (long target : usages.keySet()) {
        if (reader.get(HintKeys.hint(target, keyspaceId, key)) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether a hint for `target` may be older than hints may be.
  synchronized boolean mayHaveExpired(long target) {
    Usage usage = usages.get(target);
    return usage != null
        && Math.max(
                time.seconds() - usage.oldestSeconds,
                (clock.wallMillis() - usage.oldestMillis) / 1000)
            > options.ageMax.toSeconds();
  }

  boolean isExpired(Hint hint) {
    return hint.ageSeconds(time.seconds(), clock.wallMillis()) > options.ageMax.toSeconds();
  }

  /// The synced hints for `target` behind `after`, in (keyspace, key) order, so many as have about
  /// `bytesMax`; empty at the end.
  ///
  /// @param after null for the beginning
  List<Hint> next(long target, @Nullable Hint after, int countMax, long bytesMax) {
    List<Hint> hints = new ArrayList<>();
    byte[] start =
        after == null ? HintKeys.ofMember(HintKeys.HINT, target) : behind(after.storedKey());
    byte[] end = HintKeys.ofMember(HintKeys.HINT, target + 1);
    long bytes = 0;
    try (Reader reader = engine.reader(0, Access.DISK);
        Cursor cursor = reader.cursor()) {
      cursor.seek(start);
      while (cursor.valid() && hints.size() < countMax && bytes < bytesMax) {
        byte[] key = cursor.key();
        if (Arrays.compareUnsigned(key, end) >= 0) {
          break;
        }
        Hint hint = Hint.decode(key, cursor.value());
        hints.add(hint);
        bytes += hint.bytes();
        cursor.next();
      }
    }
    return hints;
  }

  /// The content of `hint` is durable where it belongs: it goes, unless more came for it meanwhile.
  ///
  /// @param needsRepair whether its target still lacks it, which is noted
  void delivered(Hint hint, boolean needsRepair) throws WriteRefusedException {
    byte[] storedKey = hint.storedKey();
    synchronized (this) {
      Usage usage = usages.get(hint.target());
      Hint now = latest(storedKey, Access.DISK);
      if (usage == null || now == null || !now.isSame(hint)) {
        return;
      }
      var batch = new WriteBatch().delete(storedKey);
      if (needsRepair) {
        int slot = Slots.of(hint.key());
        batch.put(HintKeys.needsRepair(hint.target(), hint.keyspaceId(), slot), new byte[] {1});
      }
      var less =
          new Usage(
              usage.bytes - hint.bytes(), usage.count - 1, usage.oldestSeconds, usage.oldestMillis);
      put(batch, hint.target(), less);
      engine.append(batch, LogMode.UNSYNCED);
      keep(hint.target(), usage, less);
    }
  }

  /// A walk over all hints of `target` has found none older than these times.
  synchronized void oldest(long target, long runningSeconds, long wallMillis)
      throws WriteRefusedException {
    Usage usage = usages.get(target);
    if (usage != null) {
      var known = new Usage(usage.bytes, usage.count, runningSeconds, wallMillis);
      var batch = new WriteBatch();
      put(batch, target, known);
      engine.append(batch, LogMode.UNSYNCED);
      keep(target, usage, known);
    }
  }

  /// Slots of a keyspace in which `member` lacks what a hint once had for it, ascending.
  public int[] needingRepair(long member, int keyspaceId) {
    List<Integer> slots = new ArrayList<>();
    try (Reader reader = engine.latest(Access.DISK);
        Cursor cursor = reader.cursor()) {
      cursor.seek(HintKeys.needsRepair(member, keyspaceId, 0));
      while (cursor.valid()
          && cursor.key()[0] == HintKeys.NEEDS_REPAIR
          && HintKeys.member(cursor.key()) == member
          && HintKeys.keyspaceId(cursor.key()) == keyspaceId) {
        slots.add(HintKeys.slot(cursor.key()));
        cursor.next();
      }
    }
    return slots.stream().mapToInt(Integer::intValue).toArray();
  }

  /// `member` has all that this node has of these slots.
  public void repaired(long member, int keyspaceId, int[] slots) throws WriteRefusedException {
    if (slots.length > 0) {
      var batch = new WriteBatch();
      for (int slot : slots) {
        batch.delete(HintKeys.needsRepair(member, keyspaceId, slot));
      }
      engine.append(batch, LogMode.UNSYNCED);
    }
  }

  private long append(long target, int keyspaceId, byte[] key, byte[] stored, Access access)
      throws WriteRefusedException, CorruptionException, FormatException {
    byte[] storedKey = HintKeys.hint(target, keyspaceId, key);
    synchronized (this) {
      Hint before = latest(storedKey, access);
      Usage usage = usages.get(target);
      var now = new Usage(0, 0, time.seconds(), clock.wallMillis());
      Usage old = usage == null ? now : usage;
      Hint hint =
          before == null
              ? new Hint(target, keyspaceId, key, now.oldestSeconds, now.oldestMillis, stored)
              : merged(before, stored);
      long more = (long) hint.bytes() - (before == null ? 0 : before.bytes());
      if (more > 0
          && (old.bytes + more > options.targetBytesMax
              || totalBytes + more > options.totalBytesMax)) {
        return -1;
      }
      var after =
          new Usage(
              old.bytes + more,
              old.count + (before == null ? 1 : 0),
              old.oldestSeconds,
              old.oldestMillis);
      var batch = new WriteBatch(storedKey.length + stored.length + 64);
      batch.put(storedKey, hint.encode());
      put(batch, target, after);
      long sequence = engine.append(batch, LogMode.SYNCED);
      keep(target, old, after);
      return sequence;
    }
  }

  private static Hint merged(Hint before, byte[] stored)
      throws CorruptionException, FormatException {
    byte[] both =
        StoredVersions.encode(
            StoredVersions.decode(before.stored()).merge(StoredVersions.decode(stored)));
    return new Hint(
        before.target(),
        before.keyspaceId(),
        before.key(),
        before.runningSeconds(),
        before.wallMillis(),
        both);
  }

  private @Nullable Hint latest(byte[] storedKey, Access access) {
    try (Reader reader = engine.latest(access)) {
      byte[] value = reader.get(storedKey);
      return value == null ? null : Hint.decode(storedKey, value);
    }
  }

  private static void put(WriteBatch batch, long target, Usage usage) {
    byte[] key = HintKeys.ofMember(HintKeys.USAGE, target);
    if (usage.count == 0) {
      batch.delete(key);
    } else {
      batch.put(
          key,
          new CodecWriter(32)
              .varint(usage.bytes)
              .varint(usage.count)
              .varint(usage.oldestSeconds)
              .varint(usage.oldestMillis)
              .toBytes());
    }
  }

  private static Usage decodeUsage(byte[] value) {
    var reader = new CodecReader("what hints take", value);
    try {
      var usage = new Usage(reader.varint(), reader.varint(), reader.varint(), reader.varint());
      reader.end();
      return usage;
    } catch (CorruptionException e) {
      throw new EngineException(e);
    }
  }

  private void keep(long target, Usage before, Usage after) {
    totalBytes += after.bytes - before.bytes;
    if (after.count == 0) {
      usages.remove(target);
    } else {
      usages.put(target, after);
    }
  }

  private static byte[] behind(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }
}
