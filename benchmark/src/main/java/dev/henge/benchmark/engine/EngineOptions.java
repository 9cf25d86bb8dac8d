package dev.henge.benchmark.engine;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/// What one run of an engine does, as options of the command that starts it and of the process that
/// does it.
final class EngineOptions {
  private static final int PAIR_BYTES = Workload.KEY_BYTES + Workload.VALUE_BYTES;
  private static final double WARM_UP_SHARE = 0.5;
  private static final long WRITES_UNBOUNDED_BYTES = 1L << 30;

  @Option(
      names = "--pairs",
      defaultValue = "2000000",
      description = "Pairs of 16 and 100 bytes. Default: ${DEFAULT-VALUE}.")
  long pairs = 2_000_000;

  @Option(
      names = "--seconds",
      defaultValue = "4",
      description = "Length of each line that reads. Default: ${DEFAULT-VALUE}.")
  double seconds = 4;

  @Option(
      names = "--readers",
      defaultValue = "1",
      description = "Threads that read. Default: ${DEFAULT-VALUE}.")
  int readers = 1;

  @Option(
      names = "--write-rate",
      defaultValue = "40000",
      description = "Writes a second beside 'get while writing'. Default: ${DEFAULT-VALUE}.")
  double writeRate = 40_000;

  @Option(names = "--synced", description = "Each write is on the disk before it returns.")
  boolean synced;

  @Option(
      names = "--lines",
      split = ",",
      defaultValue = "fill,fill_settled,overwrite,get,missing,scan,read_while_writing,paced_writer",
      description = "Which, of ${COMPLETION-CANDIDATES}; pairs are always filled in. Default: all.")
  List<Line> lines = List.of(Line.values());

  EngineOptions withPairs(long newPairs) {
    EngineOptions copy = copy();
    copy.pairs = newPairs;
    return copy;
  }

  EngineOptions withSeconds(double newSeconds) {
    EngineOptions copy = copy();
    copy.seconds = newSeconds;
    return copy;
  }

  /// Half of the data, uncompressed as it stands in the cache.
  long cacheBytes() {
    return pairs * PAIR_BYTES / 2;
  }

  /// Room for all of the data and what an engine keeps beside it.
  long fittingCacheBytes() {
    return pairs * PAIR_BYTES * 2;
  }

  /// Room for every version written, in an engine that must know beforehand.
  long roomBytes() {
    return pairs * PAIR_BYTES * 4 + WRITES_UNBOUNDED_BYTES;
  }

  double warmUpSeconds() {
    return seconds * WARM_UP_SHARE;
  }

  /// The options again, as arguments of another process.
  List<String> arguments() {
    return List.of(
        "--pairs=" + pairs,
        "--seconds=" + seconds,
        "--readers=" + readers,
        "--write-rate=" + writeRate,
        "--synced=" + synced,
        "--lines=" + lines.stream().map(Line::name).collect(Collectors.joining(",")));
  }

  private EngineOptions copy() {
    EngineOptions copy = new EngineOptions();
    copy.pairs = pairs;
    copy.seconds = seconds;
    copy.readers = readers;
    copy.writeRate = writeRate;
    copy.synced = synced;
    copy.lines = lines;
    return copy;
  }
}
