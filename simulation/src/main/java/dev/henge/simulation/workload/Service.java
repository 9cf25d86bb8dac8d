package dev.henge.simulation.workload;

import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.data.Operation;
import dev.henge.data.Reply;

/// The cluster, as clients see it.
public interface Service {
  /// How many machines there are, up or not; they are numbered from 0.
  int machineCount();

  /// How many keyspaces there are, numbered from 0.
  int keyspaceCount();

  /// Sends `operation` to a machine. The answer may never come.
  ///
  /// @param request who asks and the number of the request: a second try has the same
  /// @param level of reads; writes do not look at it
  void submit(
      int machine,
      int keyspace,
      Request request,
      Operation operation,
      ReadLevel level,
      Answer answer);

  /// @param client never used twice, also not by the same client after it gave up
  /// @param repeated whether the client sends it again when its outcome is unknown
  record Request(long client, long number, boolean repeated) {}

  /// Hears at most one of these, once.
  interface Answer {
    /// @param ageMillis of a stale read: by how much at most the answer was behind; else 0
    void replied(Reply reply, long ageMillis);

    /// Nothing was done.
    ///
    /// @param leader machine that may know better; -1 for none
    void refused(String reason, int leader);

    /// Whether it was or will be done is not known.
    void unknown();
  }
}
