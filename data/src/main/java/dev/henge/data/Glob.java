package dev.henge.data;

import java.util.Arrays;

/// A glob pattern exactly as Redis matches keys with it: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, `\x`.
///
/// - Shape: a mismatch goes back to the last `*` only, which is enough because an earlier one can
///   always give its characters to a later one: at most pattern times text steps, no recursion.
/// - Oddities kept: an unclosed class ends with the pattern; ends of a range may be swapped and
///   compare as signed bytes; only the empty pattern matches the empty text.
/// - Threads: immutable.
public final class Glob {
  private final byte[] pattern;

  /// @param pattern borrowed for the life of the glob
  public Glob(byte[] pattern) {
    this.pattern = pattern;
  }

  /// Whether the pattern is `*`, which callers take for "all", the empty key included.
  boolean isAll() {
    return pattern.length == 1 && pattern[0] == '*';
  }

  public boolean matches(byte[] text) {
    if (text.length == 0) {
      return pattern.length == 0;
    }
    int position = 0;
    int at = 0;
    int afterStar = -1; // where the pattern goes on behind the last `*`
    int starAt = 0; // the first character that this `*` has not taken
    while (at < text.length) {
      if (position < pattern.length && pattern[position] == '*') {
        afterStar = ++position;
        starAt = at;
        continue;
      }
      int next = position < pattern.length ? step(position, text[at]) : -1;
      if (next >= 0) {
        position = next;
        at++;
      } else if (afterStar >= 0) {
        position = afterStar;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (position < pattern.length && pattern[position] == '*') {
      position++;
    }
    return position == pattern.length;
  }

  /// What every matching text begins with.
  byte[] literalPrefix() {
    byte[] prefix = new byte[pattern.length];
    int length = 0;
    for (int position = 0; position < pattern.length; position++) {
      byte one = pattern[position];
      if (one == '*' || one == '?' || one == '[') {
        break;
      }
      if (one == '\\' && position + 1 < pattern.length) {
        one = pattern[++position];
      }
      prefix[length++] = one;
    }
    return Arrays.copyOf(prefix, length);
  }

  /// Matches one character with the element at `position`, which is no `*`.
  ///
  /// @return where the next element begins, or -1
  private int step(int position, byte character) {
    return switch (pattern[position]) {
      case '?' -> position + 1;
      case '[' -> stepClass(position + 1, character);
      case '\\' -> {
        int literal = position + 1 < pattern.length ? position + 1 : position;
        yield pattern[literal] == character ? literal + 1 : -1;
      }
      default -> pattern[position] == character ? position + 1 : -1;
    };
  }

  private int stepClass(int start, byte character) {
    int position = start;
    boolean negated = position < pattern.length && pattern[position] == '^';
    if (negated) {
      position++;
    }
    boolean found = false;
    while (position < pattern.length && pattern[position] != ']') {
      int left = pattern.length - position;
      if (pattern[position] == '\\' && left >= 2) {
        found |= pattern[position + 1] == character;
        position += 2;
      } else if (left >= 3 && pattern[position + 1] == '-') {
        int low = Math.min(pattern[position], pattern[position + 2]);
        int high = Math.max(pattern[position], pattern[position + 2]);
        found |= low <= character && character <= high;
        position += 3;
      } else {
        found |= pattern[position] == character;
        position++;
      }
    }
    int next = Math.min(position + 1, pattern.length);
    return found != negated ? next : -1;
  }
}
