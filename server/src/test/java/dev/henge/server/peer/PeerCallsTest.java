package dev.henge.server.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.henge.base.simulated.SimulatedClock;
import dev.henge.base.simulated.SimulatedThreads;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.group.PeerTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/// Answers find their calls, over a transport that the test plays.
final class PeerCallsTest {
  private static final long MEMBER = 2;
  private static final int SERVICE = 20;

  private final SimulatedClock clock = new SimulatedClock();
  private final SimulatedThreads threads = new SimulatedThreads(clock);

  /// Whoever was asked before a node's restart may answer afterwards, over the new connection.
  @Test
  void anAnswerToACallBeforeTheRestartIsNotTakenForAnother() {
    var before = new Wire();
    calls(before, 1).call(MEMBER, SERVICE, new byte[] {1}, 10_000, new Heard());
    var after = new Wire();
    PeerCalls restarted = calls(after, 2);
    var heard = new Heard();
    restarted.call(MEMBER, SERVICE, new byte[] {2}, 10_000, heard);

    after.receiver.accept(MEMBER, new PeerMessage.Answer(before.number(), 0, new byte[] {10}));
    assertEquals(List.of(), heard.answers);
    after.receiver.accept(MEMBER, new PeerMessage.Answer(after.number(), 0, new byte[] {20}));
    assertEquals(1, heard.answers.size());
    assertArrayEquals(new byte[] {20}, heard.answers.getFirst());
  }

  private PeerCalls calls(Wire wire, long incarnation) {
    return new PeerCalls(wire, clock, threads, threads.pool("calls", 1, 100), incarnation);
  }

  private static final class Wire implements PeerTransport {
    private final List<PeerMessage> sent = new ArrayList<>();
    private BiConsumer<Long, PeerMessage> receiver = (from, message) -> {};

    long number() {
      return sent.getFirst() instanceof PeerMessage.Call call ? call.number() : -1;
    }

    @Override
    public void send(long member, PeerMessage message, long deadlineMillis) {
      sent.add(message);
    }

    @Override
    public void onReceive(BiConsumer<Long, PeerMessage> newReceiver) {
      receiver = newReceiver;
    }

    @Override
    public void onUnreachable(LongConsumer listener) {}
  }

  private static final class Heard implements PeerCalls.Listener {
    private final List<byte[]> answers = new ArrayList<>();

    @Override
    public void answered(byte[] body) {
      answers.add(body);
    }

    @Override
    public void refused(int status, byte[] body) {}

    @Override
    public void lost() {}
  }
}
