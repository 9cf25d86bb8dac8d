package dev.henge.server.resp;

import dev.henge.base.Invariant;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Every command by its name, found without making a string of it.
///
/// - Shape: open addressing over the names in upper case; four times as many places as commands.
/// - Threads: immutable.
final class CommandTable {
  private final Map<String, Command> byName = new TreeMap<>();
  private final @Nullable Command[] places;
  private final int mask;

  CommandTable(List<Command.Builder> declared) {
    for (Command.Builder builder : declared) {
      Command command = builder.build();
      Command before = byName.put(command.name(), command);
      Invariant.check(before == null, "declared twice: " + command.name());
    }
    places = new Command[Integer.highestOneBit(byName.size() * 8 - 1)];
    mask = places.length - 1;
    for (Command command : byName.values()) {
      byte[] name = command.nameBytes();
      int place = hash(ByteBuffer.wrap(name), 0, name.length) & mask;
      while (places[place] != null) {
        place = (place + 1) & mask;
      }
      places[place] = command;
    }
  }

  /// The commands of this server.
  static CommandTable standard() {
    return new CommandTable(Families.all());
  }

  /// In the order of their names.
  Collection<Command> commands() {
    return byName.values();
  }

  int count() {
    return byName.size();
  }

  /// The command called by these bytes, in any case; null when there is none.
  @Nullable Command find(ByteBuffer bytes, int offset, int length) {
    int place = hash(bytes, offset, length) & mask;
    while (true) {
      Command command = places[place];
      if (command == null || same(command.nameBytes(), bytes, offset, length)) {
        return command;
      }
      place = (place + 1) & mask;
    }
  }

  /// The command or, written `container|name`, the subcommand called so.
  @Nullable Command find(String fullName) {
    String lower = fullName.toLowerCase(Locale.ROOT);
    int bar = lower.indexOf('|');
    if (bar < 0) {
      return byName.get(lower);
    }
    Command container = byName.get(lower.substring(0, bar));
    return container == null ? null : container.subcommands().get(lower.substring(bar + 1));
  }

  private static int hash(ByteBuffer bytes, int offset, int length) {
    int hash = length;
    for (int i = 0; i < length; i++) {
      hash = hash * 31 + (bytes.get(offset + i) & 0xdf);
    }
    return hash ^ (hash >>> 7);
  }

  private static boolean same(byte[] lower, ByteBuffer bytes, int offset, int length) {
    if (lower.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      int letter = bytes.get(offset + i);
      if (letter >= 'A' && letter <= 'Z') {
        letter += 'a' - 'A';
      }
      if (letter != lower[i]) {
        return false;
      }
    }
    return true;
  }
}
