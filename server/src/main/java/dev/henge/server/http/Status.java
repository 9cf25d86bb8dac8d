package dev.henge.server.http;

import com.linecorp.armeria.common.HttpStatus;
import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFullException;
import dev.henge.base.FormatException;
import dev.henge.data.Reply;
import dev.henge.server.cluster.Failures;
import dev.henge.server.eventual.EventualFailures;
import dev.henge.storage.EngineException;
import dev.henge.storage.WriteRefusedException;
import java.util.Locale;

/// The table from outcomes that are no success to HTTP. The `error` member of the body is the
/// constant's name in lower case: clients compare it, never rename one.
enum Status {
  BAD_REQUEST(400),
  EMPTY_KEY(400),
  BAD_DECLARATION(400),
  BAD_NAME(400),
  UNAUTHORIZED(401),
  NO_SUCH_ROUTE(404),
  NO_SUCH_KEYSPACE(404),
  NO_SUCH_KEY(404),
  NO_SUCH_MEMBER(404),
  METHOD_NOT_ALLOWED(405),
  KEYSPACE_DIFFERS(409),
  WRONG_TYPE(409),
  /// There are concurrent values, and what is asked needs one.
  SIBLINGS(409),
  TOO_MANY_SIBLINGS(409),
  /// A context that is damaged, or of another key, keyspace or cluster.
  BAD_CONTEXT(400),
  /// The cluster's metadata does not allow it.
  REFUSED(409),
  PRECONDITION_FAILED(412),
  KEY_TOO_LARGE(413),
  VALUE_TOO_LARGE(413),
  /// A bug, or a disk that cannot be read.
  INTERNAL(500),
  DAMAGED(500),
  /// Whether the write was done is not known, on a single node until it is started again.
  UNKNOWN_OUTCOME(500),
  NOT_YET(501),
  OVERLOADED(503),
  /// Nobody can decide it now (no majority was found in time): nothing was done.
  UNAVAILABLE(503),
  /// A clock of the cluster is wrong: nothing was done.
  CLOCK_AHEAD(503),
  /// This node was removed from its cluster: nothing was done, here nothing will be.
  REMOVED(503),
  /// An earlier failure stopped the writer: nothing was written.
  WRITER_STOPPED(503),
  TOO_MANY_KEYSPACES(507),
  DISK_FULL(507);

  private final HttpStatus http;

  Status(int code) {
    this.http = HttpStatus.valueOf(code);
  }

  HttpStatus http() {
    return http;
  }

  String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  Problem because(String message) {
    return new Problem(this, message);
  }

  /// What a refused operation is.
  static Problem of(Reply.Failure failure) {
    Status status =
        switch (failure.code()) {
          case "WRONGTYPE" -> WRONG_TYPE;
          case EventualFailures.SIBLINGS -> SIBLINGS;
          case EventualFailures.TOO_MANY_SIBLINGS -> TOO_MANY_SIBLINGS;
          case EventualFailures.BAD_CONTEXT -> BAD_CONTEXT;
          case EventualFailures.CLOCK_AHEAD -> CLOCK_AHEAD;
          case "UNKNOWN" -> UNKNOWN_OUTCOME;
          case "OVERLOADED" -> OVERLOADED;
          case "UNAVAILABLE" -> UNAVAILABLE;
          case "REMOVED" -> REMOVED;
          case "STOPPED" -> WRITER_STOPPED;
          case "DISKFULL" -> DISK_FULL;
          case "DAMAGED" -> DAMAGED;
          default -> failure.equals(Failures.TOO_LARGE) ? VALUE_TOO_LARGE : BAD_REQUEST;
        };
    return status.because(failure.message());
  }

  /// What an exception on the way to a response is.
  static Problem of(Throwable error) {
    return switch (error) {
      case Problem problem -> problem;
      case WriteRefusedException refused -> {
        Status status =
            switch (refused.reason()) {
              case DISK_FULL -> DISK_FULL;
              case STALLED -> OVERLOADED;
              case STOPPED -> WRITER_STOPPED;
              case TOO_LARGE -> VALUE_TOO_LARGE;
            };
        yield status.because(String.valueOf(refused.getMessage()));
      }
      case DiskFullException full -> DISK_FULL.because(String.valueOf(full.getMessage()));
      case CorruptionException damage -> DAMAGED.because(String.valueOf(damage.getMessage()));
      case FormatException format -> DAMAGED.because(String.valueOf(format.getMessage()));
      case EngineException engine when engine.getCause() != null -> of(engine.getCause());
      default -> new Problem(INTERNAL, "the server failed; its log says why", error);
    };
  }
}
