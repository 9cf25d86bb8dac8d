package dev.henge.cli.demo;

import dev.henge.cli.terminal.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// WordNet 3.1, the lexical database of English, as keys and values.
///
/// - Shape: `wn:synset:noun:02086723` holds a synset as the dictionary has it, with its words,
///   relations and gloss; `wn:word:noun:dog` holds the dictionary's line for a word, which ends
///   with the numbers of its synsets. 273,258 pairs, in the dictionary's order.
/// - Versions: version 1 of a value is the dictionary's text. Later versions append a line with
///   their number and a CRC32C of all before it, so that a torn or mixed value fits no version.
/// - Source: the files `data.*` and `index.*` of the dictionary, found on the class path; their
///   format is wndb(5WN).
final class WordNet {
  private static final String DIRECTORY = "/net/sf/extjwnl/data/wordnet/wn31/";
  private static final List<String> PARTS_OF_SPEECH = List.of("noun", "verb", "adj", "adv");

  private final List<byte[]> keys = new ArrayList<>();
  private final List<byte[]> texts = new ArrayList<>();
  private long textBytes;

  private WordNet() {}

  /// Reads the dictionary.
  static WordNet load() throws IOException {
    WordNet wordNet = new WordNet();
    for (String part : PARTS_OF_SPEECH) {
      wordNet.addLines("data." + part, "wn:synset:" + part + ":");
      wordNet.addLines("index." + part, "wn:word:" + part + ":");
    }
    return wordNet;
  }

  /// The first `count` pairs alone.
  WordNet first(int count) {
    WordNet some = new WordNet();
    for (int index = 0; index < count; index++) {
      some.add(keys.get(index), texts.get(index));
    }
    return some;
  }

  int count() {
    return keys.size();
  }

  /// Bytes of all keys and all values of version 1.
  long bytes() {
    return textBytes;
  }

  /// All keys, by number; borrowed.
  List<byte[]> keys() {
    return Collections.unmodifiableList(keys);
  }

  /// The key of pair `index`; borrowed.
  byte[] key(int index) {
    return keys.get(index);
  }

  /// Version `version` (from 1) of the value of pair `index`; version 1 is borrowed. Some keys are
  /// deleted in even versions: null.
  byte @Nullable [] value(int index, int version) {
    byte[] text = texts.get(index);
    if (version == 1) {
      return text;
    }
    if (version % 2 == 0 && index % 16 == 7) {
      return null;
    }
    byte[] start =
        String.format(Locale.ROOT, "\nversion=%d crc32c=", version)
            .getBytes(StandardCharsets.US_ASCII);
    byte[] value = new byte[text.length + start.length + 8];
    System.arraycopy(text, 0, value, 0, text.length);
    System.arraycopy(start, 0, value, text.length, start.length);
    CRC32C checksum = new CRC32C();
    checksum.update(value, 0, value.length - 8);
    byte[] digits =
        String.format(Locale.ROOT, "%08x", checksum.getValue()).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, value, value.length - 8, 8);
    return value;
  }

  /// One pair for each line of `file`: the first word of the line names it. Lines of the licence,
  /// at the head of each file, begin with a blank.
  private void addLines(String file, String prefix) throws IOException {
    try (InputStream in = WordNet.class.getResourceAsStream(DIRECTORY + file)) {
      if (in == null) {
        throw UserError.failed(
            "WordNet's " + file + " is not on the class path; build with 'mvn package' again");
      }
      var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(" ")) {
          continue;
        }
        String name = line.substring(0, line.indexOf(' '));
        byte[] key = (prefix + name).getBytes(StandardCharsets.UTF_8);
        byte[] text = line.strip().getBytes(StandardCharsets.UTF_8);
        add(key, text);
      }
    }
  }

  private void add(byte[] key, byte[] text) {
    keys.add(key);
    texts.add(text);
    textBytes += key.length + text.length;
  }
}
