package dev.henge.base.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SystemThreadsTest {
  private final CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
  private final SystemThreads threads =
      new SystemThreads((thread, error) -> uncaught.complete(error));

  @AfterEach
  void end() {
    threads.close();
  }

  @Test
  void aPoolOfOneRunsTasksInTheirOrderOnItsNamedThread() {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<String> names = Collections.synchronizedList(new ArrayList<>());
    try (Threads.Pool pool = threads.pool("worker", 1, 100)) {
      for (int i = 0; i < 100; i++) {
        int number = i;
        pool.execute(() -> {
          order.add(number);
          names.add(Thread.currentThread().getName());
        });
      }
    }
    assertEquals(100, order.size());
    assertEquals(order.stream().sorted().toList(), order);
    assertEquals(List.of("worker-0"), names.stream().distinct().toList());
  }

  @Test
  void closingRunsWhatIsQueuedAndRefusesMore() throws InterruptedException {
    var ran = new AtomicInteger();
    var release = new CountDownLatch(1);
    Threads.Pool pool = threads.pool("worker", 1, 10);
    for (int i = 0; i < 5; i++) {
      pool.execute(() -> {
        try {
          release.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        ran.incrementAndGet();
      });
    }
    var closer = new Thread(pool::close);
    closer.start();
    release.countDown();
    closer.join();
    assertEquals(5, ran.get());
    assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> {}));
    pool.close();
  }

  @Test
  void aFullQueueRefuses() {
    var release = new CountDownLatch(1);
    try (Threads.Pool pool = threads.pool("worker", 1, 1)) {
      Runnable wait =
          () -> {
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          };
      pool.execute(wait);
      pool.execute(wait);
      assertThrows(RejectedExecutionException.class, () -> pool.execute(wait));
      release.countDown();
    }
  }

  @Test
  void anErrorOfATaskReachesTheHandlerAndThePoolLivesOn() throws Exception {
    var lived = new CompletableFuture<Boolean>();
    try (Threads.Pool pool = threads.pool("worker", 1, 10)) {
      pool.execute(() -> {
        throw new IllegalStateException("thrown on purpose");
      });
      assertEquals("thrown on purpose", uncaught.get().getMessage());
      pool.execute(() -> lived.complete(true));
      assertTrue(lived.get());
    }
  }

  @Test
  void timersRunOnTheirPool() throws Exception {
    var once = new CompletableFuture<String>();
    var thrice = new CountDownLatch(3);
    try (Threads.Pool pool = threads.pool("worker", 1, 10)) {
      threads.after(
          Duration.ofMillis(1), pool, () -> once.complete(Thread.currentThread().getName()));
      assertEquals("worker-0", once.get());
      Threads.Timer timer = threads.every(Duration.ofMillis(1), pool, thrice::countDown);
      thrice.await();
      timer.cancel();
    }
  }

  @Test
  void aRepeatedTaskThatFailsIsRepeatedAllTheSame() throws Exception {
    var thrice = new CountDownLatch(3);
    try (Threads.Pool pool = threads.pool("worker", 1, 10)) {
      Threads.Timer timer =
          threads.every(
              Duration.ofMillis(1),
              pool,
              () -> {
                thrice.countDown();
                throw new IllegalStateException("thrown on purpose");
              });
      thrice.await();
      timer.cancel();
    }
    assertEquals("thrown on purpose", uncaught.get().getMessage());
  }

  @Test
  void aCancelledTimerDoesNotRun() throws Exception {
    var ran = new AtomicInteger();
    var later = new CompletableFuture<Boolean>();
    try (Threads.Pool pool = threads.pool("worker", 1, 10)) {
      Threads.Timer timer = threads.after(Duration.ofMillis(200), pool, ran::incrementAndGet);
      timer.cancel();
      threads.after(Duration.ofMillis(300), pool, () -> later.complete(true));
      assertTrue(later.get());
    }
    assertEquals(0, ran.get());
    assertFalse(uncaught.isDone());
  }
}
