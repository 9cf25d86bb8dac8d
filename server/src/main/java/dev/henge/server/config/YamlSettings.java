package dev.henge.server.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;

/// Reads a flat YAML mapping of names to values, and where each stands.
final class YamlSettings {
  /// @param line counted from 1
  record Entry(String name, String value, int line) {}

  private YamlSettings() {}

  static List<Entry> read(String file, String text) throws ConfigException {
    var entries = new ArrayList<Entry>();
    Map<String, Integer> lines = new HashMap<>();
    try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
      @Nullable JsonToken first = parser.nextToken();
      if (first == null || first == JsonToken.VALUE_NULL) {
        return entries;
      }
      if (first != JsonToken.START_OBJECT) {
        throw new ConfigException(file + ":" + line(parser) + ": expected lines of 'name: value'");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        int line = line(parser);
        @Nullable Integer before = lines.put(name, line);
        if (before != null) {
          throw new ConfigException(
              file + ":" + line + ": '" + name + "' stands already in line " + before);
        }
        JsonToken value = parser.nextToken();
        if (value == null || !value.isScalarValue()) {
          throw new ConfigException(file + ":" + line + ": '" + name + "' must have one value");
        }
        entries.add(new Entry(name, value == JsonToken.VALUE_NULL ? "" : parser.getString(), line));
      }
      if (parser.nextToken() != null) {
        throw new ConfigException(file + ":" + line(parser) + ": more than one YAML document");
      }
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new ConfigException(file + ":" + line + ": not YAML: " + e.getOriginalMessage());
    }
    return entries;
  }

  private static int line(JsonParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }
}
