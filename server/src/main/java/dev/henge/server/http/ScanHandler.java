package dev.henge.server.http;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import dev.henge.base.Slots;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.ScanPosition;
import dev.henge.data.Scope;
import dev.henge.server.eventual.KeyAnswer;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import dev.henge.server.store.WriteMark;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Pages of keys in (slot, key) order.
///
/// A page ends at its limit of keys, at [#PAGE_BYTES_MAX], or after [#ROUNDS_MAX] looks of
/// [#LOOK_COUNT] keys, so that a prefix which few keys have holds no worker for long; its cursor
/// goes on from there.
final class ScanHandler {
  private static final Set<String> PARAMETERS = Set.of("prefix", "limit", "cursor", "values");
  private static final int LIMIT_DEFAULT = 100;
  private static final int LIMIT_MAX = 10_000;
  private static final int LOOK_COUNT = 1000;
  private static final int ROUNDS_MAX = 100;
  private static final int PAGE_BYTES_MAX = 16 << 20;

  private final Keyspaces keyspaces;
  private final Evaluator evaluator;

  ScanHandler(Keyspaces keyspaces, Evaluator evaluator) {
    this.keyspaces = keyspaces;
    this.evaluator = evaluator;
  }

  CompletableFuture<HttpResponse> scan(Call call) {
    Target target = call.target();
    target.onlyParameters(PARAMETERS);
    Keyspace keyspace = KeyHandler.find(keyspaces, call.keyspace());
    byte @Nullable [] prefix = target.bytes("prefix");
    int limit = limit(target.text("limit"));
    @Nullable String cursor = target.text("cursor");
    ScanPosition from = cursor == null ? ScanPosition.START : ScanCursor.read(cursor);
    boolean values = flag(target.text("values"));
    var page =
        new Page(
            keyspace,
            prefix == null ? new byte[0] : prefix,
            limit,
            values,
            Asked.of(call.headers(), keyspace));
    return evaluator.onWorker(() -> page.read(from));
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return LIMIT_DEFAULT;
    }
    if (text.matches("[0-9]{1,5}")) {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= LIMIT_MAX) {
        return limit;
      }
    }
    throw Status.BAD_REQUEST.because("limit is '" + text + "', allowed are 1 to " + LIMIT_MAX);
  }

  private static boolean flag(@Nullable String text) {
    return switch (text) {
      case null -> false;
      case "", "true" -> true;
      case "false" -> false;
      default ->
          throw Status.BAD_REQUEST.because("values is '" + text + "', allowed are true, false");
    };
  }

  /// One answer in the making; used by one worker.
  private final class Page {
    private final Keyspace keyspace;
    private final Scope.Limits limits;
    private final byte[] prefix;
    private final int limit;
    private final boolean values;
    private final Asked asked;
    private final WriteMark mark = new WriteMark();
    private final StringBuilder json = new StringBuilder("{\"items\":[");
    private int count;

    Page(Keyspace keyspace, byte[] prefix, int limit, boolean values, Asked asked) {
      this.keyspace = keyspace;
      this.limits = keyspaces.limits(keyspace);
      this.prefix = prefix;
      this.limit = limit;
      this.values = values;
      this.asked = asked;
    }

    HttpResponse read(ScanPosition from) throws Exception {
      @Nullable ScanPosition position = from;
      for (int round = 0; round < ROUNDS_MAX && position != null && hasRoom(); round++) {
        int look = prefix.length == 0 ? Math.min(LOOK_COUNT, limit - count) : LOOK_COUNT;
        var scan = new Operation.Scan(position, null, prefix, look, null);
        switch (evaluator.evaluateHere(scan, keyspace, limits, mark, asked)) {
          case Reply.ScanPage found -> position = add(found);
          case Reply.Failure failure -> throw Status.of(failure);
          case Reply other ->
              throw new Problem(
                  Status.INTERNAL, "unexpected reply", new IllegalStateException(other.toString()));
        }
      }
      json.append("],\"cursor\":")
          .append(position == null ? "null" : "\"" + ScanCursor.write(position) + "\"")
          .append("}\n");
      return Responses.json(HttpStatus.OK, json.toString());
    }

    private boolean hasRoom() {
      return count < limit && json.length() < PAGE_BYTES_MAX;
    }

    /// Adds what fits; where to go on.
    private @Nullable ScanPosition add(Reply.ScanPage found) throws Exception {
      for (int i = 0; i < found.keys().size(); i++) {
        byte[] key = found.keys().get(i).bytes();
        item(key);
        if (!hasRoom() && i + 1 < found.keys().size()) {
          return new ScanPosition(Slots.of(key), key);
        }
      }
      return found.next();
    }

    private void item(byte[] key) throws Exception {
      if (values && keyspace.isEventual()) {
        siblings(key);
        return;
      }
      @Nullable Reply value =
          values
              ? evaluator.evaluateHere(new Operation.GetObject(key), keyspace, limits, mark, asked)
              : null;
      if (value instanceof Reply.Nothing) {
        return;
      }
      json.append(count == 0 ? "" : ",");
      json.append("{\"key\":\"").append(Percent.encode(key)).append('"');
      if (value instanceof Reply.Found found) {
        json.append(",\"value\":\"")
            .append(Base64.getEncoder().encodeToString(found.value().bytes()))
            .append("\",\"revision\":")
            .append(found.revision());
      }
      json.append('}');
      count++;
    }

    /// A key of an eventual keyspace, with all its values.
    private void siblings(byte[] key) {
      switch (evaluator.read(key, keyspace, limits, asked).join()) {
        case KeyAnswer.Seen seen -> {
          if (!seen.live().isEmpty()) {
            String name = (count == 0 ? "" : ",") + "{\"key\":\"" + Percent.encode(key) + "\",";
            json.append(name).append(EventualKeyHandler.json(seen).strip().substring(1));
            count++;
          }
        }
        case KeyAnswer.Failed failed -> throw Status.of(failed.why());
        case KeyAnswer.Done done ->
            throw new Problem(
                Status.INTERNAL, "unexpected answer", new IllegalStateException(done.toString()));
      }
    }
  }
}
