package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.cli.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIGKILL of a real server under load, round after round on the same directory, each judged by the
/// ledger. Small memtables make flushes and compactions part of it.
final class KillTest {
  private static final int PAIR_COUNT = 20_000;

  /// Acknowledged writes when the server is killed. At the most so many that more are left than the
  /// client has under way: then it is killed in the middle however slow it is.
  private static final int KILL_MIN = PAIR_COUNT / 10;

  private static final int KILL_MAX = PAIR_COUNT - PipelinedClient.WINDOW_COUNT;
  private static final List<String> DURABILITIES = List.of("fsync", "interval", "os", "fsync");

  @TempDir private Path directory;

  @Test
  void noAcknowledgedWriteIsLostAndNoneIsTorn() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("KillTest: replay with -Dtest=KillTest -Dseed=" + seed);
    Random random = new Random(seed);
    WordNet wordNet = WordNet.load().first(PAIR_COUNT);

    Wave.Values held = index -> null;
    ServerProcess server = start(DURABILITIES.getFirst());
    try {
      for (int round = 1; round <= DURABILITIES.size(); round++) {
        String durability = DURABILITIES.get(round - 1);
        int killAfter = KILL_MIN + random.nextInt(KILL_MAX - KILL_MIN);
        Path ledger = directory.resolve("ledger-" + round + ".txt");
        Crash crash = new Crash(wordNet, round, ledger, random.nextLong());
        crash.writeAndKill(server, killAfter, count -> {});
        assertTrue(crash.acknowledgedCount() >= killAfter, "killed too early");

        server = start(DURABILITIES.get(round % DURABILITIES.size()));
        Verdict verdict = crash.judge(server, held, count -> {});
        assertTrue(verdict.good(), () -> durability + ": " + verdict.complaints());
        assertEquals(PAIR_COUNT, verdict.total());
        held = crash::found;
      }
      assertEquals(0, server.stop(), "exit status after SIGTERM");
    } finally {
      server.close();
    }
  }

  private ServerProcess start(String durability) throws IOException {
    return ServerProcess.start(
        directory.resolve("data"),
        0,
        directory.resolve("server.log"),
        List.of("--durability", durability, "--memtable", "1MiB"));
  }
}
