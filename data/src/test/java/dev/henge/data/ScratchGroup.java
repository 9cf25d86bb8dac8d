package dev.henge.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.storage.Access;
import dev.henge.storage.Cursor;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The model engine with what a server puts around it, and the checks that hold for every
/// operation: the same arguments give the same bytes and answer, a failure writes nothing, a read
/// writes nothing.
final class ScratchGroup {
  final ModelEngine engine = new ModelEngine();
  Scope.Limits limits = Scope.Limits.DEFAULT;
  long now = 1_000_000;
  long seed = 1;

  /// 0: rises with the engine.
  long fixedRevision;

  int[] databaseIds = load();

  Reply apply(Operation operation) {
    return apply(0, operation);
  }

  Reply apply(int database, Operation operation) {
    var batch = new WriteBatch();
    var again = new WriteBatch();
    Reply reply;
    try (Reader reader = engine.latest(Access.DISK)) {
      reply = Operations.apply(operation, scope(database), reader, batch);
      Reply second = Operations.apply(operation, scope(database), reader, again);
      assertEquals(text(reply), text(second));
    }
    assertArrayEquals(encoded(batch), encoded(again), "the same batch from the same arguments");
    assertTrue(batch.isEmpty() || !(reply instanceof Reply.Failure), "a failure wrote");
    assertTrue(batch.isEmpty() || operation.writes(), "a read wrote");
    if (!batch.isEmpty()) {
      engine.append(batch, LogMode.SYNCED);
      databaseIds = load();
    }
    return reply;
  }

  Operation.Watch watch(int database, byte[] key) {
    try (Reader reader = engine.latest(Access.DISK)) {
      return Operations.watch(database, key, scope(database), reader);
    }
  }

  Scope scope(int database) {
    long revision = fixedRevision != 0 ? fixedRevision : engine.lastSequence() + 1;
    return new Scope(databaseIds[database], databaseIds, now, seed, revision, limits);
  }

  /// Every stored pair as hexadecimal text.
  List<String> stored() {
    List<String> pairs = new ArrayList<>();
    try (Reader reader = engine.latest(Access.DISK);
        Cursor cursor = reader.cursor()) {
      for (cursor.first(); cursor.valid(); cursor.next()) {
        pairs.add(hex(cursor.key()) + "=" + hex(cursor.value()));
      }
    }
    return pairs;
  }

  static byte[] encoded(WriteBatch batch) {
    return Arrays.copyOf(batch.array(), batch.byteCount());
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String string(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /// A reply as comparable text.
  static String text(Reply reply) {
    return switch (reply) {
      case Reply.Ok ok -> "OK";
      case Reply.Nothing nothing -> "nil";
      case Reply.Number(long value) -> Long.toString(value);
      case Reply.Word(String word) -> word;
      case Reply.Bytes bytes -> "'" + string(bytes.bytes()) + "'";
      case Reply.Many(var items) ->
          items.stream().map(ScratchGroup::text).collect(Collectors.joining(", ", "[", "]"));
      case Reply.Written written ->
          "written %s %d %s"
              .formatted(
                  written.applied(),
                  written.revision(),
                  written.previous() == null ? "nil" : text(written.previous()));
      case Reply.Found found ->
          "found %s %d %d".formatted(text(found.value()), found.revision(), found.expiryMillis());
      case Reply.ScanPage page ->
          page.keys().stream().map(ScratchGroup::text).collect(Collectors.joining(",", "<", ">"))
              + position(page.next());
      case Reply.Failure(String code, String message) -> code + " " + message;
    };
  }

  private static String position(@Nullable ScanPosition position) {
    if (position == null) {
      return "end";
    }
    byte[] key = position.afterKey();
    return position.slot() + "/" + (key == null ? "" : string(key));
  }

  private int[] load() {
    try (Reader reader = engine.latest(Access.DISK)) {
      return DatabaseIds.load(reader);
    }
  }
}
