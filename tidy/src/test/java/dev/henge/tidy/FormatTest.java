package dev.henge.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every Java file stands as google-java-format writes it.
final class FormatTest {
  private static final String COMMAND =
      "mvn -pl tidy -am test -Dtest=FormatTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Drewrite=true";

  @Test
  void everyFileIsFormatted() {
    boolean rewrite = Boolean.getBoolean("rewrite");
    List<String> changed =
        SourceTree.files(".java").parallelStream()
            .filter(file -> changes(file, rewrite))
            .map(SourceTree::name)
            .sorted()
            .toList();
    if (rewrite) {
      changed.forEach(name -> System.out.println("rewritten: " + name));
      return;
    }
    assertEquals("", String.join("\n", changed), "not formatted; to rewrite them: " + COMMAND);
  }

  private static boolean changes(Path file, boolean rewrite) {
    String source = SourceTree.text(file);
    try {
      String formatted = new Formatter().formatSourceAndFixImports(source);
      if (formatted.equals(source)) {
        return false;
      }
      if (rewrite) {
        Files.writeString(file, formatted);
      }
      return true;
    } catch (FormatterException e) {
      throw new IllegalStateException(SourceTree.name(file) + " does not parse", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
