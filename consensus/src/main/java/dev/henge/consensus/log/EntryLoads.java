package dev.henge.consensus.log;

import dev.henge.base.Threads;
import dev.henge.consensus.raft.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// Brings entries that have left memory back from the files.
///
/// - Bound: so many loads wait as the pool's queue takes; more fail.
/// - Threads: any; the reading is done on the readers' pool.
final class EntryLoads {
  /// A group can be written again elsewhere while its places are looked up.
  private static final int TRIES_MAX = 3;

  private final Threads.Pool readers;
  private final SegmentFiles files;

  EntryLoads(Threads.Pool readers, SegmentFiles files) {
    this.readers = readers;
    this.files = files;
  }

  void load(GroupLog group, long from, long to, long bytesMax, LoadListener listener) {
    try {
      readers.execute(() -> {
        List<Entry> found;
        try {
          found = read(group, from, to, bytesMax);
        } catch (IOException e) {
          listener.failed(e);
          return;
        }
        listener.loaded(found);
      });
    } catch (RejectedExecutionException full) {
      listener.failed(new IOException("too many reads of the Raft log wait, or it is closed"));
    }
  }

  private List<Entry> read(GroupLog group, long from, long to, long bytesMax) throws IOException {
    for (int i = 0; i < TRIES_MAX; i++) {
      List<WrittenLog.Place> places = group.placesToLoad(from, to, bytesMax);
      if (places.isEmpty()) {
        return group.inMemory(from, to, bytesMax);
      }
      List<Entry> found = new ArrayList<>();
      for (WrittenLog.Place place : places) {
        LogSegment segment = files.pin(place.segment());
        if (segment == null) {
          // Compacted or written elsewhere meanwhile, or closed.
          break;
        }
        try {
          FrameReader.read(segment, place, from, to, found);
        } finally {
          files.unpin(segment);
        }
      }
      if (!found.isEmpty()) {
        return cut(found, bytesMax);
      }
    }
    return List.of();
  }

  private static List<Entry> cut(List<Entry> found, long bytesMax) {
    long bytes = 0;
    for (int i = 0; i < found.size(); i++) {
      bytes += found.get(i).sizeBytes();
      if (i > 0 && bytes > bytesMax) {
        return new ArrayList<>(found.subList(0, i));
      }
    }
    return found;
  }
}
