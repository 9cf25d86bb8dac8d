package dev.henge.consensus.metadata;

import dev.henge.data.Scope;
import dev.henge.storage.lsm.table.Compression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a named keyspace was made with.
///
/// @param ttlMillis expiry given to objects written without one; 0 for none
/// @param groups how many groups share its slots evenly: each has a leader and an engine of its
///   own; an eventual keyspace has none
/// @param keyBytesMax longest key
/// @param valueBytesMax longest value
/// @param replication how an eventual keyspace is copied; [Replication#NONE] for every other
public record KeyspaceDeclaration(
    KeyspaceMode mode,
    EngineKind engine,
    Durability durability,
    long ttlMillis,
    Compression compression,
    int groups,
    int keyBytesMax,
    int valueBytesMax,
    Replication replication) {
  /// The stored key's length must fit the engine: 7 bytes come before the user's key.
  public static final int KEY_BYTES_LIMIT = 64 << 10;

  public static final int VALUE_BYTES_LIMIT = 512 << 20;

  public static final int GROUPS_LIMIT = 256;

  public static final KeyspaceDeclaration DEFAULT =
      new KeyspaceDeclaration(
          KeyspaceMode.STRONG,
          EngineKind.LSM,
          Durability.FSYNC,
          0,
          Compression.LZ4,
          1,
          Scope.Limits.DEFAULT.keyBytesMax(),
          Scope.Limits.DEFAULT.valueBytesMax(),
          Replication.NONE);

  /// An eventual keyspace where nothing more is declared.
  public static final KeyspaceDeclaration EVENTUAL = DEFAULT.eventual(Replication.DEFAULT);

  public KeyspaceDeclaration withGroups(int count) {
    return new KeyspaceDeclaration(
        mode,
        engine,
        durability,
        ttlMillis,
        compression,
        count,
        keyBytesMax,
        valueBytesMax,
        replication);
  }

  /// The same for an eventual keyspace with this replication.
  public KeyspaceDeclaration eventual(Replication wanted) {
    return new KeyspaceDeclaration(
        KeyspaceMode.EVENTUAL,
        engine,
        durability,
        ttlMillis,
        compression,
        0,
        keyBytesMax,
        valueBytesMax,
        wanted);
  }

  public boolean isEventual() {
    return mode == KeyspaceMode.EVENTUAL;
  }

  public Scope.Limits limits() {
    return new Scope.Limits(keyBytesMax, valueBytesMax, ttlMillis);
  }

  /// One field by its name in JSON.
  ///
  /// @param value a number, a choice, or numbers by name
  public record Field(String name, Object value) {
    public String text() {
      return switch (value) {
        case Enum<?> choice -> choice.name().toLowerCase(Locale.ROOT);
        case Map<?, ?> numbers ->
            numbers.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(",", "{", "}"));
        default -> value.toString();
      };
    }
  }

  /// Every field that a keyspace of this mode has, in the order in which JSON has them.
  public List<Field> fields() {
    var fields = new ArrayList<Field>();
    fields.add(new Field("mode", mode));
    fields.add(new Field("engine", engine));
    fields.add(new Field("durability", durability));
    fields.add(new Field("ttlMillis", ttlMillis));
    fields.add(new Field("compression", compression));
    if (isEventual()) {
      fields.add(new Field("n", replication.copies()));
      fields.add(new Field("r", replication.r()));
      fields.add(new Field("w", replication.w()));
      fields.add(new Field("quorum", replication.quorum()));
      fields.add(new Field("conflicts", replication.conflicts()));
      fields.add(new Field("placement", replication.perDataCentre()));
    } else {
      fields.add(new Field("groups", groups));
    }
    fields.add(new Field("limits.keyBytes", keyBytesMax));
    fields.add(new Field("limits.valueBytes", valueBytesMax));
    return List.copyOf(fields);
  }

  /// What differs from `asked`, in words; empty when nothing does.
  public Optional<String> difference(KeyspaceDeclaration asked) {
    var differences = new ArrayList<String>();
    var wanted = new HashMap<String, Field>();
    asked.fields().forEach(field -> wanted.put(field.name(), field));
    for (Field field : fields()) {
      // What only one of the modes has says nothing beside the modes.
      Field other = wanted.get(field.name());
      if (other != null && !field.value().equals(other.value())) {
        differences.add(field.name() + " is " + field.text() + ", not " + other.text());
      }
    }
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
  }
}
