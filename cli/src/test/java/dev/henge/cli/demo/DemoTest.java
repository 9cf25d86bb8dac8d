package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole story of `henge demo`, on the first pages of the dictionary.
final class DemoTest {
  private static final int PAIR_COUNT = 10_000;

  @TempDir private Path directory;

  @Test
  void theStoryEndsWell() throws Exception {
    StringWriter told = new StringWriter();
    Demo demo = new Demo(new PrintWriter(told), false, directory, 0, "fsync");
    assertTrue(demo.run(WordNet.load().first(PAIR_COUNT), 1), told::toString);

    String story = told.toString();
    assertTrue(story.contains("all equal"), story);
    assertTrue(story.contains("PASSED: every acknowledged write survived"), story);
    assertEquals(0, count(story, "acknowledged, and LOST"));
    assertEquals(0, count(story, "TORN: neither old nor new"));
    int kept = count(story, "acknowledged, and there");
    assertTrue(kept >= PAIR_COUNT * 4 / 10, story);
    assertEquals(kept, Files.readAllLines(directory.resolve("ledger.txt")).size());
  }

  private static int count(String story, String label) {
    String line = story.lines().filter(l -> l.strip().startsWith(label)).findFirst().orElseThrow();
    return Integer.parseInt(line.strip().substring(label.length()).strip().replace(",", ""));
  }
}
