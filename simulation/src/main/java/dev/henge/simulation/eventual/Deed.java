package dev.henge.simulation.eventual;

import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.Versions;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One operation of one client on one key, as the client saw it. Each put writes a value that no
/// other writes, so that a value names its write.
///
/// @param startNanos of true time, as `endNanos`, which is without meaning where the outcome is
///   unknown
/// @param value what a put wrote; null for everything else
/// @param delta what an addition added
/// @param context values that a writer had read, and says so; null of one who says nothing
/// @param before what the coordinator held before, where the outcome is known
/// @param after what an answer shows: of a read what is there, of a write what the coordinator held
///   then
/// @param copies owners' copies that answered, or are durable
/// @param hints copies with others that are
/// @param damages disks that had been lost or damaged when it was acknowledged
record Deed(
    int client,
    Kind kind,
    Outcome outcome,
    long startNanos,
    long endNanos,
    @Nullable String value,
    long delta,
    @Nullable Set<String> context,
    Values before,
    Values after,
    int copies,
    int hints,
    int damages) {
  /// What is wanted.
  enum Kind {
    READ,
    PUT,
    /// Of what was read.
    DELETE,
    /// Of whatever is there.
    FORGET,
    /// To a counter.
    ADD
  }

  /// What the client was told.
  enum Outcome {
    DONE,
    /// It may have been done, or be done later.
    UNKNOWN,
    /// It was not and will not be done.
    REFUSED
  }

  /// What copies know of a key.
  ///
  /// @param times of each value, of the hybrid clock
  /// @param newest time of all, that of a tombstone included; 0 for none
  /// @param total of a counter's parts
  /// @param writers how many replicas the version vector names
  /// @param blind how many values are of writers who had read nothing, and stood beside others
  record Values(Map<String, Long> times, long newest, long total, int writers, int blind) {
    static final Values NONE = of(Versions.NONE);

    /// Expired or not.
    static Values of(Versions versions) {
      Map<String, Long> times = new TreeMap<>();
      long newest = 0;
      long total = 0;
      int blind = 0;
      for (Version version : versions.siblings()) {
        newest = Math.max(newest, version.time());
        blind += version.isBlind() ? 1 : 0;
        switch (version.kind()) {
          case STRING ->
              times.put(new String(version.payload(), StandardCharsets.UTF_8), version.time());
          case COUNTER -> total += version.sum();
          case TOMBSTONE -> {}
        }
      }
      return new Values(times, newest, total, versions.seen().size(), blind);
    }

    Set<String> values() {
      return times.keySet();
    }
  }

  boolean isDone() {
    return outcome == Outcome.DONE;
  }

  boolean mayBeDone() {
    return outcome != Outcome.REFUSED;
  }

  boolean writes() {
    return kind != Kind.READ;
  }

  /// Values that this write is known to have taken the place of, if it was done.
  Set<String> replaced() {
    if (context != null) {
      return context;
    }
    Set<String> gone = new TreeSet<>(before.values());
    gone.removeAll(after.values());
    return gone;
  }

  /// Whether nobody knows what it took the place of, if it was done.
  boolean replacesUnseen() {
    return writes() && outcome == Outcome.UNKNOWN && context == null;
  }

  @Override
  public String toString() {
    return "client %d [%.6f s, %s] %s%s%s%s -> %s, copies %d, hints %d%s"
        .formatted(
            client,
            startNanos / 1e9,
            outcome == Outcome.DONE ? "%.6f s".formatted(endNanos / 1e9) : "?",
            kind,
            value == null ? "" : " " + value,
            kind == Kind.ADD ? " " + delta : "",
            context == null ? "" : " knowing " + context,
            isDone()
                ? (before.times.isEmpty() ? "" : "before " + before.times + ", ")
                    + after.times
                    + (kind == Kind.ADD ? " sum " + after.total : "")
                : outcome,
            copies,
            hints,
            damages == 0 ? "" : ", damages " + damages);
  }
}
