package dev.henge.server.http;

import com.linecorp.armeria.common.HttpMethod;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Every method and path that the server answers, as `docs/openapi.yaml` has them.
///
/// Paths with literal segments stand before those with parameters in their place: the first that
/// matches is taken.
enum Route {
  INDEX(HttpMethod.GET, "/"),
  HEALTH(HttpMethod.GET, "/health"),
  METRICS(HttpMethod.GET, "/metrics"),
  CLUSTER(HttpMethod.GET, "/v1/cluster"),
  REPAIR(HttpMethod.POST, "/v1/cluster/repair"),
  LEAVE(HttpMethod.POST, "/v1/cluster/members/{member}/leave"),
  STAY(HttpMethod.POST, "/v1/cluster/members/{member}/stay"),
  TRANSFER(HttpMethod.POST, "/v1/cluster/groups/{group}/transfer"),
  KEYSPACES(HttpMethod.GET, "/v1/keyspaces"),
  KEYSPACE(HttpMethod.GET, "/v1/keyspaces/{keyspace}"),
  DECLARE(HttpMethod.PUT, "/v1/keyspaces/{keyspace}"),
  SCAN(HttpMethod.GET, "/v1/{keyspace}/keys"),
  PUT(HttpMethod.PUT, "/v1/{keyspace}/keys/{key}"),
  GET(HttpMethod.GET, "/v1/{keyspace}/keys/{key}"),
  HEAD(HttpMethod.HEAD, "/v1/{keyspace}/keys/{key}"),
  DELETE(HttpMethod.DELETE, "/v1/{keyspace}/keys/{key}");

  private final HttpMethod method;
  private final String template;
  private final List<String> segments;

  Route(HttpMethod method, String template) {
    this.method = method;
    this.template = template;
    this.segments = List.of(template.substring(1).split("/", -1));
  }

  HttpMethod method() {
    return method;
  }

  /// As OpenAPI writes it.
  String template() {
    return template;
  }

  /// The route of a request.
  ///
  /// @throws Problem when there is none; it says which methods the path has
  static Route of(HttpMethod method, Target target) {
    List<Route> matching = matching(target.segments());
    if (matching.isEmpty()) {
      throw Status.NO_SUCH_ROUTE.because(
          "no such path; in a key, '/' is written %2F (see docs/openapi.yaml)");
    }
    return matching.stream()
        .filter(route -> route.method == method)
        .findFirst()
        .orElseThrow(() -> Status.METHOD_NOT_ALLOWED.because("allowed here: " + methods(matching)));
  }

  private static List<Route> matching(List<String> asked) {
    for (Route route : values()) {
      if (route.matches(asked)) {
        return Arrays.stream(values())
            .filter(other -> other.template.equals(route.template))
            .toList();
      }
    }
    return List.of();
  }

  private boolean matches(List<String> asked) {
    if (asked.size() != segments.size()) {
      return false;
    }
    for (int i = 0; i < asked.size(); i++) {
      if (!segments.get(i).startsWith("{") && !segments.get(i).equals(asked.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static String methods(List<Route> routes) {
    return routes.stream().map(route -> route.method.name()).collect(Collectors.joining(", "));
  }
}
