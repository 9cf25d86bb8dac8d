package dev.henge.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Relative links in Markdown files lead to a file, and to a heading where they name one.
final class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)(?: \"[^\"]*\")?\\)");
  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```");
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*?) *#*$");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z][a-z+.-]*:.*");

  @Test
  void everyRelativeLinkLeadsSomewhere() {
    List<String> dead = new ArrayList<>();
    for (Path file : SourceTree.files(".md")) {
      Matcher links = LINK.matcher(prose(file));
      while (links.find()) {
        String target = links.group(1);
        if (!ELSEWHERE.matcher(target).matches() && !leadsSomewhere(file, target)) {
          dead.add(SourceTree.name(file) + ": " + target);
        }
      }
    }
    assertEquals(List.of(), dead, "links to files or headings that do not exist");
  }

  private static boolean leadsSomewhere(Path from, String target) {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file = path.isEmpty() ? from : from.resolveSibling(path).normalize();
    if (!Files.exists(file)) {
      return false;
    }
    return hash < 0
        || !file.toString().endsWith(".md")
        || anchors(file).contains(target.substring(hash + 1));
  }

  /// Headings as the usual renderers name them: lower case, without punctuation, dashes for spaces.
  private static List<String> anchors(Path file) {
    String text = FENCED.matcher(SourceTree.text(file)).replaceAll("");
    return HEADING
        .matcher(text)
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  private static String prose(Path file) {
    String withoutBlocks = FENCED.matcher(SourceTree.text(file)).replaceAll("");
    return CODE.matcher(withoutBlocks).replaceAll("");
  }
}
