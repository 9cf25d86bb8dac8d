package dev.henge.server.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request's target, split but not yet decoded.
///
/// @param segments what stands between slashes, still percent-encoded
/// @param parameters of the query, still percent-encoded
record Target(List<String> segments, Map<String, String> parameters) {
  /// @param raw in origin form (`/a/b?c=d`) or absolute form (`http://host/a/b`)
  static Target parse(String raw) {
    String origin = raw;
    int scheme = raw.indexOf("://");
    if (!raw.startsWith("/") && scheme > 0) {
      int slash = raw.indexOf('/', scheme + 3);
      origin = slash < 0 ? "/" : raw.substring(slash);
    }
    int fragment = origin.indexOf('#');
    if (fragment >= 0) {
      origin = origin.substring(0, fragment);
    }
    int query = origin.indexOf('?');
    String path = query < 0 ? origin : origin.substring(0, query);
    if (!path.startsWith("/")) {
      throw Status.NO_SUCH_ROUTE.because("a path begins with '/'");
    }
    return new Target(
        List.of(path.substring(1).split("/", -1)),
        query < 0 ? Map.of() : parameters(origin.substring(query + 1)));
  }

  /// A parameter's bytes; null when it is not there.
  byte @Nullable [] bytes(String name) {
    String encoded = parameters.get(name);
    return encoded == null ? null : Percent.decode(encoded);
  }

  /// A parameter's text; null when it is not there.
  @Nullable String text(String name) {
    byte[] bytes = bytes(name);
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  /// @throws Problem that names a parameter that is not one of `known`
  void onlyParameters(Set<String> known) {
    for (String name : parameters.keySet()) {
      if (!known.contains(name)) {
        throw Status.BAD_REQUEST.because("unknown parameter '" + name + "'");
      }
    }
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      if (parameters.put(name, value) != null) {
        throw Status.BAD_REQUEST.because("parameter '" + name + "' stands there twice");
      }
    }
    return parameters;
  }
}
