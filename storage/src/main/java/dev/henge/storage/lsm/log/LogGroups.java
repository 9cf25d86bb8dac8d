package dev.henge.storage.lsm.log;

import java.util.ArrayDeque;

/// Groups taken from a [CommitLog] in order, on their way to being written.
public final class LogGroups {
  final ArrayDeque<LogGroup> groups = new ArrayDeque<>(4);

  LogGroups() {}

  public boolean isEmpty() {
    return groups.isEmpty();
  }
}
