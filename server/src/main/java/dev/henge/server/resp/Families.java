package dev.henge.server.resp;

import java.util.ArrayList;
import java.util.List;

/// All families of commands.
final class Families {
  private Families() {}

  static List<Command.Builder> all() {
    var all = new ArrayList<Command.Builder>();
    all.addAll(StringCommands.commands());
    all.addAll(KeyCommands.commands());
    all.addAll(ConnectionCommands.commands());
    return all;
  }
}
