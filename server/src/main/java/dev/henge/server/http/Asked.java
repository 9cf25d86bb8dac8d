package dev.henge.server.http;

import com.linecorp.armeria.common.HttpHeaders;
import dev.henge.consensus.strong.RequestId;
import dev.henge.server.cluster.Consistency;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a request's headers say about how it is to be done by a replicated keyspace, and what its
/// answer says about that.
///
/// - Threads: [#ageMillis] any; the rest is immutable.
final class Asked {
  static final String CONSISTENCY = "henge-consistency";
  static final String REQUEST_ID = "henge-request-id";
  static final String TIMEOUT = "henge-timeout-ms";

  private static final long TIMEOUT_MILLIS_MAX = 600_000;

  private final Consistency consistency;
  private final @Nullable RequestId requestId;
  private final Optional<Duration> timeout;
  private volatile long ageMillis;

  private Asked(
      Consistency consistency, @Nullable RequestId requestId, Optional<Duration> timeout) {
    this.consistency = consistency;
    this.requestId = requestId;
    this.timeout = timeout;
  }

  /// @throws Problem for words that are none
  static Asked of(HttpHeaders headers) {
    @Nullable String level = headers.get(CONSISTENCY);
    @Nullable String id = headers.get(REQUEST_ID);
    @Nullable String millis = headers.get(TIMEOUT);
    return new Asked(
        level == null
            ? Consistency.LINEARIZABLE
            : Consistency.of(level)
                .orElseThrow(() ->
                    Status.BAD_REQUEST.because(
                        CONSISTENCY + " is one of linearizable, leader, stale")),
        id == null ? null : requestId(id),
        millis == null ? Optional.empty() : Optional.of(timeout(millis)));
  }

  private static Duration timeout(String text) {
    long millis = text.matches("[1-9][0-9]{0,5}") ? Long.parseLong(text) : 0;
    if (millis < 1 || millis > TIMEOUT_MILLIS_MAX) {
      throw Status.BAD_REQUEST.because(
          TIMEOUT + " is a number of milliseconds from 1 to " + TIMEOUT_MILLIS_MAX);
    }
    return Duration.ofMillis(millis);
  }

  /// 32 hexadecimal digits, or as a UUID is written.
  private static RequestId requestId(String text) {
    String digits = text.replace("-", "");
    if (!digits.matches("[0-9a-fA-F]{32}")) {
      throw Status.BAD_REQUEST.because(REQUEST_ID + " has 32 hexadecimal digits");
    }
    return new RequestId(
        Long.parseUnsignedLong(digits.substring(0, 16), 16),
        Long.parseUnsignedLong(digits.substring(16), 16));
  }

  Consistency consistency() {
    return consistency;
  }

  /// Null where the write has none.
  @Nullable RequestId requestId() {
    return requestId;
  }

  /// After which a replicated keyspace is to answer one way or the other; empty for the node's own.
  Optional<Duration> timeout() {
    return timeout;
  }

  /// Of a stale read: since the replica heard of a leader.
  long ageMillis() {
    return ageMillis;
  }

  void ageMillis(long millis) {
    ageMillis = millis;
  }
}
