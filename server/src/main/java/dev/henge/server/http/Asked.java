package dev.henge.server.http;

import com.linecorp.armeria.common.HttpHeaders;
import dev.henge.consensus.strong.RequestId;
import dev.henge.server.cluster.Consistency;
import org.jspecify.annotations.Nullable;

/// What a request's headers say about how it is to be done by a replicated keyspace, and what its
/// answer says about that.
///
/// - Threads: [#ageMillis] any; the rest is immutable.
final class Asked {
  static final String CONSISTENCY = "henge-consistency";
  static final String REQUEST_ID = "henge-request-id";

  private final Consistency consistency;
  private final @Nullable RequestId requestId;
  private volatile long ageMillis;

  private Asked(Consistency consistency, @Nullable RequestId requestId) {
    this.consistency = consistency;
    this.requestId = requestId;
  }

  /// @throws Problem for words that are none
  static Asked of(HttpHeaders headers) {
    @Nullable String level = headers.get(CONSISTENCY);
    @Nullable String id = headers.get(REQUEST_ID);
    return new Asked(
        level == null
            ? Consistency.LINEARIZABLE
            : Consistency.of(level)
                .orElseThrow(() ->
                    Status.BAD_REQUEST.because(
                        CONSISTENCY + " is one of linearizable, leader, stale")),
        id == null ? null : requestId(id));
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

  /// Of a stale read: since the replica heard of a leader.
  long ageMillis() {
    return ageMillis;
  }

  void ageMillis(long millis) {
    ageMillis = millis;
  }
}
