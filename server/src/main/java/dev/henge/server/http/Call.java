package dev.henge.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// One request on its way through a handler.
record Call(ServiceRequestContext context, HttpRequest request, Target target) {
  private static final int KEYSPACE = 1;
  private static final int DECLARED_KEYSPACE = 2;
  private static final int KEY = 3;

  HttpHeaders headers() {
    return request.headers();
  }

  /// The keyspace's name in `/v1/{keyspace}/...`.
  String keyspace() {
    return text(target.segments().get(KEYSPACE));
  }

  /// The keyspace's name in `/v1/keyspaces/{keyspace}`.
  String declaredKeyspace() {
    return text(target.segments().get(DECLARED_KEYSPACE));
  }

  /// @throws Problem when it is empty, or too long for `bytesMax`
  byte[] key(int bytesMax) {
    byte[] key = Percent.decode(target.segments().get(KEY));
    if (key.length == 0) {
      throw Status.EMPTY_KEY.because("a key has at least one byte");
    }
    if (key.length > bytesMax) {
      throw Status.KEY_TOO_LARGE.because(
          "the key has " + key.length + " bytes, at most " + bytesMax + " are allowed");
    }
    return key;
  }

  /// The whole body; fails as soon as it is known to be longer than `bytesMax`.
  CompletableFuture<byte[]> body(int bytesMax) {
    if (request.headers().contentLength() > bytesMax) {
      return CompletableFuture.failedFuture(tooLarge(bytesMax));
    }
    context.setMaxRequestLength(bytesMax);
    return request
        .aggregate()
        .thenApply(AggregatedHttpRequest::content)
        .thenApply(content -> content.array())
        .exceptionally(error -> {
          Throwable cause = error instanceof CompletionException ? error.getCause() : error;
          if (cause instanceof ContentTooLargeException) {
            throw tooLarge(bytesMax);
          }
          throw Status.BAD_REQUEST.because("the body did not arrive: " + cause);
        });
  }

  private static Problem tooLarge(int bytesMax) {
    return Status.VALUE_TOO_LARGE.because("at most " + bytesMax + " bytes are allowed");
  }

  private static String text(String segment) {
    return new String(Percent.decode(segment), StandardCharsets.UTF_8);
  }
}
