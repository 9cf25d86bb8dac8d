package dev.henge.server.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import dev.henge.base.Seams;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import dev.henge.replication.membership.GossipOptions;
import dev.henge.replication.membership.MemberState;
import dev.henge.server.peer.PeerCalls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/// What nodes believe of each other, over calls without answers, in simulated time.
final class MembershipTest {
  private static final int SERVICE = 7;

  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);
  private final SeededRandomness random = new SeededRandomness(3);
  private final Map<Long, Wire> wires = new TreeMap<>();
  private final Map<Long, Membership> nodes = new TreeMap<>();
  private final Set<Long> members = new TreeSet<>();
  private final Set<Long> dead = new HashSet<>();
  private int answers;

  /// One node's way to the others: at once, or never.
  private final class Wire implements PeerTransport {
    private final long self;
    private BiConsumer<Long, PeerMessage> receiver = (from, message) -> {};

    Wire(long self) {
      this.self = self;
    }

    @Override
    public void send(long member, PeerMessage message, long deadlineMillis) {
      answers += message instanceof PeerMessage.Answer ? 1 : 0;
      Wire to = wires.get(member);
      if (to != null && !dead.contains(self) && !dead.contains(member)) {
        to.receiver.accept(self, message);
      }
    }

    @Override
    public void onReceive(BiConsumer<Long, PeerMessage> hears) {
      receiver = hears;
    }

    @Override
    public void onUnreachable(LongConsumer listener) {}
  }

  private void start(long member, long incarnation) {
    var wire = new Wire(member);
    wires.put(member, wire);
    var seams = new Seams(clock, new SimulatedDisk(), new NoNetwork(), random, threads);
    var calls = new PeerCalls(wire, clock, threads, threads.pool("calls", 1, 100), incarnation);
    var node =
        new Membership(
            GossipOptions.USUAL, member, incarnation, SERVICE, calls, () -> members, seams);
    nodes.put(member, node);
    node.begin();
  }

  private Membership node(long member) {
    return Objects.requireNonNull(nodes.get(member), "it was started");
  }

  private void startAll(long count) {
    for (long member = 1; member <= count; member++) {
      members.add(member);
    }
    for (long member = 1; member <= count; member++) {
      start(member, 1);
    }
    threads.advance(Duration.ofSeconds(20));
  }

  @Test
  void theDeadAreDownAndComeBack() {
    startAll(3);
    assertTrue(node(1).isUp(1) && node(1).isUp(3));
    dead.add(3L);
    threads.advance(Duration.ofSeconds(10));
    assertEquals(
        Map.of(1L, MemberState.UP, 2L, MemberState.UP, 3L, MemberState.DOWN), node(1).states());
    assertFalse(node(2).isUp(3));
    assertEquals(Set.of(), node(1).downFor(Duration.ofSeconds(60)));
    threads.advance(Duration.ofSeconds(60));
    assertEquals(Set.of(3L), node(1).downFor(Duration.ofSeconds(60)));

    node(3).close();
    dead.remove(3L);
    start(3, 2);
    threads.advance(Duration.ofSeconds(5));
    assertTrue(node(1).isUp(3) && node(2).isUp(3) && node(3).isUp(1));
    assertEquals(Set.of(), node(1).downFor(Duration.ZERO));
    assertEquals(0, answers, "gossip wants no answers");
  }

  @Test
  void aBrokenWayIsRoutedAroundAtOnce() {
    startAll(3);
    dead.add(2L);
    node(1).unreachable(2);
    threads.runAll();
    assertFalse(node(1).isUp(2));
    assertTrue(node(3).isUp(2));
    dead.remove(2L);
    threads.advance(Duration.ofSeconds(3));
    assertTrue(node(1).isUp(2));
  }

  @Test
  void membersAreThoseOfTheMetadata() {
    startAll(2);
    assertFalse(node(1).isUp(3));
    members.add(3L);
    start(3, 1);
    threads.advance(Duration.ofSeconds(1));
    assertTrue(node(1).isUp(3));
    members.remove(3L);
    threads.advance(Duration.ofSeconds(1));
    assertFalse(node(1).isUp(3));
    assertTrue(node(1).isUp(2));
    // who was removed knows of nobody but itself
    assertEquals(Map.of(3L, MemberState.UP), node(3).states());
  }

  /// Messages travel over the transport only.
  private static final class NoNetwork implements Network {
    @Override
    public Listener listen(
        InetSocketAddress address, Function<Connection, ConnectionHandler> accept) {
      throw new AssertionError("a port is opened");
    }

    @Override
    public void connect(
        InetSocketAddress address,
        Duration timeout,
        Function<Connection, ConnectionHandler> connected,
        Consumer<IOException> failed) {
      throw new AssertionError("a connection is made");
    }

    @Override
    public void close() {}
  }
}
