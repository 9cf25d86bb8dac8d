package dev.henge.server.eventual;

import dev.henge.replication.causality.HybridClock;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.Versions;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a reader sees of a key at one moment: its values, each string that no write has replaced,
/// and the parts of a counter as one.
///
/// @param values strings by their dots; a counter last
public record Live(List<Value> values) {
  /// One value.
  ///
  /// @param bytes borrowed; of a counter its sum in digits
  /// @param counter whether it is one
  /// @param sum of a counter; at the ends of 64 bits where increments that did not know of each
  ///   other go beyond them
  /// @param expiryMillis wall-clock milliseconds since the epoch; 0 for never
  /// @param timeMillis when it was written, by its coordinator's clock
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Value(
      byte[] bytes, boolean counter, long sum, long expiryMillis, long timeMillis) {}

  /// @param now wall-clock milliseconds since the epoch
  public static Live of(Versions versions, long now) {
    List<Version> live = versions.live(now);
    List<Value> values = new ArrayList<>(live.size());
    List<Version> parts = new ArrayList<>(0);
    for (Version version : live) {
      if (version.kind() == Version.Kind.COUNTER) {
        parts.add(version);
      } else {
        values.add(
            new Value(
                version.payload(),
                false,
                0,
                version.expiryMillis(),
                HybridClock.millis(version.time())));
      }
    }
    if (!parts.isEmpty()) {
      values.add(counter(parts));
    }
    return new Live(values);
  }

  private static Value counter(List<Version> parts) {
    BigInteger sum = BigInteger.ZERO;
    for (Version part : parts) {
      sum = sum.add(BigInteger.valueOf(part.sum()));
    }
    long bounded = sum.max(LEAST).min(MOST).longValue();
    Version newest = Versions.newest(parts);
    return new Value(
        Long.toString(bounded).getBytes(StandardCharsets.US_ASCII),
        true,
        bounded,
        newest.expiryMillis(),
        HybridClock.millis(newest.time()));
  }

  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public boolean isOne() {
    return values.size() == 1;
  }

  /// The only value.
  public Value one() {
    return values.getFirst();
  }
}
