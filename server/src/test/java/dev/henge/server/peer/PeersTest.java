package dev.henge.server.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Network;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemRandomness;
import dev.henge.base.system.SystemThreads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.server.net.NettyNetwork;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Transports of several nodes on real sockets of this machine.
final class PeersTest {
  private static final String CLUSTER = "000102030405060708090a0b0c0d0e0f";
  private static final long WAIT_SECONDS = 120;

  private final SystemThreads threads = new SystemThreads();
  private final NettyNetwork network =
      new NettyNetwork(NettyNetwork.Options.defaults().withEventThreadCount(2));
  private final Map<Long, PeerAddress> addresses = new ConcurrentHashMap<>();
  private final List<Side> sides = new ArrayList<>();

  @AfterEach
  void close() {
    sides.forEach(side -> side.peers.close());
    network.close();
    threads.close();
  }

  @Test
  void messagesArriveInOrderAndBigOnesToo() throws Exception {
    Side one = new Side(1, options());
    Side two = new Side(2, options());
    for (int i = 0; i < 2000; i++) {
      one.send(2, i, new byte[i % 100]);
    }
    byte[] big = new byte[20 << 20];
    new Random(1).nextBytes(big);
    one.send(2, 2000, big);
    one.send(2, 2001, new byte[0]);
    for (int i = 0; i <= 2001; i++) {
      PeerMessage.Call call = two.take();
      assertEquals(i, call.number());
      if (i == 2000) {
        assertArrayEquals(big, call.body());
      }
    }
    two.send(1, 7, new byte[0]);
    assertEquals(7, one.take().number());
    assertTrue(one.peers.status(2).connected());
  }

  @Test
  void aMemberThatComesBackElsewhereIsFoundAgain() throws Exception {
    Side one = new Side(1, options());
    Side two = new Side(2, options());
    one.send(2, 1, new byte[0]);
    assertEquals(1, two.take().number());
    two.peers.close();
    assertEquals(2, one.takeUnreachable());
    one.send(2, 2, new byte[0]);
    Side again = new Side(2, options(), CLUSTER, id(2), 2);
    PeerMessage.Call call;
    do {
      one.send(2, 3, new byte[0]);
      call = again.arrived.poll(20, TimeUnit.MILLISECONDS);
    } while (call == null);
  }

  @Test
  void whoIsNoMemberHereIsRefusedByName() throws Exception {
    Side one = new Side(1, options());
    Side other = new Side(2, options(), "ff" + CLUSTER.substring(2), id(2), 1);
    other.send(1, 1, new byte[0]);
    other.awaitError(1, "cluster");

    Side barred = new Side(3, options());
    one.standings.put(3L, PeerDirectory.Standing.BARRED);
    barred.send(1, 1, new byte[0]);
    barred.awaitError(1, "removed");
    assertEquals(Set.of(1L), barred.removedBy);
    assertEquals(Set.of(), one.removedBy);

    Side impostor = new Side(4, options(), CLUSTER, id(99), 1);
    one.standings.put(4L, PeerDirectory.Standing.IMPOSTOR);
    impostor.send(1, 1, new byte[0]);
    impostor.awaitError(1, "another node");

    Side lost = new Side(5, options());
    addresses.put(77L, address(1));
    lost.send(77, 1, new byte[0]);
    lost.awaitError(77, "member 1, not member 77");

    Side early = new Side(6, options(), CLUSTER, id(6), 5);
    early.send(1, 5, new byte[0]);
    assertEquals(5, one.take().number());
    Side ghost = new Side(6, options(), CLUSTER, id(6), 4);
    ghost.send(1, 4, new byte[0]);
    ghost.awaitError(1, "two processes");
    assertTrue(one.arrived.isEmpty());
  }

  @Test
  void aNewerFormatIsRefusedByName() {
    var hello =
        Handshake.hello(identity(CLUSTER, 2, id(2), 1), 1, 0).toBuilder()
            .setFormatMin(2)
            .setFormatMax(3)
            .build();
    var refusal = Handshake.refusal(hello, identity(CLUSTER, 1, id(1), 1), new Side.Nobody(), 0);
    assertNotNull(refusal);
    assertTrue(refusal.getReason().contains("upgrade the older one"), refusal.getReason());
  }

  /// Metadata may be behind: a member unknown here is let in, and its own address is used.
  @Test
  void aMemberThatMetadataDoesNotKnowYetIsAnswered() throws Exception {
    Side one = new Side(1, options());
    Side nine = new Side(9, options());
    PeerAddress hidden = addresses.remove(9L);
    assertNotNull(hidden);
    one.standings.put(9L, PeerDirectory.Standing.UNKNOWN);
    nine.epoch = 12;
    nine.send(1, 1, new byte[0]);
    assertEquals(1, one.take().number());
    assertEquals(12, one.newerEpoch.poll(WAIT_SECONDS, TimeUnit.SECONDS));
    one.send(9, 2, new byte[0]);
    assertEquals(2, nine.take().number());
  }

  @Test
  void aMemberThatIsRemovedIsCutOff() throws Exception {
    Side one = new Side(1, options());
    Side two = new Side(2, options());
    two.send(1, 1, new byte[0]);
    assertEquals(1, one.take().number());
    one.standings.put(2L, PeerDirectory.Standing.BARRED);
    assertEquals(1, two.takeUnreachable());
    two.awaitError(1, "removed");
  }

  @Test
  void callsAreAnsweredRefusedOrLost() throws Exception {
    Side one = new Side(1, options());
    Side two = new Side(2, options());
    try (var pool = threads.pool("calls", 1, 100);
        var from = new PeerCalls(one.peers, new SystemClock(), threads, pool, 1);
        var at = new PeerCalls(two.peers, new SystemClock(), threads, pool, 1)) {
      at.serve(
          5,
          (member, body, responder) -> {
            switch (body[0]) {
              case 'a' -> responder.answer(new byte[] {'A', (byte) member});
              case 'r' -> responder.refuse(16, new byte[] {'R'});
              default -> {}
            }
          });
      assertEquals("answered A\1", call(from, 5, "a"));
      assertEquals("refused 16 R", call(from, 5, "r"));
      assertEquals("refused 1 no service 6 here", call(from, 6, "a"));
      assertEquals("lost", call(from, 5, "silence", 100));
      var lost = new LinkedBlockingQueue<String>();
      from.call(2, 5, "silence".getBytes(UTF_8), 600_000, new Ended(lost));
      assertEquals("answered A\1", call(from, 5, "a"));
      two.peers.close();
      assertEquals("lost", lost.poll(WAIT_SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  void aGuestAsksAndIsAnswered() throws Exception {
    Side one = new Side(1, options());
    one.peers.onGuest((call, answer) ->
        answer.accept(new PeerMessage.Answer(call.number(), 0, new byte[] {call.body()[0], 1})));
    try (var pool = threads.pool("guest", 1, 100)) {
      assertArrayEquals(new byte[] {9, 1}, ask(pool, one, new byte[] {9}).get().body());
      assertThrows(ExecutionException.class, () -> ask(pool, one, new byte[100_000]).get());
      one.peers.close();
      assertThrows(ExecutionException.class, () -> ask(pool, one, new byte[] {9}).get());
    }
  }

  @Test
  void tlsCarriesTheSameMessages() throws Exception {
    var certificate =
        new CertificateBuilder()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .addSanIpAddress("127.0.0.1")
            .buildSelfSigned();
    SslContext accepting = SslContextBuilder.forServer(certificate.toKeyManagerFactory()).build();
    SslContext connecting =
        SslContextBuilder.forClient().trustManager(certificate.getCertificate()).build();
    Network secured = network.secured(accepting, connecting);
    Side one = new Side(1, options(), CLUSTER, id(1), 1, secured);
    Side two = new Side(2, options(), CLUSTER, id(2), 1, secured);
    byte[] body = new byte[3 << 20];
    new Random(2).nextBytes(body);
    one.send(2, 1, body);
    assertArrayEquals(body, two.take().body());
    Side plain = new Side(3, options());
    plain.send(2, 1, new byte[0]);
    assertEquals(2, plain.takeUnreachable());
    assertTrue(two.arrived.isEmpty());
  }

  private static PeerOptions options() {
    return PeerOptions.defaults().withLife(Duration.ofMillis(50), Duration.ofSeconds(20));
  }

  private static String id(int number) {
    return "%032x".formatted(number);
  }

  private PeerAddress address(long member) {
    PeerAddress address = addresses.get(member);
    assertNotNull(address);
    return address;
  }

  private static PeerIdentity identity(String cluster, long member, String nodeId, long start) {
    return new PeerIdentity(cluster, member, nodeId, start, new PeerAddress("127.0.0.1", 1));
  }

  private java.util.concurrent.CompletableFuture<PeerMessage.Answer> ask(
      dev.henge.base.Threads.Pool pool, Side side, byte[] body) {
    PeerAddress at = address(side.member);
    return GuestCall.ask(
        network,
        threads,
        pool,
        new InetSocketAddress(at.host(), at.port()),
        id(50),
        1,
        body,
        Duration.ofSeconds(WAIT_SECONDS));
  }

  private static String call(PeerCalls calls, int service, String body) throws Exception {
    return call(calls, service, body, 120_000);
  }

  private static String call(PeerCalls calls, int service, String body, long millis)
      throws Exception {
    var ended = new LinkedBlockingQueue<String>();
    calls.call(2, service, body.getBytes(UTF_8), millis, new Ended(ended));
    return String.valueOf(ended.poll(WAIT_SECONDS, TimeUnit.SECONDS));
  }

  private record Ended(BlockingQueue<String> how) implements PeerCalls.Listener {
    @Override
    public void answered(byte[] body) {
      how.add("answered " + new String(body, UTF_8));
    }

    @Override
    public void refused(int status, byte[] body) {
      how.add("refused " + status + " " + new String(body, UTF_8));
    }

    @Override
    public void lost() {
      how.add("lost");
    }
  }

  /// One node.
  private final class Side implements PeerDirectory {
    final long member;
    final Peers peers;
    final BlockingQueue<PeerMessage.Call> arrived = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> unreachable = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> newerEpoch = new LinkedBlockingQueue<>();
    final Set<Long> removedBy = ConcurrentHashMap.newKeySet();
    final Map<Long, Standing> standings = new ConcurrentHashMap<>();
    volatile long epoch;

    Side(long member, PeerOptions options) throws IOException {
      this(member, options, CLUSTER, id((int) member), 1);
    }

    Side(long member, PeerOptions options, String cluster, String nodeId, long incarnation)
        throws IOException {
      this(member, options, cluster, nodeId, incarnation, network);
    }

    Side(
        long member,
        PeerOptions options,
        String cluster,
        String nodeId,
        long incarnation,
        Network through)
        throws IOException {
      this.member = member;
      peers = new Peers(options, through, this, new SystemClock(), new SystemRandomness(), threads);
      sides.add(this);
      peers.onReceive((from, message) -> arrived.add((PeerMessage.Call) message));
      peers.onUnreachable(unreachable::add);
      int port = peers.listen(new InetSocketAddress("127.0.0.1", 0)).getPort();
      var at = new PeerAddress("127.0.0.1", port);
      addresses.put(member, at);
      peers.identify(new PeerIdentity(cluster, member, nodeId, incarnation, at));
    }

    void send(long to, long number, byte[] body) {
      peers.send(to, new PeerMessage.Call(number, 0, body), 60_000);
    }

    PeerMessage.Call take() throws InterruptedException {
      PeerMessage.Call call = arrived.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(call, "nothing arrived");
      return call;
    }

    long takeUnreachable() throws InterruptedException {
      Long lost = unreachable.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(lost, "nobody was lost");
      return lost;
    }

    void awaitError(long to, String part) throws InterruptedException {
      do {
        takeUnreachable();
      } while (!peers.status(to).lastError().contains(part));
      assertFalse(peers.status(to).connected());
    }

    @Override
    public @Nullable PeerAddress address(long of) {
      return addresses.get(of);
    }

    @Override
    public Standing standing(long of, String nodeId) {
      return standings.getOrDefault(of, Standing.MEMBER);
    }

    @Override
    public long epoch() {
      return epoch;
    }

    @Override
    public void newerEpoch(long of, long newer) {
      newerEpoch.add(newer);
    }

    @Override
    public void removed(long by) {
      removedBy.add(by);
    }

    /// Knows nobody.
    private static final class Nobody implements PeerDirectory {
      @Override
      public @Nullable PeerAddress address(long member) {
        return null;
      }

      @Override
      public Standing standing(long member, String nodeId) {
        return Standing.UNKNOWN;
      }

      @Override
      public long epoch() {
        return 0;
      }

      @Override
      public void newerEpoch(long member, long epoch) {}

      @Override
      public void removed(long by) {}
    }
  }
}
