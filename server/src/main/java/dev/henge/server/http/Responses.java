package dev.henge.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import tools.jackson.core.io.JsonStringEncoder;

/// Bodies and headers that more than one handler sends.
final class Responses {
  private Responses() {}

  static HttpResponse json(HttpStatus status, String body) {
    return HttpResponse.of(
        ResponseHeaders.of(status, HttpHeaderNames.CONTENT_TYPE, MediaType.JSON),
        HttpData.ofUtf8(body));
  }

  static HttpResponse problem(Problem problem) {
    return problem(problem.status().http(), problem);
  }

  /// @param http where it is not the table's
  static HttpResponse problem(HttpStatus http, Problem problem) {
    Status status = problem.status();
    ResponseHeadersBuilder headers = ResponseHeaders.builder(http).contentType(MediaType.JSON);
    switch (status) {
      case UNAUTHORIZED -> headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"henge\"");
      case OVERLOADED -> headers.set(HttpHeaderNames.RETRY_AFTER, "1");
      default -> {}
    }
    String body =
        "{\"error\":" + quoted(status.code()) + ",\"message\":" + quoted(problem.text()) + "}\n";
    return HttpResponse.of(headers.build(), HttpData.ofUtf8(body));
  }

  /// A JSON string.
  static String quoted(String text) {
    return "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
  }
}
