package dev.henge.server.store;

import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.Durability;
import dev.henge.consensus.metadata.EngineKind;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.metadata.Replication;
import dev.henge.storage.lsm.table.Compression;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A declaration as JSON: what HTTP takes and gives, and what the catalog stores.
public final class DeclarationFormat {
  private static final List<String> FIELDS =
      List.of("compression", "durability", "engine", "groups", "limits", "mode", "ttlMillis");
  private static final List<String> LIMITS = List.of("keyBytes", "valueBytes");

  private final JsonMapper mapper =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// Text that is no declaration: the message names the field and what is allowed.
  public static final class DeclarationException extends Exception {
    DeclarationException(String message) {
      super(message);
    }
  }

  /// Reads what a client sent; absent fields get their defaults, empty text all of them.
  public KeyspaceDeclaration parse(String json) throws DeclarationException {
    if (json.isBlank()) {
      return KeyspaceDeclaration.DEFAULT;
    }
    JsonNode node;
    try {
      node = mapper.readTree(json);
    } catch (JacksonException e) {
      throw new DeclarationException("not JSON: " + e.getOriginalMessage());
    }
    return read(node);
  }

  KeyspaceDeclaration read(JsonNode node) throws DeclarationException {
    onlyFields(node, FIELDS, "the declaration");
    KeyspaceDeclaration defaults = KeyspaceDeclaration.DEFAULT;
    JsonNode limits = node.path("limits");
    if (!limits.isMissingNode()) {
      onlyFields(limits, LIMITS, "limits");
    }
    return new KeyspaceDeclaration(
        choice(node, "mode", defaults.mode(), KeyspaceMode.class),
        choice(node, "engine", defaults.engine(), EngineKind.class),
        choice(node, "durability", defaults.durability(), Durability.class),
        number(node, "ttlMillis", 0, Long.MAX_VALUE / 4, defaults.ttlMillis()),
        choice(node, "compression", defaults.compression(), Compression.class),
        (int) number(node, "groups", 1, KeyspaceDeclaration.GROUPS_LIMIT, defaults.groups()),
        (int)
            number(
                limits, "keyBytes", 1, KeyspaceDeclaration.KEY_BYTES_LIMIT, defaults.keyBytesMax()),
        (int)
            number(
                limits,
                "valueBytes",
                1,
                KeyspaceDeclaration.VALUE_BYTES_LIMIT,
                defaults.valueBytesMax()),
        Replication.NONE);
  }

  /// The declaration with its name and id, as HTTP answers it and the catalog stores it.
  public ObjectNode write(DeclaredKeyspace keyspace) {
    ObjectNode node = mapper.createObjectNode();
    node.put("name", keyspace.name());
    node.put("id", keyspace.id());
    ObjectNode limits = mapper.createObjectNode();
    for (KeyspaceDeclaration.Field field : keyspace.declaration().fields()) {
      boolean limit = field.name().startsWith("limits.");
      ObjectNode target = limit ? limits : node;
      String name = limit ? field.name().substring("limits.".length()) : field.name();
      switch (field.value()) {
        case Integer value -> target.put(name, value);
        case Long value -> target.put(name, value);
        default -> target.put(name, field.text());
      }
    }
    node.set("limits", limits);
    return node;
  }

  JsonMapper mapper() {
    return mapper;
  }

  private static void onlyFields(JsonNode node, List<String> allowed, String what)
      throws DeclarationException {
    if (!node.isObject()) {
      throw new DeclarationException(what + " must be a JSON object");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!allowed.contains(field.getKey())) {
        throw new DeclarationException(
            "unknown field '" + field.getKey() + "' in " + what + ": known are " + allowed);
      }
    }
  }

  private static <E extends Enum<E>> E choice(
      JsonNode node, String name, E defaultValue, Class<E> type) throws DeclarationException {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return defaultValue;
    }
    for (E candidate : type.getEnumConstants()) {
      if (value.isString() && text(candidate).equals(value.asString())) {
        return candidate;
      }
    }
    String allowed =
        Arrays.stream(type.getEnumConstants())
            .map(DeclarationFormat::text)
            .collect(Collectors.joining(", "));
    throw new DeclarationException(name + " is " + value + ", allowed are " + allowed);
  }

  private static long number(JsonNode node, String name, long least, long most, long defaultValue)
      throws DeclarationException {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return defaultValue;
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      long number = value.asLong();
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new DeclarationException(
        name + " is " + value + ", allowed are whole numbers from " + least + " to " + most);
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
