package dev.henge.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A command's arguments as a tree, read from the notation in which they are declared: `key value
/// [NX | XX] [EX seconds]`, `key [key ...]`, `(AND | OR) destkey`.
///
/// Words in capitals are tokens, written as they are; the word behind a token is its value.
final class Syntax {
  /// One argument.
  ///
  /// @param name in lower case
  /// @param type one of Redis's: `key`, `string`, `integer`, `double`, `pattern`, `unix-time`,
  ///   `pure-token`, `oneof`, `block`
  /// @param token to be written before it; null for none
  /// @param parts of a `oneof` or `block`
  record Argument(
      String name,
      String type,
      @Nullable String token,
      boolean optional,
      boolean multiple,
      List<Argument> parts) {
    Argument asOptional() {
      return new Argument(name, type, token, true, multiple, parts);
    }

    Argument asMultiple() {
      return new Argument(name, type, token, optional, true, parts);
    }
  }

  private final List<String> words;
  private int at;

  private Syntax(String notation) {
    String spaced = notation.replaceAll("([\\[\\]()|])", " $1 ").trim();
    words = spaced.isEmpty() ? List.of() : List.of(spaced.split(" +"));
  }

  static List<Argument> parse(String notation) {
    return new Syntax(notation).sequence();
  }

  private List<Argument> sequence() {
    var arguments = new ArrayList<Argument>();
    while (at < words.size() && !isEnd(words.get(at))) {
      String word = words.get(at);
      if (word.equals("[") || word.equals("(")) {
        at++;
        int begun = at;
        boolean repeats = repeats();
        at = begun;
        Argument group = alternatives();
        at++;
        if (repeats && word.equals("[")) {
          repeatLast(arguments, group);
        } else {
          arguments.add(word.equals("[") ? group.asOptional() : group);
        }
      } else if (word.equals("...")) {
        at++;
      } else {
        at++;
        arguments.add(word(word));
      }
    }
    return arguments;
  }

  private static boolean isEnd(String word) {
    return word.equals("]") || word.equals(")") || word.equals("|");
  }

  /// Whether the bracket that begins here ends in `...`: it only says that what is before it
  /// repeats.
  private boolean repeats() {
    int depth = 1;
    int i = at;
    while (i < words.size()) {
      String word = words.get(i++);
      if (word.equals("[") || word.equals("(")) {
        depth++;
      } else if ((word.equals("]") || word.equals(")")) && --depth == 0) {
        return words.get(i - 2).equals("...");
      }
    }
    return false;
  }

  /// `key value [key value ...]`: as many arguments as the bracket holds become one that repeats.
  private static void repeatLast(List<Argument> arguments, Argument group) {
    int count = Math.max(1, group.type().equals("block") ? group.parts().size() : 1);
    if (count > arguments.size()) {
      arguments.add(group.asOptional().asMultiple());
    } else if (count == 1) {
      arguments.add(arguments.removeLast().asMultiple());
    } else {
      List<Argument> tail = arguments.subList(arguments.size() - count, arguments.size());
      Argument block = block(List.copyOf(tail)).asMultiple();
      tail.clear();
      arguments.add(block);
    }
  }

  private Argument alternatives() {
    var choices = new ArrayList<Argument>();
    choices.add(block(sequence()));
    while (at < words.size() && words.get(at).equals("|")) {
      at++;
      choices.add(block(sequence()));
    }
    if (choices.size() == 1) {
      return choices.getFirst();
    }
    return new Argument("choice", "oneof", null, false, false, choices);
  }

  private static Argument block(List<Argument> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    String name = parts.isEmpty() ? "nothing" : parts.getFirst().name() + "-block";
    return new Argument(name, "block", null, false, false, parts);
  }

  private Argument word(String word) {
    if (!isToken(word)) {
      return new Argument(word, type(word), null, false, false, List.of());
    }
    String name = word.toLowerCase(Locale.ROOT);
    if (at < words.size() && isPlain(words.get(at))) {
      String value = words.get(at++);
      return new Argument(value, type(value), word, false, false, List.of());
    }
    return new Argument(name, "pure-token", word, false, false, List.of());
  }

  private static boolean isToken(String word) {
    return !word.equals("...") && word.equals(word.toUpperCase(Locale.ROOT));
  }

  private static boolean isPlain(String word) {
    return Character.isLetter(word.charAt(0)) && !isToken(word);
  }

  private static String type(String name) {
    return switch (name) {
      case "key", "newkey", "source", "destination", "destkey" -> "key";
      case "pattern" -> "pattern";
      case "unix-time-seconds", "unix-time-milliseconds" -> "unix-time";
      case "seconds",
          "milliseconds",
          "count",
          "offset",
          "start",
          "end",
          "bit",
          "cursor",
          "protover",
          "decrement",
          "ttl",
          "frequency",
          "timeout",
          "numreplicas",
          "numlocal",
          "index1",
          "index2",
          "client-id",
          "destination-db" ->
          "integer";
      default -> "string";
    };
  }
}
