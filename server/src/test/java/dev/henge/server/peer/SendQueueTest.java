package dev.henge.server.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What waits for a member is bounded, and what is dropped is what matters least.
final class SendQueueTest {
  private static final long NEVER = Long.MAX_VALUE / 2;

  private final SendQueue queue = new SendQueue(100, 10);

  @Test
  void dataIsRefusedWhenFullAndLightMessagesDropTheOldest() {
    assertTrue(offer(frame(1, 60), true, NEVER, 0));
    assertTrue(offer(frame(2, 5), false, NEVER, 0));
    assertFalse(offer(frame(3, 60), true, NEVER, 0));
    assertTrue(offer(frame(4, 40), true, NEVER, 0));
    assertTrue(offer(frame(5, 5), false, NEVER, 0));
    assertTrue(offer(frame(6, 5), false, NEVER, 0));
    assertEquals(110, queue.bytes());
    assertEquals(2, queue.droppedCount());
    assertOrder(1, 4, 5, 6);
    assertEquals(0, queue.bytes());
  }

  @Test
  void whatIsTooLateMakesRoomAndDoesNotLeave() {
    assertTrue(offer(frame(1, 60), true, 10, 0));
    assertTrue(offer(frame(2, 40), true, 30, 0));
    assertTrue(offer(frame(3, 40), true, NEVER, 20));
    assertArrayEquals(frame(3, 40), queue.poll(40));
    assertNull(queue.poll(40));
    assertTrue(queue.isEmpty());
  }

  @Test
  void anEmptyQueueTakesAnyFrame() {
    assertTrue(offer(frame(1, 500), true, NEVER, 0));
    assertFalse(offer(frame(2, 1), true, NEVER, 0));
    queue.clear();
    assertTrue(offer(frame(3, 1), true, NEVER, 0));
    assertOrder(3);
  }

  private boolean offer(byte[] frame, boolean carriesData, long expiresNanos, long nowNanos) {
    return queue.offer(frame, carriesData, expiresNanos, nowNanos, SendQueue.NOBODY);
  }

  private void assertOrder(int... numbers) {
    for (int number : numbers) {
      byte[] next = queue.poll(0);
      assertTrue(next != null && next[0] == number, "frame " + number + " comes next");
    }
    assertNull(queue.poll(0));
  }

  private static byte[] frame(int number, int bytes) {
    byte[] frame = new byte[bytes];
    frame[0] = (byte) number;
    return frame;
  }
}
