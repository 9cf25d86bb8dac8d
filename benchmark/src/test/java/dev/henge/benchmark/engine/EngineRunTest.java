package dev.henge.benchmark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// Each engine does every line; a run checks each value that it reads.
final class EngineRunTest {
  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource(EngineKind.class)
  void doesEveryLine(EngineKind engine) {
    int status =
        new CommandLine(new EngineRun())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(
                "--engine=" + engine,
                "--directory=" + directory,
                "--pairs=3000",
                "--seconds=0.05",
                "--readers=2");
    assertEquals(0, status);
  }
}
