package dev.henge.cli.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class WordNetTest {
  private static WordNet wordNet;
  private static Map<String, Integer> indexes;

  @BeforeAll
  static void load() throws IOException {
    wordNet = WordNet.load();
    indexes = new HashMap<>();
    for (int index = 0; index < wordNet.count(); index++) {
      indexes.put(new String(wordNet.key(index), StandardCharsets.UTF_8), index);
    }
  }

  @Test
  void holdsTheWholeDictionary() {
    assertEquals(273_258, wordNet.count());
    assertEquals(wordNet.count(), indexes.size(), "keys are unique");
  }

  @Test
  void aWordLeadsToItsSynsets() {
    String line = text("wn:word:noun:dog");
    assertTrue(line.startsWith("dog n 7 "), line);
    String[] fields = line.split(" ");
    String synset = text("wn:synset:noun:" + fields[fields.length - 7]);
    assertTrue(synset.contains(" dog ") && synset.contains("domestic"), synset);
  }

  @Test
  void versionsDifferAndSomeAreDeletions() {
    byte[] first = wordNet.value(0, 1);
    byte[] second = Objects.requireNonNull(wordNet.value(0, 2));
    assertFalse(Arrays.equals(first, second));
    assertFalse(Arrays.equals(second, wordNet.value(0, 3)));
    assertArrayEquals(second, wordNet.value(0, 2));
    assertNull(wordNet.value(7, 2));
    assertNotNull(wordNet.value(7, 3));
  }

  private static String text(String key) {
    byte[] value = wordNet.value(Objects.requireNonNull(indexes.get(key), key), 1);
    return new String(Objects.requireNonNull(value), StandardCharsets.UTF_8);
  }
}
