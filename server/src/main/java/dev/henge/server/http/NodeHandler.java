package dev.henge.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.metrics.NodeMetrics;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/// The node itself: index, health, metrics.
final class NodeHandler {
  private static final MediaType PROMETHEUS =
      MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

  private final String nodeId;
  private final Cluster cluster;
  private final NodeMetrics metrics;
  private final Evaluator evaluator;

  NodeHandler(String nodeId, Cluster cluster, NodeMetrics metrics, Evaluator evaluator) {
    this.nodeId = nodeId;
    this.cluster = cluster;
    this.metrics = metrics;
    this.evaluator = evaluator;
  }

  CompletableFuture<HttpResponse> index() {
    String routes =
        Arrays.stream(Route.values())
            .map(route -> Responses.quoted(route.method() + " " + route.template()))
            .collect(Collectors.joining(","));
    String body =
        "{\"server\":\"henge\",\"node\":"
            + Responses.quoted(nodeId)
            + ",\"routes\":["
            + routes
            + "]}\n";
    return CompletableFuture.completedFuture(Responses.json(HttpStatus.OK, body));
  }

  /// In etcd's words, so that its probes fit.
  CompletableFuture<HttpResponse> health() {
    String trouble = cluster.trouble();
    HttpResponse response =
        trouble.isEmpty()
            ? Responses.json(HttpStatus.OK, "{\"health\":\"true\"}")
            : Responses.json(
                HttpStatus.SERVICE_UNAVAILABLE,
                "{\"health\":\"false\",\"reason\":" + Responses.quoted(trouble) + "}");
    return CompletableFuture.completedFuture(response);
  }

  CompletableFuture<HttpResponse> metrics() {
    return evaluator.onWorker(
        () -> HttpResponse.of(HttpStatus.OK, PROMETHEUS, HttpData.ofUtf8(metrics.scrape())));
  }
}
