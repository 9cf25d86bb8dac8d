package dev.henge.consensus.metadata;

import dev.henge.data.Scope;
import dev.henge.storage.lsm.table.Compression;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// What a named keyspace was made with.
///
/// @param ttlMillis expiry given to objects written without one; 0 for none
/// @param groups how many groups share its slots evenly: each has a leader and an engine of its own
/// @param keyBytesMax longest key
/// @param valueBytesMax longest value
public record KeyspaceDeclaration(
    KeyspaceMode mode,
    EngineKind engine,
    Durability durability,
    long ttlMillis,
    Compression compression,
    int groups,
    int keyBytesMax,
    int valueBytesMax) {
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
          Scope.Limits.DEFAULT.valueBytesMax());

  public KeyspaceDeclaration withGroups(int count) {
    return new KeyspaceDeclaration(
        mode, engine, durability, ttlMillis, compression, count, keyBytesMax, valueBytesMax);
  }

  public Scope.Limits limits() {
    return new Scope.Limits(keyBytesMax, valueBytesMax, ttlMillis);
  }

  /// One field by its name in JSON.
  public record Field(String name, Object value) {
    public String text() {
      return value instanceof Enum<?> choice
          ? choice.name().toLowerCase(Locale.ROOT)
          : value.toString();
    }
  }

  /// Every field, in the order in which JSON has them.
  public List<Field> fields() {
    return List.of(
        new Field("mode", mode),
        new Field("engine", engine),
        new Field("durability", durability),
        new Field("ttlMillis", ttlMillis),
        new Field("compression", compression),
        new Field("groups", groups),
        new Field("limits.keyBytes", keyBytesMax),
        new Field("limits.valueBytes", valueBytesMax));
  }

  /// What differs from `asked`, in words; empty when nothing does.
  public Optional<String> difference(KeyspaceDeclaration asked) {
    var differences = new ArrayList<String>();
    List<Field> there = fields();
    List<Field> wanted = asked.fields();
    for (int i = 0; i < there.size(); i++) {
      if (!Objects.equals(there.get(i).value(), wanted.get(i).value())) {
        differences.add(
            there.get(i).name() + " is " + there.get(i).text() + ", not " + wanted.get(i).text());
      }
    }
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
  }
}
