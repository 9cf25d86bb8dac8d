package dev.henge.consensus.log;

import dev.henge.consensus.raft.Entry;
import java.io.IOException;
import java.util.List;

/// Hears the end of one [GroupLog#load]; exactly one method is called, once, on a reader thread.
public interface LoadListener {
  /// @param entries that follow each other from the first one asked for; empty when that one is no
  ///   longer, or not, in the log
  void loaded(List<Entry> entries);

  /// @param cause a [dev.henge.base.CorruptionException] where the bytes are not what was written
  void failed(IOException cause);
}
