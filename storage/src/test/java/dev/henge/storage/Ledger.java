package dev.henge.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/// What was written to an engine and what of it was acknowledged: the truth that a recovered engine
/// is held against.
///
/// - Threads: one at a time.
@NullMarked
final class Ledger {
  private final List<WriteBatch> batches = new ArrayList<>();
  private final NavigableMap<Long, LogMode> modes = new TreeMap<>();
  private long appended;
  private long acknowledged;
  private long durable;
  private long kept;

  /// Notes a batch before it is appended, because the disk can be looked at while that runs.
  ///
  /// @return the sequence number that it must get
  long begin(WriteBatch batch, LogMode mode) {
    batches.add(batch);
    appended += batch.count();
    modes.put(appended, mode);
    return appended;
  }

  /// The batch noted last was refused.
  void refused() {
    modes.remove(appended);
    appended -= batches.removeLast().count();
  }

  /// Everything up to `sequence` is acknowledged, each batch as its mode says; and all before a
  /// durable one is as durable as it.
  void acknowledged(long sequence) {
    acknowledged = Math.max(acknowledged, sequence);
    long synced = 0;
    long logged = 0;
    for (var entry : modes.headMap(sequence, true).descendingMap().entrySet()) {
      if (logged == 0 && entry.getValue() != LogMode.NONE) {
        logged = entry.getKey();
      }
      if (entry.getValue() == LogMode.SYNCED) {
        synced = entry.getKey();
        break;
      }
    }
    durable(synced);
    kept = Math.max(kept, logged);
  }

  /// The engine reports this number as durable.
  void durable(long sequence) {
    durable = Math.max(durable, sequence);
    kept = Math.max(kept, sequence);
  }

  List<WriteBatch> batches() {
    return batches;
  }

  /// The number of the last operation appended.
  long appended() {
    return appended;
  }

  /// What readers must see.
  long acknowledged() {
    return acknowledged;
  }

  /// What a power loss must leave.
  long durable() {
    return durable;
  }

  /// What the death of the process must leave.
  long kept() {
    return kept;
  }

  boolean endsBatch(long sequence) {
    return sequence == 0 || modes.containsKey(sequence);
  }

  /// The state after `sequence`, which ends a batch.
  ModelEngine modelAt(long sequence) {
    var model = new ModelEngine();
    for (WriteBatch batch : batches) {
      if (model.lastSequence() >= sequence) {
        break;
      }
      model.append(batch, LogMode.SYNCED);
    }
    return model;
  }
}
