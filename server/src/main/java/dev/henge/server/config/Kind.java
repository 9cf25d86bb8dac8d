package dev.henge.server.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How the text of a setting becomes a value, and back.
///
/// @param <T> the value's type
public interface Kind<T> {
  /// The value; empty when `text` is not one.
  Optional<T> parse(String text);

  /// A text that [#parse] takes back to `value`.
  String text(T value);

  /// What texts are allowed, to stand behind "allowed: ".
  String allowed();

  /// Any text.
  static Kind<String> words(String allowed) {
    return new Kind<>() {
      @Override
      public Optional<String> parse(String text) {
        return Optional.of(text);
      }

      @Override
      public String text(String value) {
        return value;
      }

      @Override
      public String allowed() {
        return allowed;
      }
    };
  }

  static Kind<Integer> number(int least, int most) {
    return new Kind<>() {
      @Override
      public Optional<Integer> parse(String text) {
        return whole(text)
            .filter(value -> value >= least && value <= most)
            .map(value -> (int) (long) value);
      }

      @Override
      public String text(Integer value) {
        return value.toString();
      }

      @Override
      public String allowed() {
        return least + " to " + most;
      }
    };
  }

  static Kind<Boolean> flag() {
    return new Kind<>() {
      @Override
      public Optional<Boolean> parse(String text) {
        return switch (text) {
          case "true" -> Optional.of(true);
          case "false" -> Optional.of(false);
          default -> Optional.empty();
        };
      }

      @Override
      public String text(Boolean value) {
        return value.toString();
      }

      @Override
      public String allowed() {
        return "true, false";
      }
    };
  }

  /// A size: a whole number of bytes, or with a unit as in `64MiB`.
  static Kind<Long> bytes(long least, long most) {
    return new Kind<>() {
      @Override
      public Optional<Long> parse(String text) {
        return scaled(text, BYTE_UNITS).filter(value -> value >= least && value <= most);
      }

      @Override
      public String text(Long value) {
        return withUnit(value, BYTE_UNITS);
      }

      @Override
      public String allowed() {
        return text(least) + " to " + text(most) + ", as in 64MiB";
      }
    };
  }

  /// A time with its unit, as in `1s` or `250ms`; `0` needs none.
  static Kind<Duration> duration(Duration least, Duration most) {
    return new Kind<>() {
      @Override
      public Optional<Duration> parse(String text) {
        if (!text.equals("0") && whole(text).isPresent()) {
          return Optional.empty();
        }
        return scaled(text, TIME_UNITS)
            .map(Duration::ofMillis)
            .filter(value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0);
      }

      @Override
      public String text(Duration value) {
        return value.isZero() ? "0" : withUnit(value.toMillis(), TIME_UNITS);
      }

      @Override
      public String allowed() {
        return text(least) + " to " + text(most) + ", as in 250ms, 1s, 5m";
      }
    };
  }

  /// One of the names of `type`, in lower case.
  static <E extends Enum<E>> Kind<E> choice(Class<E> type) {
    return new Kind<>() {
      @Override
      public Optional<E> parse(String text) {
        return Arrays.stream(type.getEnumConstants())
            .filter(value -> text(value).equals(text))
            .findFirst();
      }

      @Override
      public String text(E value) {
        return value.name().toLowerCase(Locale.ROOT);
      }

      @Override
      public String allowed() {
        return Arrays.stream(type.getEnumConstants())
            .map(this::text)
            .collect(Collectors.joining(", "));
      }
    };
  }

  /// A unit and how many of the smallest it is.
  record Unit(String name, long size) {}

  /// From the largest to the smallest.
  List<Unit> BYTE_UNITS =
      List.of(
          new Unit("TiB", 1L << 40),
          new Unit("GiB", 1L << 30),
          new Unit("MiB", 1L << 20),
          new Unit("KiB", 1L << 10),
          new Unit("B", 1));

  /// From the largest to the smallest, in milliseconds.
  List<Unit> TIME_UNITS =
      List.of(
          new Unit("h", 3_600_000), new Unit("m", 60_000), new Unit("s", 1000), new Unit("ms", 1));

  private static Optional<Long> whole(String text) {
    return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  private static Optional<Long> scaled(String text, List<Unit> units) {
    Matcher matcher = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)").matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    if (matcher.group(2).isEmpty()) {
      return Optional.of(number);
    }
    return units.stream()
        .filter(unit -> unit.name().equalsIgnoreCase(matcher.group(2)))
        .filter(unit -> number <= Long.MAX_VALUE / unit.size())
        .map(unit -> number * unit.size())
        .findFirst();
  }

  private static String withUnit(long value, List<Unit> units) {
    for (Unit unit : units) {
      if (value != 0 && value % unit.size() == 0) {
        return value / unit.size() + unit.name();
      }
    }
    return value + units.getLast().name();
  }
}
