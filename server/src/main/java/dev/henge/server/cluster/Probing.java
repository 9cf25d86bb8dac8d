package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.server.peer.PeerCalls;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether this node may take itself for a member: since its start another member has talked to it,
/// or none has for a while.
///
/// A node that was removed while it did not run does not know it, and nobody would notice how old
/// the replicas are that it left behind. So it asks the others before it answers from those; whom
/// they refuse hears why ([ClusterMap#removed]). Where nobody is there, it goes by what it knows:
/// of a cluster that is down, each node can be read.
///
/// - Threads: [#look] on the cluster's thread, the rest from any.
final class FirstContact implements PeerCalls.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(FirstContact.class);

  /// Longer than an answer takes from members that are there, also on a busy machine.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration ASK_EVERY = Duration.ofMillis(500);

  private final long self;
  private final ClusterMap map;
  private final PeerCalls calls;
  private final Clock clock;
  private final long startNanos;

  private volatile boolean made;

  // owned by the cluster's thread
  private long askedNanos;

  FirstContact(long self, ClusterMap map, PeerCalls calls, Clock clock) {
    this.self = self;
    this.map = map;
    this.calls = calls;
    this.clock = clock;
    this.startNanos = clock.monotonicNanos();
    this.askedNanos = startNanos - ASK_EVERY.toNanos();
    this.made = !others();
  }

  boolean isMade() {
    return made;
  }

  /// Another member has talked to this node.
  void make() {
    made = true;
  }

  /// Asks where it is time to. Called from time to time.
  void look() {
    long now = clock.monotonicNanos();
    if (made || map.isRemoved()) {
      return;
    }
    if (!others()) {
      made = true;
    } else if (now - startNanos >= PATIENCE.toNanos()) {
      LOG.warn(
          "no other member was heard of in {} s: what is here can be read with consistency stale",
          PATIENCE.toSeconds());
      made = true;
    } else if (now - askedNanos >= ASK_EVERY.toNanos()) {
      askedNanos = now;
      for (long member : map.metadata().members().keySet()) {
        if (member != self) {
          calls.call(member, Services.REPORT, new byte[0], PATIENCE.toMillis(), this);
        }
      }
    }
  }

  private boolean others() {
    return map.metadata().members().keySet().stream().anyMatch(member -> member != self);
  }

  @Override
  public void answered(byte[] body) {
    made = true;
  }

  @Override
  public void refused(int status, byte[] body) {
    // Also by this node itself, where too much waits: then it is asked again.
    if (status == PeerCalls.NO_SERVICE) {
      made = true;
    }
  }

  @Override
  public void lost() {}
}
