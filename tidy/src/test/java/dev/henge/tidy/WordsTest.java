package dev.henge.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Words that must not stand in the sources, each with what to write instead.
final class WordsTest {
  /// Keeps buffers between reads by whatever thread comes; what is in them does not matter.
  private static final String SCRATCH_OWNER =
      "storage/src/main/java/dev/henge/storage/lsm/table/Table.java";

  private static final List<Ban> BANS =
      List.of(
          everywhere("\\b(TODO|FIXME)\\b", "do it now, or say why the code is as it is"),
          everywhere(
              "(?<![\\w.~$}-])/(root|home|work|tmp)/\\w",
              "a relative path, or a temporary directory of the test"),
          everywhere("/usr/lib/jvm", "JAVA_HOME, or the toolchain that the build selects"),
          java("^import (static )?[\\w.]+\\.\\*;", "an import for each name"),
          java("@author\\b", "nothing: the history knows"),
          java("\\bsun\\.misc\\.Unsafe\\b", "MemorySegment"),
          java(
              "\\bThread\\.sleep\\(|\\bTimeUnit\\.[A-Z]+\\.sleep\\(",
              "a wait for the condition itself: a latch, a future, Process.waitFor, a timer of"
                  + " Threads"),
          java("@Disabled\\b", "a test that holds, or none"),
          main("\\.printStackTrace\\(", "a log line, or the error handler of the thread")
              .except("base/src/main/java/dev/henge/base/system/"),
          main("\\bSystem\\.gc\\(", "nothing"),
          main("\\bThreadLocal\\b", "a ScopedValue, or a field of the object that owns the thread")
              .except(SCRATCH_OWNER));

  @Test
  void noBannedWordStandsInTheSources() {
    List<String> found = new ArrayList<>();
    for (Path file : SourceTree.files(".java", ".md", ".xml", ".yaml", ".yml")) {
      String name = SourceTree.name(file);
      if (name.endsWith("/WordsTest.java")) {
        continue;
      }
      int lineNumber = 0;
      for (String line : SourceTree.text(file).split("\n", -1)) {
        lineNumber++;
        for (Ban ban : BANS) {
          if (ban.forbids(name, line)) {
            found.add(
                name + ":" + lineNumber + ": " + line.strip() + "  -> instead: " + ban.instead);
          }
        }
      }
    }
    assertEquals("", String.join("\n", found));
  }

  private static Ban everywhere(String expression, String instead) {
    return new Ban(Pattern.compile(expression), instead, "", List.of());
  }

  private static Ban java(String expression, String instead) {
    return new Ban(Pattern.compile(expression), instead, ".java", List.of());
  }

  private static Ban main(String expression, String instead) {
    return new Ban(Pattern.compile(expression), instead, "/src/main/java/", List.of());
  }

  /// @param scope a part of the file's name that the ban is limited to
  /// @param exceptions beginnings of names of files where the word may stand
  private record Ban(Pattern expression, String instead, String scope, List<String> exceptions) {
    Ban except(String... beginnings) {
      return new Ban(expression, instead, scope, List.of(beginnings));
    }

    boolean forbids(String name, String line) {
      return name.contains(scope)
          && exceptions.stream().noneMatch(name::startsWith)
          && expression.matcher(line).find();
    }
  }
}
