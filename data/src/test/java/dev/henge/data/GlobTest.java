package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.string;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Glob patterns, also against a matcher that tries everything.
final class GlobTest {
  @Test
  void whatThePatternsMean() {
    assertMatches("h?llo", "hello", "hallo", "hxllo");
    assertMatches("h*llo", "hllo", "heeeello");
    assertMatches("h[ae]llo", "hello", "hallo");
    assertMatches("h[^e]llo", "hallo", "hbllo");
    assertMatches("h[a-b]llo", "hallo", "hbllo");
    assertMatches("h[b-a]llo", "hallo", "hbllo");
    assertMatches("h\\?llo", "h?llo");
    assertMatches("[\\]]", "]");
    assertMatches("a\\", "a\\");
    assertMatches("[a", "a");
    assertMatches("[^", "x");
    assertMatches("[a-", "a", "-");
    assertMatches("", "");
    assertMatches("**a**", "a", "bab");
    assertMatches("[\1-\377]", "\1", "\377", "\0");
    assertFails("h?llo", "hllo", "heello");
    assertFails("h[^e]llo", "hello", "hllo");
    assertFails("h\\?llo", "hello");
    assertFails("[a-c]", "d", "-", "");
    assertFails("[]", "]", "");
    assertFails("*", "");
    assertFails("a", "", "b", "aa");
  }

  @Test
  void theAnswerIsThatOfTryingEverything() {
    String alphabet = "aab*?[]^-\\c*";
    RandomTest.run(
        "globs",
        100_000,
        random -> {
          var pattern = new StringBuilder();
          for (int i = random.nextInt(9); i > 0; i--) {
            pattern.append(alphabet.charAt(random.nextInt(alphabet.length())));
          }
          var text = new StringBuilder();
          for (int i = random.nextInt(7); i > 0; i--) {
            text.append("aabc-]^\\".charAt(random.nextInt(8)));
          }
          assertEquals(
              naive(pattern.toString(), text.toString()),
              matches(pattern.toString(), text.toString()),
              pattern + " on " + text);
          String prefix = string(new Glob(bytes(pattern.toString())).literalPrefix());
          assertTrue(
              !matches(pattern.toString(), text.toString()) || text.toString().startsWith(prefix));
        });
  }

  @Test
  void anAbusivePatternEndsSoon() {
    String pattern = "a*".repeat(500) + "b";
    String text = "a".repeat(20_000);
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertFalse(matches(pattern, text)));
  }

  /// Takes apart the pattern's head and tries every length for a star.
  private static boolean naive(String pattern, String text) {
    if (pattern.isEmpty() || text.isEmpty()) {
      return pattern.isEmpty() && text.isEmpty();
    }
    return naiveStep(pattern, text);
  }

  private static boolean naiveStep(String pattern, String text) {
    if (pattern.isEmpty()) {
      return text.isEmpty();
    }
    if (pattern.charAt(0) == '*') {
      for (int taken = 0; taken <= text.length(); taken++) {
        if (naiveStep(pattern.substring(1), text.substring(taken))) {
          return true;
        }
      }
      return false;
    }
    if (text.isEmpty()) {
      return false;
    }
    char one = text.charAt(0);
    String rest = text.substring(1);
    return switch (pattern.charAt(0)) {
      case '?' -> naiveStep(pattern.substring(1), rest);
      case '[' -> {
        String inside = pattern.substring(1);
        boolean negated = inside.startsWith("^");
        inside = negated ? inside.substring(1) : inside;
        boolean found = false;
        while (!inside.isEmpty() && inside.charAt(0) != ']') {
          if (inside.charAt(0) == '\\' && inside.length() > 1) {
            found |= inside.charAt(1) == one;
            inside = inside.substring(2);
          } else if (inside.length() > 2 && inside.charAt(1) == '-') {
            char first = inside.charAt(0);
            char last = inside.charAt(2);
            found |= first <= one && one <= last || last <= one && one <= first;
            inside = inside.substring(3);
          } else {
            found |= inside.charAt(0) == one;
            inside = inside.substring(1);
          }
        }
        yield found != negated && naiveStep(inside.isEmpty() ? "" : inside.substring(1), rest);
      }
      case '\\' ->
          pattern.length() > 1
              ? pattern.charAt(1) == one && naiveStep(pattern.substring(2), rest)
              : one == '\\' && rest.isEmpty();
      default -> pattern.charAt(0) == one && naiveStep(pattern.substring(1), rest);
    };
  }

  private static void assertMatches(String pattern, String... texts) {
    for (String text : texts) {
      assertTrue(matches(pattern, text), pattern + " on " + text);
    }
  }

  private static void assertFails(String pattern, String... texts) {
    for (String text : texts) {
      assertFalse(matches(pattern, text), pattern + " on " + text);
    }
  }

  private static boolean matches(String pattern, String text) {
    return new Glob(bytes(pattern)).matches(bytes(text));
  }
}
