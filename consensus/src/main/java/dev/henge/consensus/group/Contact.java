package dev.henge.consensus.group;

import dev.henge.base.Clock;
import dev.henge.consensus.raft.Message;
import dev.henge.consensus.raft.Raft;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeMap;

/// When this replica last knew that it was up to date with a leader: a follower by the leader's
/// messages, a leader by those of a majority.
///
/// - Threads: [#ageMillis] from any, the rest is the group's strand's.
final class Contact {
  private final Clock clock;
  private final Raft core;
  private final TreeMap<Long, Long> heardNanos = new TreeMap<>();

  private volatile long contactNanos;

  Contact(Clock clock, Raft core) {
    this.clock = clock;
    this.core = core;
    contactNanos = clock.monotonicNanos();
  }

  /// The core has taken `message`.
  void heard(Message message) {
    if (message.term() != core.term()) {
      return;
    }
    long now = clock.monotonicNanos();
    if (core.role() == Raft.Role.LEADER) {
      heardNanos.put(message.from(), now);
      contactNanos = ofMajority(now);
    } else if (message.from() == core.leader()) {
      heardNanos.clear();
      contactNanos = now;
    }
  }

  /// Milliseconds since then.
  long ageMillis() {
    return Math.max(0, (clock.monotonicNanos() - contactNanos) / 1_000_000);
  }

  /// The newest time by which a majority of the voters had been heard.
  private long ofMajority(long now) {
    SortedSet<Long> voters = core.configuration().voters();
    var ages = new long[voters.size()];
    int i = 0;
    for (long voter : voters) {
      Long heard = heardNanos.get(voter);
      ages[i++] = voter == core.self() ? 0 : heard == null ? now - contactNanos : now - heard;
    }
    Arrays.sort(ages);
    return now - ages[ages.length / 2];
  }
}
