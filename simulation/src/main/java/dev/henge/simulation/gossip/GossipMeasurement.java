package dev.henge.simulation.gossip;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.replication.membership.GossipOptions;
import dev.henge.replication.membership.MemberState;
import dev.henge.simulation.world.World;
import java.util.function.BooleanSupplier;

/// What gossip costs and tells in a cluster of one size: all begin at once and know nobody, then it
/// is quiet, then one member dies and comes back; messages are lost all the time.
///
/// Times are in rounds, one tick of everybody, to a precision of one.
///
/// @param knownRounds until everybody had heard of everybody
/// @param bytesPerSecond that a member sends while it is quiet, frames and envelopes included
/// @param messagesPerSecond that a member sends then
/// @param quietRounds for how long it was quiet
/// @param suspicions of living members, by one other each, in that time
/// @param downs living members believed to be down, by one other each, in that time
/// @param suspectedRounds from a death until the first suspected it
/// @param downRounds from a death until all believed it
/// @param backRounds from a new start until all believed it
public record GossipMeasurement(
    int members,
    int lossPercent,
    int knownRounds,
    double bytesPerSecond,
    double messagesPerSecond,
    int quietRounds,
    long suspicions,
    long downs,
    int suspectedRounds,
    int downRounds,
    int backRounds) {
  /// What does not come about in so many rounds never will.
  private static final int ROUNDS_MAX = 2000;

  /// From a cold start until the histories say how often news comes.
  private static final int SETTLING_ROUNDS = 120;

  /// For how long members were believed something, all pairs of them together.
  public double pairHours(GossipOptions options) {
    double hours = quietRounds * (options.interval().toNanos() / 3.6e12);
    return hours * members * (members - 1);
  }

  /// @param quietRounds for which false suspicions are counted
  /// @throws IllegalStateException where something never comes about
  public static GossipMeasurement of(
      int members, int lossPercent, int quietRounds, GossipOptions options, long seed) {
    var world = new World(new SeededRandomness(seed));
    var cluster = new GossipCluster(world, members, options, lossPercent, false);
    int knownRounds = rounds(cluster, cluster::allKnown);
    cluster.rounds(Math.max(0, SETTLING_ROUNDS - knownRounds));
    long bytes = cluster.sentBytes();
    long messages = cluster.sentCount();
    long suspicions = 0;
    long downs = 0;
    cluster.changed();
    for (int i = 0; i < quietRounds; i++) {
      cluster.rounds(1);
      // whoever changed its mind is looked at once a round: what came and went within it is not
      // seen
      for (long at : cluster.changed()) {
        for (long of = 1; of <= members; of++) {
          MemberState state = cluster.state(of, at);
          suspicions += state == MemberState.SUSPECTED ? 1 : 0;
          downs += state == MemberState.DOWN ? 1 : 0;
        }
      }
    }
    double seconds = quietRounds * options.interval().toNanos() / 1e9;
    bytes = cluster.sentBytes() - bytes;
    messages = cluster.sentCount() - messages;
    long dead = members / 2 + 1L;
    cluster.kill(dead);
    int suspectedRounds = rounds(cluster, () -> cluster.count(dead, MemberState.UP) < members - 1);
    int downRounds =
        suspectedRounds
            + rounds(cluster, () -> cluster.count(dead, MemberState.DOWN) == members - 1);
    cluster.restart(dead, 2);
    int backRounds = rounds(cluster, () -> cluster.count(dead, MemberState.UP) == members - 1);
    return new GossipMeasurement(
        members,
        lossPercent,
        knownRounds,
        bytes / seconds / members,
        messages / seconds / members,
        quietRounds,
        suspicions,
        downs,
        suspectedRounds,
        downRounds,
        backRounds);
  }

  private static int rounds(GossipCluster cluster, BooleanSupplier until) {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      if (until.getAsBoolean()) {
        return round;
      }
      cluster.rounds(1);
    }
    throw new IllegalStateException("not in " + ROUNDS_MAX + " rounds");
  }
}
