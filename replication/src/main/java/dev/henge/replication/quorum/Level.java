package dev.henge.replication.quorum;

import java.util.Locale;
import java.util.Optional;

/// How many copies a request asks for.
///
/// @param kind a number, or one of the named levels
/// @param count where `kind` is [Kind#COUNT]; at least 1
public record Level(Kind kind, int count) {
  public static final Level ONE = of(1);
  public static final Level QUORUM = new Level(Kind.QUORUM, 0);
  public static final Level ALL = new Level(Kind.ALL, 0);
  public static final Level LOCAL_QUORUM = new Level(Kind.LOCAL_QUORUM, 0);
  public static final Level EACH_QUORUM = new Level(Kind.EACH_QUORUM, 0);

  /// The kinds of level.
  public enum Kind {
    COUNT,
    /// More than half of all copies.
    QUORUM,
    ALL,
    /// More than half of the copies in the coordinator's data centre.
    LOCAL_QUORUM,
    /// More than half of the copies in each data centre.
    EACH_QUORUM
  }

  public static Level of(int count) {
    return new Level(Kind.COUNT, count);
  }

  /// `one`, `quorum`, `all`, `local_quorum`, `each_quorum` in any case, or a number from 1 on;
  /// empty for anything else.
  public static Optional<Level> parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "one" -> Optional.of(ONE);
      case "quorum" -> Optional.of(QUORUM);
      case "all" -> Optional.of(ALL);
      case "local_quorum" -> Optional.of(LOCAL_QUORUM);
      case "each_quorum" -> Optional.of(EACH_QUORUM);
      default -> {
        boolean number = text.matches("[1-9][0-9]?");
        yield number ? Optional.of(of(Integer.parseInt(text))) : Optional.empty();
      }
    };
  }

  @Override
  public String toString() {
    return kind == Kind.COUNT ? Integer.toString(count) : kind.name().toLowerCase(Locale.ROOT);
  }
}
