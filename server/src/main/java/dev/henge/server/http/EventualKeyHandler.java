package dev.henge.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.henge.base.Clock;
import dev.henge.data.Expiry;
import dev.henge.server.eventual.KeyAnswer;
import dev.henge.server.eventual.Live;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One key of an eventual keyspace: one value as it is, several in one answer 300, and always the
/// context to write with.
final class EventualKeyHandler implements KeyEndpoint {
  /// On an answer what was read; on a write, handed back.
  static final String CONTEXT = "henge-context";

  /// How many copies answered, or have the write durably.
  static final String COPIES = "henge-copies";

  /// How many of these are with somebody who stands in for an owner.
  static final String HINTS = "henge-hints";

  private final Keyspaces keyspaces;
  private final Evaluator evaluator;
  private final Clock clock;

  EventualKeyHandler(Keyspaces keyspaces, Evaluator evaluator, Clock clock) {
    this.keyspaces = keyspaces;
    this.evaluator = evaluator;
    this.clock = clock;
  }

  @Override
  public CompletableFuture<HttpResponse> get(Call call, Keyspace keyspace, boolean body) {
    byte[] key = call.key(keyspaces.limits(keyspace).keyBytesMax());
    Asked asked = Asked.of(call.headers(), keyspace);
    refuse(call.headers(), HttpHeaderNames.IF_MATCH);
    List<String> known = call.headers().getAll(HttpHeaderNames.IF_NONE_MATCH);
    return evaluator
        .read(key, keyspace, keyspaces.limits(keyspace), asked)
        .thenApply(answer ->
            switch (answer) {
              case KeyAnswer.Seen seen -> seen(seen, known, body);
              case KeyAnswer.Failed failed -> throw Status.of(failed.why());
              case KeyAnswer.Done done -> throw unexpected(done);
            });
  }

  @Override
  public CompletableFuture<HttpResponse> put(Call call, Keyspace keyspace) {
    byte[] key = call.key(keyspaces.limits(keyspace).keyBytesMax());
    Asked asked = Asked.of(call.headers(), keyspace);
    unconditional(call.headers());
    Expiry expiry = KeyHandler.expiry(call.headers().get(KeyHandler.TTL));
    @Nullable String context = call.headers().get(CONTEXT);
    return call.body(keyspaces.limits(keyspace).valueBytesMax())
        .thenCompose(value ->
            evaluator.put(key, value, context, expiry, keyspace, keyspaces.limits(keyspace), asked))
        .thenApply(answer ->
            switch (answer) {
              case KeyAnswer.Done done ->
                  HttpResponse.of(
                      head(done.replaced() ? HttpStatus.NO_CONTENT : HttpStatus.CREATED, done)
                          .build());
              case KeyAnswer.Failed failed -> throw Status.of(failed.why());
              case KeyAnswer.Seen seen -> throw unexpected(seen);
            });
  }

  @Override
  public CompletableFuture<HttpResponse> delete(Call call, Keyspace keyspace) {
    byte[] key = call.key(keyspaces.limits(keyspace).keyBytesMax());
    Asked asked = Asked.of(call.headers(), keyspace);
    unconditional(call.headers());
    @Nullable String context = call.headers().get(CONTEXT);
    return evaluator
        .delete(key, context, keyspace, keyspaces.limits(keyspace), asked)
        .thenApply(answer ->
            switch (answer) {
              case KeyAnswer.Done done when done.replaced() ->
                  HttpResponse.of(head(HttpStatus.NO_CONTENT, done).build());
              case KeyAnswer.Done done -> absent(done.context(), done.copies());
              case KeyAnswer.Failed failed -> throw Status.of(failed.why());
              case KeyAnswer.Seen seen -> throw unexpected(seen);
            });
  }

  private HttpResponse seen(KeyAnswer.Seen seen, List<String> known, boolean body) {
    Live live = seen.live();
    if (live.isEmpty()) {
      return absent(seen.context(), seen.copies());
    }
    if (known.stream().anyMatch(line -> names(line, seen.tag()))) {
      return HttpResponse.of(head(HttpStatus.NOT_MODIFIED, seen).build());
    }
    if (!live.isOne()) {
      HttpData json = HttpData.ofUtf8(json(seen));
      ResponseHeaders headers =
          head(HttpStatus.MULTIPLE_CHOICES, seen)
              .contentType(MediaType.JSON)
              .contentLength(json.length())
              .build();
      return body ? HttpResponse.of(headers, json) : HttpResponse.of(headers);
    }
    Live.Value value = live.one();
    ResponseHeadersBuilder headers =
        head(HttpStatus.OK, seen)
            .contentType(MediaType.OCTET_STREAM)
            .contentLength(value.bytes().length);
    if (value.expiryMillis() != 0) {
      headers.setLong(KeyHandler.TTL, Math.max(0, value.expiryMillis() - clock.wallMillis()));
    }
    return body
        ? HttpResponse.of(headers.build(), HttpData.wrap(value.bytes()))
        : HttpResponse.of(headers.build());
  }

  /// Every value with its own bytes.
  static String json(KeyAnswer.Seen seen) {
    return seen.live().values().stream()
        .map(EventualKeyHandler::json)
        .collect(
            Collectors.joining(
                ",", "{\"context\":" + Responses.quoted(seen.context()) + ",\"values\":[", "]}\n"));
  }

  private static String json(Live.Value value) {
    var json = new StringBuilder("{\"type\":");
    json.append(value.counter() ? "\"counter\"" : "\"string\"")
        .append(",\"contentLength\":")
        .append(value.bytes().length)
        .append(",\"writtenMillis\":")
        .append(value.timeMillis());
    if (value.expiryMillis() != 0) {
      json.append(",\"expiryMillis\":").append(value.expiryMillis());
    }
    return json.append(",\"value\":\"")
        .append(Base64.getEncoder().encodeToString(value.bytes()))
        .append("\"}")
        .toString();
  }

  private static ResponseHeadersBuilder head(HttpStatus status, KeyAnswer.Seen seen) {
    return ResponseHeaders.builder(status)
        .set(HttpHeaderNames.ETAG, quoted(seen.tag()))
        .set(CONTEXT, seen.context())
        .setInt(COPIES, seen.copies());
  }

  private static ResponseHeadersBuilder head(HttpStatus status, KeyAnswer.Done done) {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(status)
            .set(CONTEXT, done.context())
            .setInt(COPIES, done.copies())
            .setInt(HINTS, done.hints());
    return done.tag().isEmpty() ? headers : headers.set(HttpHeaderNames.ETAG, quoted(done.tag()));
  }

  /// Also of what is not there something has been read: a context comes with it.
  private static HttpResponse absent(String context, int copies) {
    return Responses.problem(Status.NO_SUCH_KEY.because("no such key"))
        .mapHeaders(
            headers -> headers.toBuilder().set(CONTEXT, context).setInt(COPIES, copies).build());
  }

  private static String quoted(String tag) {
    return "\"" + tag + "\"";
  }

  /// Whether a line of `If-None-Match` has the tag: ours have no comma.
  private static boolean names(String line, String tag) {
    for (String one : line.split(",", -1)) {
      String text = one.strip();
      if (text.equals("*") || text.equals(quoted(tag)) || text.equals("W/" + quoted(tag))) {
        return true;
      }
    }
    return false;
  }

  private static void unconditional(HttpHeaders headers) {
    refuse(headers, HttpHeaderNames.IF_MATCH);
    refuse(headers, HttpHeaderNames.IF_NONE_MATCH);
  }

  private static void refuse(HttpHeaders headers, CharSequence name) {
    if (headers.contains(name)) {
      throw Status.BAD_REQUEST.because(
          name
              + " needs a strong or cache keyspace: replicas of an eventual one take writes without"
              + " asking each other what is there; "
              + CONTEXT
              + " says what a write has read");
    }
  }

  private static Problem unexpected(KeyAnswer answer) {
    return new Problem(
        Status.INTERNAL, "unexpected answer", new IllegalStateException(answer.toString()));
  }
}
