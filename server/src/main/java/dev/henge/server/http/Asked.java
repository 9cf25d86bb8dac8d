package dev.henge.server.http;

import com.linecorp.armeria.common.HttpHeaders;
import dev.henge.consensus.strong.RequestId;
import dev.henge.replication.quorum.Level;
import dev.henge.server.cluster.Consistency;
import dev.henge.server.store.Keyspace;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a request's headers say about how it is to be done by a keyspace with replicas, and what
/// its answer says about that. Each kind of keyspace has words of its own, and refuses the other's.
///
/// - Threads: [#ageMillis] any; the rest is immutable.
final class Asked {
  static final String CONSISTENCY = "henge-consistency";
  static final String REQUEST_ID = "henge-request-id";
  static final String TIMEOUT = "henge-timeout-ms";
  static final String READ_LEVEL = "henge-r";
  static final String WRITE_LEVEL = "henge-w";

  private static final long TIMEOUT_MILLIS_MAX = 600_000;

  private final Consistency consistency;
  private final @Nullable RequestId requestId;
  private final Optional<Duration> timeout;
  private final @Nullable Level read;
  private final @Nullable Level write;
  private volatile long ageMillis;

  private Asked(
      Consistency consistency,
      @Nullable RequestId requestId,
      Optional<Duration> timeout,
      @Nullable Level read,
      @Nullable Level write) {
    this.consistency = consistency;
    this.requestId = requestId;
    this.timeout = timeout;
    this.read = read;
    this.write = write;
  }

  /// @throws Problem for words that are none, or not of this kind of keyspace
  static Asked of(HttpHeaders headers, Keyspace keyspace) {
    if (keyspace.isEventual()) {
      refuse(headers, "a strong keyspace", CONSISTENCY, REQUEST_ID);
    } else {
      refuse(headers, "an eventual keyspace", READ_LEVEL, WRITE_LEVEL, EventualKeyHandler.CONTEXT);
    }
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
        millis == null ? Optional.empty() : Optional.of(timeout(millis)),
        level(headers, READ_LEVEL),
        level(headers, WRITE_LEVEL));
  }

  private static void refuse(HttpHeaders headers, String needed, String... names) {
    for (String name : names) {
      if (headers.contains(name)) {
        throw Status.BAD_REQUEST.because(name + " needs " + needed);
      }
    }
  }

  private static @Nullable Level level(HttpHeaders headers, String name) {
    @Nullable String text = headers.get(name);
    return text == null
        ? null
        : Level.parse(text)
            .orElseThrow(() ->
                Status.BAD_REQUEST.because(
                    name
                        + " is a number of copies from 1 to 99, or one of one, quorum, all,"
                        + " local_quorum, each_quorum"));
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

  /// How many copies a read asks; null for what the keyspace declares.
  @Nullable Level read() {
    return read;
  }

  /// How many copies a write waits for; null for what the keyspace declares.
  @Nullable Level write() {
    return write;
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
