package dev.henge.simulation.chaos;

import java.io.IOException;
import java.util.List;

/// Where the nodes run, and what lies between them.
///
/// - Threads: one.
interface Hosting extends AutoCloseable {
  /// Everybody who talks, besides the nodes: the clients, who are all in one place.
  int CLIENTS = -1;

  /// Address that node `index` listens at.
  String host(int index);

  /// Its first port.
  int port(int index);

  /// Words in front of the command of node `index`.
  List<String> commandPrefix(int index);

  /// Flags that the node's server needs to listen there.
  List<String> serverFlags();

  /// Whether [#block] works.
  boolean hasPartitions();

  /// From now on nothing gets from `from` to `to`, without a word to either; indexes of nodes, or
  /// [#CLIENTS].
  void block(int from, int to) throws IOException;

  /// Undoes [#block].
  void unblock(int from, int to) throws IOException;

  @Override
  void close();
}
