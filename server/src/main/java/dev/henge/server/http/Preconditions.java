package dev.henge.server.http;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import dev.henge.data.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `If-Match` and `If-None-Match` of a request (RFC 9110, section 13.1), on revisions.
///
/// @param match what the object must be; null when nothing is asked
/// @param noneMatch what it must not be; null when nothing is asked
record Preconditions(@Nullable Tags match, @Nullable Tags noneMatch) {
  private static final Pattern TAG = Pattern.compile("\\G\\s*(W/)?\"([^\"]*)\"\\s*(?:,|$)");

  /// Entity tags of one header.
  ///
  /// @param any whether it is `*`: any object that is there
  /// @param revisions those that tags of ours name; others match nothing
  record Tags(boolean any, List<Long> revisions) {
    private boolean has(long revision) {
      return revision != 0 && (any || revisions.contains(revision));
    }
  }

  static Preconditions of(HttpHeaders headers) {
    return new Preconditions(
        tags(headers, HttpHeaderNames.IF_MATCH, false),
        tags(headers, HttpHeaderNames.IF_NONE_MATCH, true));
  }

  /// Whether an object of `revision` (0: none there) may be read or written.
  boolean hold(long revision) {
    return (match == null || match.has(revision)) && !noneMatched(revision);
  }

  boolean noneMatched(long revision) {
    return noneMatch != null && noneMatch.has(revision);
  }

  /// The same as the condition of an operation.
  Condition condition() {
    List<Condition> all = new ArrayList<>();
    if (match != null) {
      all.add(
          match.any
              ? Condition.PRESENT
              : match.revisions.size() == 1
                  ? new Condition.RevisionIs(match.revisions.getFirst())
                  : new Condition.RevisionAmong(match.revisions));
    }
    if (noneMatch != null) {
      if (noneMatch.any) {
        all.add(Condition.ABSENT);
      }
      noneMatch.revisions.forEach(revision -> all.add(new Condition.RevisionIsNot(revision)));
    }
    return switch (all.size()) {
      case 0 -> Condition.ALWAYS;
      case 1 -> all.getFirst();
      default -> new Condition.AllOf(all);
    };
  }

  /// The entity tag of a revision.
  static String tag(long revision) {
    return "\"" + revision + "\"";
  }

  /// @param weakToo whether weak tags compare too (`If-None-Match`), else they match nothing
  private static @Nullable Tags tags(HttpHeaders headers, CharSequence name, boolean weakToo) {
    List<String> lines = headers.getAll(name);
    if (lines.isEmpty()) {
      return null;
    }
    String value = String.join(",", lines).strip();
    if (value.equals("*")) {
      return new Tags(true, List.of());
    }
    var revisions = new ArrayList<Long>();
    Matcher matcher = TAG.matcher(value);
    int end = 0;
    while (end < value.length() && matcher.find()) {
      end = matcher.end();
      String text = matcher.group(2);
      if ((matcher.group(1) == null || weakToo) && text.matches("[1-9][0-9]{0,17}")) {
        revisions.add(Long.parseLong(text));
      }
    }
    if (end < value.length() || value.isEmpty()) {
      throw Status.BAD_REQUEST.because(
          name + " must be * or entity tags in quotes, separated by commas");
    }
    return new Tags(false, List.copyOf(revisions));
  }
}
