package dev.henge.server.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/// What Armeria itself has to refuse, before or instead of [HttpApi], in the API's own form.
final class TransportErrors implements ServerErrorHandler {
  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable error) {
    return null;
  }

  @Override
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus http,
      @Nullable String description,
      @Nullable Throwable cause) {
    Status status =
        switch (http.code()) {
          case 413 -> Status.VALUE_TOO_LARGE;
          // It took too long. What a write did by then is not known.
          case 503 -> mayHaveWritten(headers) ? Status.UNKNOWN_OUTCOME : Status.OVERLOADED;
          default -> http.isClientError() ? Status.BAD_REQUEST : Status.INTERNAL;
        };
    return Responses.problem(
            http, status.because(description == null ? http.reasonPhrase() : description))
        .aggregate()
        .join();
  }

  private static boolean mayHaveWritten(@Nullable RequestHeaders headers) {
    return headers != null
        && (headers.method() == HttpMethod.PUT || headers.method() == HttpMethod.DELETE);
  }
}
