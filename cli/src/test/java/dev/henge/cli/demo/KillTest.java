package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  private static final List<String> DURABILITIES = List.of("fsync", "interval", "os", "fsync");

  @TempDir private Path directory;

  @Test
  void noAcknowledgedWriteIsLostAndNoneIsTorn() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("KillTest: replay with -Dtest=KillTest -Dseed=" + seed);
    Random random = new Random(seed);
    WordNet wordNet = WordNet.load().first(PAIR_COUNT);

    Crash.Values held = index -> null;
    int version = 1;
    for (String durability : DURABILITIES) {
      int killAfter = PAIR_COUNT / 10 + random.nextInt(PAIR_COUNT * 8 / 10);
      Crash crash =
          new Crash(
              wordNet, version, directory.resolve("ledger-" + version + ".txt"), random.nextLong());
      try (ServerProcess server = start(durability)) {
        crash.writeAndKill(server, killAfter, count -> {});
      }
      assertTrue(crash.acknowledgedCount() >= killAfter, "killed too early");
      try (ServerProcess server = start(durability)) {
        Verdict verdict = crash.judge(server, held, count -> {});
        assertTrue(verdict.good(), () -> durability + ": " + verdict.complaints());
        assertEquals(PAIR_COUNT, verdict.total());
        assertEquals(0, server.stop(), "exit status after SIGTERM");
      }
      held = crash::found;
      version++;
    }
  }

  private ServerProcess start(String durability) throws IOException {
    return ServerProcess.start(
        directory.resolve("data"),
        0,
        directory.resolve("server.log"),
        "--durability",
        durability,
        "--memtable",
        "1MiB");
  }
}
