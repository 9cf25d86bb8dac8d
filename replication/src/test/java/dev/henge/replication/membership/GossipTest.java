package dev.henge.replication.membership;

import static dev.henge.replication.membership.MemberState.DOWN;
import static dev.henge.replication.membership.MemberState.SUSPECTED;
import static dev.henge.replication.membership.MemberState.UP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.replication.membership.GossipMessage.Heartbeats;
import dev.henge.replication.membership.GossipMessage.Probe;
import dev.henge.replication.membership.GossipMessage.ProbeAnswer;
import dev.henge.replication.membership.GossipMessage.ProbeFor;
import dev.henge.replication.membership.GossipMessage.ProbeTaken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// One member, and what it makes of what others tell it.
final class GossipTest {
  private static final long INTERVAL = GossipOptions.USUAL.interval().toNanos();
  private static final int SETTLED = 40;

  private long now;
  private final long[] heartbeats = new long[1000];
  private final Set<Long> silent = new HashSet<>();
  private final Gossip gossip = begin(5);
  private List<Outgoing> out = List.of();

  private Gossip begin(int members) {
    var begun = new Gossip(1, 1, GossipOptions.USUAL, new SeededRandomness(7), now);
    begun.members(LongStream.rangeClosed(1, members).toArray(), now);
    return begun;
  }

  /// An interval passes, in which all that are not silent send their heartbeat and answer probes.
  private void round(Gossip of, int members) {
    now += INTERVAL;
    for (long member = 2; member <= members; member++) {
      if (!silent.contains(member)) {
        hear(of, member, member, ++heartbeats[(int) member]);
      }
    }
    out = of.tick(now);
  }

  private void rounds(int count) {
    for (int i = 0; i < count; i++) {
      round(gossip, 5);
    }
  }

  private void hear(Gossip of, long from, long member, long heartbeat) {
    of.receive(
        from,
        new Heartbeats(new long[] {member}, new long[] {1}, new long[] {heartbeat}, List.of()),
        now);
  }

  private void accuse(long accused, long heartbeat, long accuser) {
    gossip.receive(
        accuser,
        new Heartbeats(
            new long[0],
            new long[0],
            new long[0],
            List.of(new Accusation(accused, 1, heartbeat, accuser))),
        now);
  }

  private List<Heartbeats> told() {
    var told = new ArrayList<Heartbeats>();
    for (Outgoing one : out) {
      if (one.message() instanceof Heartbeats heartbeats) {
        told.add(heartbeats);
      }
    }
    return told;
  }

  private <T extends GossipMessage> List<T> sent(Class<T> kind) {
    return out.stream().map(Outgoing::message).filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void aTickRaisesTheHeartbeatAndTellsAFew() {
    rounds(1);
    assertEquals(GossipOptions.USUAL.fanout(), told().size());
    long first = told().getFirst().heartbeats()[0];
    rounds(1);
    assertEquals(first + 1, told().getFirst().heartbeats()[0]);
    assertEquals(3, out.stream().map(Outgoing::to).distinct().count());
    assertFalse(out.stream().anyMatch(one -> one.to() == 1));
  }

  /// SWIM, section 3.1: silence is asked about, directly and through others, before it is told.
  @Test
  void silenceIsProbedBeforeItIsTold() {
    rounds(SETTLED);
    silent.add(3L);
    int untilProbed = 0;
    do {
      rounds(1);
      untilProbed++;
    } while (sent(Probe.class).isEmpty() && untilProbed < 20);
    assertTrue(untilProbed <= 4, untilProbed + " rounds");
    assertEquals(UP, gossip.state(3));
    assertEquals(3, sent(ProbeFor.class).size());
    assertTrue(told().stream().allMatch(one -> one.accusations().isEmpty()));
    ProbeFor asked = sent(ProbeFor.class).getFirst();
    assertEquals(3, asked.target());

    // a helper has the answer
    gossip.receive(2, new ProbeTaken(asked.number()), now);
    gossip.receive(2, new ProbeAnswer(asked.number(), 1, 3, 1, ++heartbeats[3]), now);
    for (int i = 0; i < Probes.ROUNDS; i++) {
      rounds(1);
      assertEquals(UP, gossip.state(3));
    }
  }

  @Test
  void whoAnswersNobodyIsSuspectedAndAccused() {
    suspectThree();
    assertEquals(List.of(new Accusation(3, 1, heartbeats[3], 1)), told().getFirst().accusations());
    // the suspected is told, too: it may be back
    assertTrue(out.stream().anyMatch(one -> one.to() == 3));
  }

  private void suspectThree() {
    rounds(SETTLED);
    silent.add(3L);
    helped(20);
    assertEquals(SUSPECTED, gossip.state(3));
  }

  /// Rounds in which helpers say that they are at it.
  private void helped(int count) {
    for (int i = 0; i < count; i++) {
      rounds(1);
      for (Outgoing one : List.copyOf(out)) {
        if (one.message() instanceof ProbeFor asked && !silent.contains(one.to())) {
          gossip.receive(one.to(), new ProbeTaken(asked.number()), now);
        }
      }
    }
  }

  @Test
  void downIsWhatTwoSay() {
    suspectThree();
    accuse(3, heartbeats[3] - 1, 4); // at a heartbeat that is known to be old
    assertEquals(SUSPECTED, gossip.state(3));
    accuse(3, heartbeats[3], 1); // what this node said, come back
    assertEquals(SUSPECTED, gossip.state(3));
    accuse(3, heartbeats[3], 9); // who is no member
    assertEquals(SUSPECTED, gossip.state(3));
    accuse(3, heartbeats[3], 4);
    assertEquals(DOWN, gossip.state(3));
    long changes = gossip.changes();

    hear(gossip, 2, 3, ++heartbeats[3]);
    assertEquals(UP, gossip.state(3));
    assertTrue(gossip.changes() > changes);
    silent.remove(3L);
    rounds(1);
    assertTrue(told().getFirst().accusations().isEmpty());
  }

  @Test
  void twoOthersAreEnoughAndOneIsNot() {
    rounds(SETTLED);
    accuse(3, heartbeats[3], 4);
    assertEquals(UP, gossip.state(3));
    accuse(3, heartbeats[3], 4);
    assertEquals(UP, gossip.state(3));
    accuse(3, heartbeats[3], 5);
    assertEquals(DOWN, gossip.state(3));
  }

  /// All have to mean the same heartbeat: whoever knows a newer one brings it.
  @Test
  void accusersAgreeOnTheHeartbeat() {
    suspectThree();
    accuse(3, heartbeats[3] + 7, 4);
    assertEquals(DOWN, gossip.state(3));
    rounds(1);
    assertTrue(
        told().getFirst().accusations().contains(new Accusation(3, 1, heartbeats[3] + 7, 1)));
  }

  @Test
  void oneAccuserIsEnoughWhereNoOtherIsLeft() {
    Gossip two = begin(2);
    silent.add(2L);
    for (int i = 0; i < 20; i++) {
      round(two, 2);
    }
    assertEquals(DOWN, two.state(2));

    // of three, the second to die has only one other to accuse it
    silent.clear();
    Gossip three = begin(3);
    for (int i = 0; i < SETTLED; i++) {
      round(three, 3);
    }
    silent.add(3L);
    three.receive(
        2,
        new Heartbeats(
            new long[0], new long[0], new long[0], List.of(new Accusation(3, 1, heartbeats[3], 2))),
        now);
    for (int i = 0; i < 20; i++) {
      round(three, 3);
    }
    assertEquals(DOWN, three.state(3));
    silent.add(2L);
    for (int i = 0; i < 100; i++) {
      round(three, 3);
    }
    assertEquals(DOWN, three.state(2));
  }

  /// Who hears nobody suspects, but cannot bring anybody down.
  @Test
  void aLoneAccuserBringsNobodyDown() {
    rounds(SETTLED);
    silent.addAll(List.of(2L, 3L, 4L, 5L));
    rounds(500);
    for (long member = 2; member <= 5; member++) {
      assertEquals(SUSPECTED, gossip.state(member));
    }
  }

  /// Lifeguard: a node that was paused has no right to accuse.
  @Test
  void aPausedNodeAccusesNobody() {
    suspectThree();
    now += 60_000_000_000L;
    out = gossip.tick(now);
    assertEquals(UP, gossip.state(3));
    assertTrue(told().stream().allMatch(one -> one.accusations().isEmpty()));
    assertTrue(sent(Probe.class).isEmpty());
    // and those that tell that they live are not doubted; who stays silent is, once more
    silent.clear();
    silent.add(4L);
    helped(1);
    for (int i = 0; i < 3; i++) {
      helped(1);
      assertEquals(UP, gossip.state(4));
    }
    helped(100);
    assertEquals(SUSPECTED, gossip.state(4));
    assertEquals(UP, gossip.state(3));
  }

  @Test
  void aProbeIsAnsweredWithANewHeartbeatAndPassedOnOnce() {
    rounds(1);
    long told = told().getFirst().heartbeats()[0];
    List<Outgoing> answer = gossip.receive(2, new Probe(33, 4), now);
    assertEquals(List.of(new Outgoing(2, new ProbeAnswer(33, 4, 1, 1, told + 1))), answer);

    assertEquals(
        List.of(new Outgoing(2, new ProbeTaken(34)), new Outgoing(3, new Probe(34, 2))),
        gossip.receive(2, new ProbeFor(34, 3), now));
    var live = new ProbeAnswer(34, 2, 3, 1, 99);
    assertEquals(List.of(new Outgoing(2, live)), gossip.receive(3, live, now));
    assertEquals(List.of(), gossip.receive(4, live, now));
  }

  @Test
  void aBrokenWayIsRoutedAroundAndReasonToAsk() {
    rounds(SETTLED);
    out = gossip.broken(3);
    assertEquals(1, sent(Probe.class).size());
    assertEquals(List.of(), gossip.broken(3));
    assertEquals(SUSPECTED, gossip.state(3));
    hear(gossip, 2, 3, ++heartbeats[3]);
    assertEquals(SUSPECTED, gossip.state(3), "others reach it");
    silent.add(3L);
    helped(1);
    assertTrue(told().stream().allMatch(one -> one.accusations().isEmpty()));
    hear(gossip, 3, 3, ++heartbeats[3]);
    assertEquals(UP, gossip.state(3));
    assertEquals(List.of(), gossip.broken(77));
    assertEquals(List.of(), gossip.broken(1));
  }

  /// Where others know of a later life than this one, its heartbeats would be old for ever.
  @Test
  void aMemberOutbidsWhatIsToldOfIt() {
    rounds(1);
    gossip.receive(
        2, new Heartbeats(new long[] {1}, new long[] {6}, new long[] {50}, List.of()), now);
    accuse(1, 1, 2);
    rounds(1);
    assertEquals(6, told().getFirst().incarnations()[0]);
    assertTrue(told().getFirst().heartbeats()[0] > 50);
    assertEquals(UP, gossip.state(1));
  }

  @Test
  void membersComeAndGoAsTheMetadataHasThem() {
    suspectThree();
    gossip.members(new long[] {1, 2, 4, 5, 6}, now);
    assertEquals(DOWN, gossip.state(3));
    assertEquals(UP, gossip.state(6));
    rounds(1);
    assertTrue(told().stream().allMatch(one -> one.accusations().isEmpty()));
    hear(gossip, 3, 3, 1000); // it was removed: nothing that it says counts
    assertEquals(DOWN, gossip.state(3));
    assertEquals(List.of(), gossip.receive(3, new Probe(1, 3), now));
    assertEquals(4, gossip.knownCount()); // not the sixth: nobody has heard of it
  }

  /// With more members than a message holds, each comes in its turn, and news comes first.
  @Test
  void messagesAreBoundedAndLeaveNobodyOut() {
    int members = 900;
    var options = new GossipOptions(GossipOptions.USUAL.interval(), 1, 100, 4, 8);
    var large = new Gossip(1, 1, options, new SeededRandomness(7), now);
    large.members(LongStream.rangeClosed(1, members).toArray(), now);
    for (long member = 2; member <= members; member++) {
      hear(large, member, member, 1);
    }
    var told = new HashSet<Long>();
    for (int i = 0; i < 18; i++) {
      now += INTERVAL;
      hear(large, 700, 700, 10 + i);
      out = large.tick(now);
      for (Heartbeats one : told()) {
        assertEquals(100, one.members().length);
        assertEquals(100, Arrays.stream(one.members()).distinct().count());
        int place = Arrays.binarySearch(one.members(), 700);
        assertTrue(place >= 0 && one.heartbeats()[place] == 10 + i, "the newest is told");
        Arrays.stream(one.members()).forEach(told::add);
      }
    }
    assertEquals(members, told.size());
  }
}
