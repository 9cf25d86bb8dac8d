package dev.henge.server.store;

import dev.henge.base.ring.Copies;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A declaration as JSON: what HTTP takes and gives, and what the catalog stores.
public final class DeclarationFormat {
  private static final List<String> EVERY_MODE =
      List.of("compression", "durability", "engine", "limits", "mode", "ttlMillis");
  private static final List<String> WITH_GROUPS = List.of("groups");
  private static final List<String> EVENTUAL =
      List.of("n", "r", "w", "quorum", "conflicts", "placement");
  private static final List<String> LIMITS = List.of("keyBytes", "valueBytes");
  private static final String IN_LIMITS = "limits.";

  /// Every field, those of limits by their full names.
  private static final List<String> WORDS =
      Stream.of(EVERY_MODE, WITH_GROUPS, EVENTUAL)
          .flatMap(List::stream)
          .flatMap(name ->
              name.equals("limits") ? LIMITS.stream().map(IN_LIMITS::concat) : Stream.of(name))
          .toList();

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

  /// Reads names of fields and their values in turn, as commands have them: names in any case, what
  /// is within another field behind a dot, placement as `eu=3,us=2`.
  public KeyspaceDeclaration parse(List<String> words) throws DeclarationException {
    ObjectNode node = mapper.createObjectNode();
    for (int i = 0; i + 1 < words.size(); i += 2) {
      String asked = words.get(i);
      String value = words.get(i + 1);
      String name =
          WORDS.stream()
              .filter(asked::equalsIgnoreCase)
              .findFirst()
              .orElseThrow(() ->
                  new DeclarationException("unknown field '" + asked + "': known are " + WORDS));
      if (name.startsWith(IN_LIMITS)) {
        put(node.withObjectProperty("limits"), name.substring(IN_LIMITS.length()), value);
      } else if (name.equals("placement")) {
        placement(node.withObjectProperty(name), value);
      } else {
        put(node, name, value);
      }
    }
    return read(node);
  }

  private static void placement(ObjectNode node, String value) throws DeclarationException {
    for (String part : value.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new DeclarationException(
            "placement is '"
                + value
                + "', expected are data centres and their copies, as in"
                + " eu=3,us=2");
      }
      put(node, part.substring(0, equals), part.substring(equals + 1));
    }
  }

  /// A number where it is one: what a field takes is found out later.
  private static void put(ObjectNode node, String name, String value) {
    if (value.matches("-?[0-9]{1,18}")) {
      node.put(name, Long.parseLong(value));
    } else {
      node.put(name, value.toLowerCase(Locale.ROOT));
    }
  }

  KeyspaceDeclaration read(JsonNode node) throws DeclarationException {
    onlyFields(
        node,
        Stream.of(EVERY_MODE, WITH_GROUPS, EVENTUAL).flatMap(List::stream).toList(),
        "the declaration");
    KeyspaceMode mode =
        choice(node, "mode", KeyspaceDeclaration.DEFAULT.mode(), KeyspaceMode.class);
    boolean eventual = mode == KeyspaceMode.EVENTUAL;
    KeyspaceDeclaration defaults =
        eventual ? KeyspaceDeclaration.EVENTUAL : KeyspaceDeclaration.DEFAULT;
    if (eventual) {
      without(node, WITH_GROUPS, " is of keyspaces with groups, and an eventual one has none");
    } else {
      without(node, EVENTUAL, " is of eventual keyspaces, and mode is " + text(mode));
    }
    JsonNode limits = node.path("limits");
    if (!limits.isMissingNode()) {
      onlyFields(limits, LIMITS, "limits");
    }
    return new KeyspaceDeclaration(
        mode,
        choice(node, "engine", defaults.engine(), EngineKind.class),
        choice(node, "durability", defaults.durability(), Durability.class),
        number(node, "ttlMillis", 0, Long.MAX_VALUE / 4, defaults.ttlMillis()),
        choice(node, "compression", defaults.compression(), Compression.class),
        eventual
            ? defaults.groups()
            : (int) number(node, "groups", 1, KeyspaceDeclaration.GROUPS_LIMIT, defaults.groups()),
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
        eventual ? replication(node) : Replication.NONE);
  }

  private static Replication replication(JsonNode node) throws DeclarationException {
    SortedMap<String, Integer> placement = placement(node.path("placement"));
    int sum = placement.values().stream().mapToInt(Integer::intValue).sum();
    int copies = (int) number(node, "n", 1, Copies.MAX, sum > 0 ? sum : Replication.COPIES_DEFAULT);
    Replication defaults = Replication.of(copies);
    // What they may be at most is said beside the number of copies.
    var replication =
        new Replication(
            copies,
            (int) number(node, "r", 1, Integer.MAX_VALUE, defaults.r()),
            (int) number(node, "w", 1, Integer.MAX_VALUE, defaults.w()),
            choice(node, "quorum", defaults.quorum(), Replication.Quorum.class),
            choice(node, "conflicts", defaults.conflicts(), Replication.Conflicts.class),
            placement);
    Optional<String> refusal = replication.refusal();
    if (refusal.isPresent()) {
      throw new DeclarationException(refusal.get());
    }
    return replication;
  }

  private static SortedMap<String, Integer> placement(JsonNode node) throws DeclarationException {
    var copies = new TreeMap<String, Integer>();
    if (node.isMissingNode()) {
      return copies;
    }
    if (!node.isObject()) {
      throw new DeclarationException(
          "placement is "
              + node
              + ", expected are data centres and their copies, as in {\"eu\":3,\"us\":2}");
    }
    for (Map.Entry<String, JsonNode> centre : node.properties()) {
      JsonNode value = centre.getValue();
      if (!value.isIntegralNumber()
          || !value.canConvertToInt()
          || value.asInt() < 1
          || value.asInt() > Copies.MAX) {
        throw new DeclarationException(
            "placement has "
                + value
                + " copies in data centre '"
                + centre.getKey()
                + "', allowed are whole numbers from 1 to "
                + Copies.MAX);
      }
      copies.put(centre.getKey(), value.asInt());
    }
    return copies;
  }

  private static void without(JsonNode node, List<String> fields, String why)
      throws DeclarationException {
    for (String field : fields) {
      if (node.has(field)) {
        throw new DeclarationException(field + why + ": leave it out, or change mode");
      }
    }
  }

  /// The declaration with its name and id, as HTTP answers it and the catalog stores it.
  public ObjectNode write(DeclaredKeyspace keyspace) {
    ObjectNode node = mapper.createObjectNode();
    node.put("name", keyspace.name());
    node.put("id", keyspace.id());
    ObjectNode limits = mapper.createObjectNode();
    for (KeyspaceDeclaration.Field field : keyspace.declaration().fields()) {
      boolean limit = field.name().startsWith(IN_LIMITS);
      ObjectNode target = limit ? limits : node;
      String name = limit ? field.name().substring(IN_LIMITS.length()) : field.name();
      switch (field.value()) {
        case Integer value -> target.put(name, value);
        case Long value -> target.put(name, value);
        case Map<?, ?> numbers -> {
          ObjectNode inner = target.putObject(name);
          numbers.forEach((key, value) -> inner.put(key.toString(), (Integer) value));
        }
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
