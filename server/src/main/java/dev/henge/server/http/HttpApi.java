package dev.henge.server.http;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.Keyspaces;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every request: authentication, route, handler, and what goes wrong as a response.
///
/// - Threads: event loops; never blocks one.
final class HttpApi implements HttpService {
  private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);

  private final Supplier<String> password;
  private final Keyspaces all;
  private final KeyEndpoint strongKeys;
  private final KeyEndpoint eventualKeys;
  private final ScanHandler scans;
  private final KeyspaceHandler keyspaces;
  private final ClusterHandler cluster;
  private final NodeHandler node;
  private final LongAdder requests;

  /// @param password empty for none
  /// @param all keyspaces
  /// @param requests counts requests
  HttpApi(
      Supplier<String> password,
      Keyspaces all,
      KeyEndpoint strongKeys,
      KeyEndpoint eventualKeys,
      ScanHandler scans,
      KeyspaceHandler keyspaces,
      ClusterHandler cluster,
      NodeHandler node,
      LongAdder requests) {
    this.password = password;
    this.all = all;
    this.strongKeys = strongKeys;
    this.eventualKeys = eventualKeys;
    this.scans = scans;
    this.keyspaces = keyspaces;
    this.cluster = cluster;
    this.node = node;
    this.requests = requests;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    requests.increment();
    CompletableFuture<HttpResponse> response;
    try {
      response = handle(context, request);
    } catch (RuntimeException e) {
      return failed(e);
    }
    if (response.isDone()) {
      return response.exceptionally(HttpApi::failed).join();
    }
    // Back to the event loop: whoever completes the future (the log's thread) must not be held up.
    return HttpResponse.of(
        response.handleAsync(
            (done, error) -> error == null ? done : failed(error), context.eventLoop()));
  }

  private CompletableFuture<HttpResponse> handle(
      ServiceRequestContext context, HttpRequest request) {
    @Nullable String raw = request.headers().get(RawTargets.HEADER);
    Target target = Target.parse(raw == null ? request.path() : raw);
    Route route = Route.of(request.method(), target);
    if (route != Route.HEALTH) {
      authenticate(request.headers().get(HttpHeaderNames.AUTHORIZATION));
    }
    var call = new Call(context, request, target);
    return switch (route) {
      case INDEX -> node.index();
      case HEALTH -> node.health();
      case METRICS -> node.metrics();
      case CLUSTER -> cluster.status();
      case REPAIR -> cluster.repair(call);
      case LEAVE -> cluster.leave(call);
      case STAY -> cluster.stay(call);
      case TRANSFER -> cluster.transfer(call);
      case KEYSPACES -> keyspaces.list();
      case KEYSPACE -> keyspaces.read(call);
      case DECLARE -> keyspaces.declare(call);
      case SCAN -> scans.scan(call);
      case PUT, GET, HEAD, DELETE -> key(route, call);
    };
  }

  /// A request about one key, by the keyspace's kind.
  private CompletableFuture<HttpResponse> key(Route route, Call call) {
    Keyspace keyspace = KeyHandler.find(all, call.keyspace());
    KeyEndpoint keys = keyspace.isEventual() ? eventualKeys : strongKeys;
    return switch (route) {
      case PUT -> keys.put(call, keyspace);
      case DELETE -> keys.delete(call, keyspace);
      default -> keys.get(call, keyspace, route == Route.GET);
    };
  }

  /// Takes `Bearer PASSWORD`, and `Basic` with any user name.
  private void authenticate(@Nullable String authorization) {
    byte[] wanted = password.get().getBytes(StandardCharsets.UTF_8);
    if (wanted.length == 0) {
      return;
    }
    byte[] given = authorization == null ? new byte[0] : given(authorization);
    if (!MessageDigest.isEqual(given, wanted)) {
      throw Status.UNAUTHORIZED.because("this server asks for its password");
    }
  }

  private static byte[] given(String authorization) {
    int space = authorization.indexOf(' ');
    String scheme = space < 0 ? authorization : authorization.substring(0, space);
    String rest = space < 0 ? "" : authorization.substring(space + 1).strip();
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "bearer" -> rest.getBytes(StandardCharsets.UTF_8);
      case "basic" -> basicPassword(rest);
      default -> new byte[0];
    };
  }

  private static byte[] basicPassword(String encoded) {
    try {
      String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      return pair.substring(pair.indexOf(':') + 1).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  private static HttpResponse failed(Throwable error) {
    @Nullable Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    Problem problem = Status.of(cause == null ? error : cause);
    if (problem.getCause() != null) {
      LOG.error("a request failed", problem.getCause());
    }
    return Responses.problem(problem);
  }
}
