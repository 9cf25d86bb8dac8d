package dev.henge.server.resp;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What CONFIG GET shows and CONFIG SET changes: Redis's names for what this server has.
///
/// - Threads: any.
public final class Parameters {
  private record Parameter(Supplier<String> value, @Nullable Consumer<String> change) {}

  private final Map<String, Parameter> byName = new ConcurrentSkipListMap<>();
  private volatile String password;
  private volatile int connectionCountMax;
  private volatile int idleTimeoutSeconds;

  Parameters(RespOptions options) {
    password = options.password();
    connectionCountMax = options.connectionCountMax();
    idleTimeoutSeconds = (int) options.idleTimeout().toSeconds();
    declare("requirepass", this::password, text -> password = text);
    declare(
        "maxclients",
        () -> Integer.toString(connectionCountMax),
        text -> connectionCountMax = (int) whole(text, 1, 1_000_000));
    declare(
        "timeout",
        () -> Integer.toString(idleTimeoutSeconds),
        text -> idleTimeoutSeconds = (int) whole(text, 0, Integer.MAX_VALUE));
  }

  /// A parameter that can only be read.
  public void declare(String name, Supplier<String> value) {
    byName.put(name.toLowerCase(Locale.ROOT), new Parameter(value, null));
  }

  /// A parameter that can be changed.
  ///
  /// @param change throws [IllegalArgumentException] with what is wrong
  public void declare(String name, Supplier<String> value, Consumer<String> change) {
    byName.put(name.toLowerCase(Locale.ROOT), new Parameter(value, change));
  }

  /// A number of CONFIG SET.
  ///
  /// @throws IllegalArgumentException in Redis's words
  static long whole(String text, long least, long most) {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("argument couldn't be parsed into an integer", e);
    }
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "argument must be between " + least + " and " + most + " inclusive");
    }
    return value;
  }

  Iterable<String> names() {
    return byName.keySet();
  }

  boolean knows(String name) {
    return byName.containsKey(name);
  }

  boolean changeable(String name) {
    Parameter parameter = byName.get(name);
    return parameter != null && parameter.change != null;
  }

  String value(String name) {
    Parameter parameter = byName.get(name);
    return parameter == null ? "" : parameter.value.get();
  }

  /// @throws IllegalArgumentException with what is wrong
  void change(String name, String text) {
    Parameter parameter = byName.get(name);
    if (parameter != null && parameter.change != null) {
      parameter.change.accept(text);
    }
  }

  /// Of the user `default`, now; empty for none.
  public String password() {
    return password;
  }

  int connectionCountMax() {
    return connectionCountMax;
  }

  /// 0 for never.
  int idleTimeoutSeconds() {
    return idleTimeoutSeconds;
  }
}
