package dev.henge.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.henge.base.Clock;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.server.cluster.Consistency;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One key of a strong keyspace.
final class KeyHandler implements KeyEndpoint {
  /// On a request the life of the object in milliseconds, or `keep`; on a response what remains.
  static final String TTL = "henge-ttl-ms";

  /// On a response: where the leader of the key's group serves HTTP.
  static final String LEADER = "henge-leader";

  /// On the response to a stale read: by how many milliseconds at most it is behind.
  static final String AGE = "henge-age-ms";

  private final Keyspaces keyspaces;
  private final Evaluator evaluator;
  private final Clock clock;

  KeyHandler(Keyspaces keyspaces, Evaluator evaluator, Clock clock) {
    this.keyspaces = keyspaces;
    this.evaluator = evaluator;
    this.clock = clock;
  }

  @Override
  public CompletableFuture<HttpResponse> get(Call call, Keyspace keyspace, boolean body) {
    Scope.Limits limits = keyspaces.limits(keyspace);
    byte[] key = call.key(limits.keyBytesMax());
    Preconditions preconditions = Preconditions.of(call.headers());
    Asked asked = Asked.of(call.headers(), keyspace);
    return evaluator
        .evaluate(new Operation.GetObject(key), keyspace, limits, asked)
        .thenApply(reply ->
            switch (reply) {
              case Reply.Found found -> found(found, preconditions, body);
              case Reply.Nothing nothing -> throw absent(preconditions);
              default -> throw unexpected(reply);
            })
        .thenApply(response -> told(response, keyspace, key, asked));
  }

  @Override
  public CompletableFuture<HttpResponse> put(Call call, Keyspace keyspace) {
    Scope.Limits limits = keyspaces.limits(keyspace);
    byte[] key = call.key(limits.keyBytesMax());
    Preconditions preconditions = Preconditions.of(call.headers());
    Asked asked = Asked.of(call.headers(), keyspace);
    Expiry expiry = expiry(call.headers().get(TTL));
    return call.body(limits.valueBytesMax())
        .thenCompose(value ->
            evaluator.evaluate(
                new Operation.Set(key, value, expiry, preconditions.condition(), true),
                keyspace,
                limits,
                asked))
        .thenApply(reply ->
            switch (reply) {
              case Reply.Written written when written.applied() -> written(written);
              case Reply.Written refused -> throw preconditionFailed();
              default -> throw unexpected(reply);
            })
        .thenApply(response -> told(response, keyspace, key, asked));
  }

  @Override
  public CompletableFuture<HttpResponse> delete(Call call, Keyspace keyspace) {
    Scope.Limits limits = keyspaces.limits(keyspace);
    byte[] key = call.key(limits.keyBytesMax());
    Preconditions preconditions = Preconditions.of(call.headers());
    Asked asked = Asked.of(call.headers(), keyspace);
    var delete = new Operation.DeleteIf(key, preconditions.condition());
    return evaluator
        .evaluate(delete, keyspace, limits, asked)
        .thenApply(done ->
            switch (done) {
              case Reply.Written written when written.applied() ->
                  HttpResponse.of(ResponseHeaders.of(HttpStatus.NO_CONTENT));
              case Reply.Written none when none.revision() == 0 -> throw absent(preconditions);
              case Reply.Written refused -> throw preconditionFailed();
              default -> throw unexpected(done);
            })
        .thenApply(response -> told(response, keyspace, key, asked));
  }

  /// The keyspace that a path names.
  static Keyspace find(Keyspaces keyspaces, String name) {
    @Nullable Keyspace keyspace = keyspaces.find(name);
    if (keyspace == null) {
      throw Status.NO_SUCH_KEYSPACE.because(
          "no keyspace '" + name + "'; PUT /v1/keyspaces/{keyspace} makes one");
    }
    return keyspace;
  }

  /// Says who leads the group of the key, and how old what a stale read saw may be.
  private HttpResponse told(HttpResponse response, Keyspace keyspace, byte[] key, Asked asked) {
    @Nullable String leader = evaluator.leader(keyspace, key);
    if (leader == null) {
      return response;
    }
    boolean stale = asked.consistency() == Consistency.STALE;
    return response.mapHeaders(headers -> {
      ResponseHeadersBuilder more = headers.toBuilder().set(LEADER, leader);
      return (stale ? more.setLong(AGE, asked.ageMillis()) : more).build();
    });
  }

  private HttpResponse found(Reply.Found found, Preconditions preconditions, boolean body) {
    long revision = found.revision();
    if (preconditions.noneMatched(revision)) {
      return HttpResponse.of(head(HttpStatus.NOT_MODIFIED, found).build());
    }
    if (!preconditions.hold(revision)) {
      throw preconditionFailed();
    }
    byte[] value = found.value().bytes();
    ResponseHeaders headers =
        head(HttpStatus.OK, found)
            .contentType(MediaType.OCTET_STREAM)
            .contentLength(value.length)
            .build();
    return body ? HttpResponse.of(headers, HttpData.wrap(value)) : HttpResponse.of(headers);
  }

  private ResponseHeadersBuilder head(HttpStatus status, Reply.Found found) {
    ResponseHeadersBuilder headers = ResponseHeaders.builder(status);
    headers.set(HttpHeaderNames.ETAG, Preconditions.tag(found.revision()));
    if (found.expiryMillis() != 0) {
      headers.setLong(TTL, Math.max(0, found.expiryMillis() - clock.wallMillis()));
    }
    return headers;
  }

  private static HttpResponse written(Reply.Written written) {
    HttpStatus status = written.previous() == null ? HttpStatus.CREATED : HttpStatus.NO_CONTENT;
    return HttpResponse.of(
        ResponseHeaders.of(status, HttpHeaderNames.ETAG, Preconditions.tag(written.revision())));
  }

  /// What the header says; null where there is none.
  static Expiry expiry(@Nullable String header) {
    if (header == null) {
      return Expiry.NONE;
    }
    if (header.equals("keep")) {
      return Expiry.KEEP;
    }
    if (header.matches("[1-9][0-9]{0,14}")) {
      return new Expiry.In(Long.parseLong(header));
    }
    throw Status.BAD_REQUEST.because(
        TTL + " must be milliseconds, a whole number above 0 with at most 15 digits, or keep");
  }

  private static Problem absent(Preconditions preconditions) {
    return preconditions.match() == null ? noSuchKey() : preconditionFailed();
  }

  private static Problem noSuchKey() {
    return Status.NO_SUCH_KEY.because("no such key");
  }

  private static Problem preconditionFailed() {
    return Status.PRECONDITION_FAILED.because(
        "the object is not as If-Match or If-None-Match asks");
  }

  private static Problem unexpected(Reply reply) {
    return reply instanceof Reply.Failure failure
        ? Status.of(failure)
        : new Problem(
            Status.INTERNAL, "unexpected reply", new IllegalStateException(reply.toString()));
  }
}
