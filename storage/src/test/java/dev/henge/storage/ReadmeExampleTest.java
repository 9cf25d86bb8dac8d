package dev.henge.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.Clock;
import dev.henge.base.system.SystemClock;
import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemThreads;
import dev.henge.storage.lsm.LsmEngine;
import dev.henge.storage.lsm.LsmOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example in `README.md` is the one here, and it does what it says.
final class ReadmeExampleTest {
  private static final Path THIS =
      Path.of("src", "test", "java", "dev", "henge", "storage", "ReadmeExampleTest.java");

  @TempDir private Path directory;

  @Test
  void theReadmeShowsThisExample() throws IOException {
    String source = Files.readString(THIS);
    String begin = "    // example\n";
    String example =
        source.substring(source.indexOf(begin) + begin.length(), source.indexOf("    // end\n"));
    String shown = example.lines().map(line -> line.substring(4)).collect(Collectors.joining("\n"));
    String readme = Files.readString(Path.of("..", "README.md"));
    assertTrue(readme.contains("```java\n" + shown + "\n```\n"), "README.md should show\n" + shown);
  }

  @Test
  void theExampleRuns() throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      example(directory, LsmOptions.defaults(), new SystemClock());
    } finally {
      System.setOut(before);
    }
    assertEquals(
        "apple\nfruit:1 = apple\nfruit:2 = pear\n",
        printed.toString(StandardCharsets.UTF_8).replace("\r", ""));
  }

  private static void example(Path directory, LsmOptions options, Clock clock) throws IOException {
    // example
    try (var threads = new SystemThreads();
        Engine engine = LsmEngine.open(directory, options, new SystemDisk(), clock, threads)) {
      WriteBatch batch = new WriteBatch().put(bytes("fruit:1"), bytes("apple"));
      batch.put(bytes("fruit:2"), bytes("pear")).delete(bytes("fruit:0"));
      engine.write(batch, LogMode.SYNCED); // all of it or nothing, on the disk when this returns
      System.out.println(text(engine.get(bytes("fruit:1"))));
      try (Reader snapshot = engine.snapshot();
          Cursor cursor = snapshot.cursor()) {
        for (cursor.seek(bytes("fruit:")); cursor.valid(); cursor.next()) {
          System.out.println(text(cursor.key()) + " = " + text(cursor.value()));
        }
      }
    }
    // end
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "absent" : new String(bytes, StandardCharsets.UTF_8);
  }
}
