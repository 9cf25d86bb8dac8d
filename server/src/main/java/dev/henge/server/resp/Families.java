package dev.henge.server.resp;

import java.util.ArrayList;
import java.util.List;

/// All families of commands.
final class Families {
  private Families() {}

  static List<Command.Builder> all() {
    var all = new ArrayList<Command.Builder>();
    all.addAll(StringCommands.commands());
    all.addAll(BitCommands.commands());
    all.addAll(KeyCommands.commands());
    all.addAll(TransactionCommands.commands());
    all.addAll(ConnectionCommands.commands());
    all.addAll(ClientCommands.commands());
    all.addAll(ServerCommands.commands());
    all.addAll(KeyspaceCommands.commands());
    all.addAll(ConfigCommands.commands());
    all.addAll(CommandCommands.commands());
    all.addAll(ClusterCommands.commands());
    all.addAll(HengeCommands.commands());
    all.addAll(EventualCommands.commands());
    all.addAll(DeclarationCommands.commands());
    return all;
  }
}
