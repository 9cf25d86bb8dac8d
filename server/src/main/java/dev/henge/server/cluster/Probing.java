package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.server.peer.PeerCalls;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks members that this node does not hear of whether they are there, and with that whether this
/// node is one still.
///
/// - A node that was removed while it did not run does not know it, and nobody would notice how old
///   the replicas are that it left behind. So it asks before it answers from those; whom the others
///   refuse hears why ([ClusterMap#removed]). Where nobody answers for a while, it goes by what it
///   knows: of a cluster that is down, each node can be read.
/// - Members that do not lead the same groups have nothing to tell each other. What is asked here
///   opens the way to them; from then on signs of life keep it, and [Contacts] hears when it
///   breaks. Then they are asked again, until they are back.
/// - Threads: [#look] on the cluster's thread, the rest from any.
final class Probing {
  private static final Logger LOG = LoggerFactory.getLogger(Probing.class);

  /// Longer than an answer takes from members that are there, also on a busy machine.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration ASK_EVERY = Duration.ofMillis(500);

  private final long self;
  private final ClusterMap map;
  private final PeerCalls calls;
  private final Contacts contacts;
  private final Clock clock;
  private final long startNanos;

  private volatile boolean recognized;

  // owned by the cluster's thread; one for each member
  private final Map<Long, Long> askedNanos = new HashMap<>();

  Probing(long self, ClusterMap map, PeerCalls calls, Contacts contacts, Clock clock) {
    this.self = self;
    this.map = map;
    this.calls = calls;
    this.contacts = contacts;
    this.clock = clock;
    this.startNanos = clock.monotonicNanos();
    this.recognized = !others();
  }

  /// Whether another member has talked to this node since its start, or none has for a while.
  boolean isRecognized() {
    return recognized;
  }

  /// `member` has talked to this node.
  void heard(long member) {
    contacts.heard(member);
    recognized = true;
  }

  /// Asks where it is time to. Called from time to time.
  void look() {
    if (map.isRemoved()) {
      return;
    }
    long now = clock.monotonicNanos();
    if (!recognized && (!others() || now - startNanos >= PATIENCE.toNanos())) {
      LOG.warn("no other member was heard of since the start: what is here can be read stale");
      recognized = true;
    }
    askedNanos.keySet().retainAll(map.metadata().members().keySet());
    for (long member : map.metadata().members().keySet()) {
      Long asked = askedNanos.get(member);
      if (member != self
          && !contacts.isReachable(member)
          && (asked == null || now - asked >= ASK_EVERY.toNanos())) {
        askedNanos.put(member, now);
        calls.call(
            member, Services.REPORT, new byte[0], ASK_EVERY.toMillis(), new Question(member));
      }
    }
  }

  private boolean others() {
    return map.metadata().members().keySet().stream().anyMatch(member -> member != self);
  }

  private final class Question implements PeerCalls.Listener {
    private final long member;

    Question(long member) {
      this.member = member;
    }

    @Override
    public void answered(byte[] body) {
      heard(member);
    }

    @Override
    public void refused(int status, byte[] body) {
      // Where too much waits, it may be this node that refuses.
      if (status == PeerCalls.NO_SERVICE) {
        heard(member);
      }
    }

    @Override
    public void lost() {}
  }
}
