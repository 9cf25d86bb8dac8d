package dev.henge.consensus.log;

import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.HardState;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a group has handed to the log thread.
sealed interface Request {
  /// The group it is about; null when it is about none.
  @Nullable GroupLog group();

  LogListener listener();

  /// Whether its listener waits for a sync.
  boolean synced();

  /// What it counts for in limits.
  long bytes();

  /// @param hardState null when unchanged
  /// @param previousTerm of the entry before the first one
  /// @param epoch of the group's memory when this was handed in
  record Append(
      GroupLog group,
      @Nullable HardState hardState,
      List<Entry> entries,
      long previousTerm,
      int epoch,
      boolean synced,
      long bytes,
      LogListener listener)
      implements Request {}

  /// The log begins at `mark`: what is behind it stays.
  record Begin(GroupLog group, SnapshotMark mark, boolean recovering, LogListener listener)
      implements Request {
    @Override
    public boolean synced() {
      return listener != LogListener.NONE;
    }

    @Override
    public long bytes() {
      return 0;
    }
  }

  /// The log begins and ends at `mark`.
  record Reset(GroupLog group, SnapshotMark mark, LogListener listener) implements Request {
    @Override
    public boolean synced() {
      return true;
    }

    @Override
    public long bytes() {
      return 0;
    }
  }

  record Remove(GroupLog group, LogListener listener) implements Request {
    @Override
    public boolean synced() {
      return true;
    }

    @Override
    public long bytes() {
      return 0;
    }
  }

  /// The whole log of a quiet group is written again, so that old segments can go.
  ///
  /// @param bytes of its frames
  record Rewrite(GroupLog group, long bytes) implements Request {
    @Override
    public boolean synced() {
      return false;
    }

    @Override
    public LogListener listener() {
      return LogListener.NONE;
    }
  }

  /// Everything before it becomes durable.
  record Sync(LogListener listener) implements Request {
    @Override
    public @Nullable GroupLog group() {
      return null;
    }

    @Override
    public boolean synced() {
      return true;
    }

    @Override
    public long bytes() {
      return 0;
    }
  }
}
