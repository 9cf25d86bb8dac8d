package dev.henge.replication.membership;

import java.util.List;

/// What members tell each other of who lives. GossipCodec has its bytes (FORMAT.md).
public sealed interface GossipMessage {
  /// A part of the sender's member list, its own entry always, and who is accused by whom.
  ///
  /// Entry `i` says that `members[i]` has been heard of with `heartbeats[i]` in its life
  /// `incarnations[i]`; entries are by member, ascending. The arrays belong to the message.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Heartbeats(
      long[] members, long[] incarnations, long[] heartbeats, List<Accusation> accusations)
      implements GossipMessage {}

  /// Asks the receiver for a sign of life.
  ///
  /// @param number of the probe, given by `asker`
  /// @param asker who wants to know: the sender, or whom the sender helps
  record Probe(long number, long asker) implements GossipMessage {}

  /// Asks the receiver to probe `target` for the sender.
  record ProbeFor(long number, long target) implements GossipMessage {}

  /// The receiver of a [ProbeFor] lives and does what it was asked for: whoever hears not even that
  /// has reason to doubt itself.
  record ProbeTaken(long number) implements GossipMessage {}

  /// The sign of life; the sender is `member` itself or has it from there.
  record ProbeAnswer(long number, long asker, long member, long incarnation, long heartbeat)
      implements GossipMessage {}
}
