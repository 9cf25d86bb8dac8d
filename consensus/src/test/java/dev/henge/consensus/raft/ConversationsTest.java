package dev.henge.consensus.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Plays the scripts in `src/test/resources`, each about one section of the dissertation, and
/// compares everything the cores say. `-Drewrite=true` writes the answers anew, to be read as a
/// diff.
final class ConversationsTest {
  static final Path DIRECTORY =
      Path.of("src/test/resources/dev/henge/consensus/raft").toAbsolutePath();

  static Stream<String> scripts() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".txt"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void goesAsWritten(String script) throws IOException {
    Path file = DIRECTORY.resolve(script);
    String expected = Files.readString(file);
    String played = play(script, SimulatedGroup.SOUND);
    if (Boolean.getBoolean("rewrite")) {
      Files.writeString(file, played);
    } else {
      assertEquals(expected, played, script + ": -Drewrite=true writes it anew");
    }
  }

  /// Commands begin with `> `, comments with `#`; everything else is answers.
  static String play(String script, SimulatedGroup.Maker maker) throws IOException {
    List<String> lines = Files.readAllLines(DIRECTORY.resolve(script));
    var group = new ScriptedGroup(maker);
    var played = new StringBuilder();
    for (String line : lines) {
      if (line.startsWith("#")) {
        played.append(line).append('\n');
      } else if (line.startsWith("> ")) {
        played.append(line).append('\n').append(group.run(line.substring(2))).append('\n');
      }
    }
    return played.toString();
  }
}
