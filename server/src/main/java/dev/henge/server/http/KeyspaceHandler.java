package dev.henge.server.http;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.server.cluster.Cluster;
import dev.henge.server.store.Catalog;
import dev.henge.server.store.DeclarationFormat;
import dev.henge.server.store.DeclareOutcome;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/// The catalog: making, listing and reading named keyspaces.
final class KeyspaceHandler {
  private static final int BODY_BYTES_MAX = 64 << 10;

  private final Catalog catalog;
  private final Cluster cluster;
  private final DeclarationFormat format = new DeclarationFormat();

  KeyspaceHandler(Catalog catalog, Cluster cluster) {
    this.catalog = catalog;
    this.cluster = cluster;
  }

  CompletableFuture<HttpResponse> list() {
    String keyspaces =
        catalog.declared().stream()
            .map(keyspace -> format.write(keyspace).toString())
            .collect(Collectors.joining(",", "{\"keyspaces\":[", "]}\n"));
    return CompletableFuture.completedFuture(Responses.json(HttpStatus.OK, keyspaces));
  }

  CompletableFuture<HttpResponse> read(Call call) {
    String name = call.declaredKeyspace();
    DeclaredKeyspace keyspace =
        catalog
            .declared(name)
            .orElseThrow(() -> Status.NO_SUCH_KEYSPACE.because("no named keyspace '" + name + "'"));
    return CompletableFuture.completedFuture(answer(HttpStatus.OK, keyspace));
  }

  CompletableFuture<HttpResponse> declare(Call call) {
    String name = call.declaredKeyspace();
    return call.body(BODY_BYTES_MAX)
        .thenCompose(body -> cluster.declare(name, parse(body)))
        .thenApply(outcome ->
            switch (outcome) {
              case DeclareOutcome.Created(DeclaredKeyspace made) ->
                  answer(HttpStatus.CREATED, made);
              case DeclareOutcome.Existing(DeclaredKeyspace there) -> answer(HttpStatus.OK, there);
              case DeclareOutcome.Differs(String difference) ->
                  throw Status.KEYSPACE_DIFFERS.because(
                      "keyspace '" + name + "' is declared otherwise: " + difference);
              case DeclareOutcome.BadName(String message) -> throw Status.BAD_NAME.because(message);
              case DeclareOutcome.Impossible(String message) ->
                  throw Status.BAD_DECLARATION.because(message);
              case DeclareOutcome.NotYet(String message) -> throw Status.NOT_YET.because(message);
              case DeclareOutcome.Unavailable(String message) ->
                  throw Status.UNAVAILABLE.because(message);
              case DeclareOutcome.TooMany(int most) ->
                  throw Status.TOO_MANY_KEYSPACES.because(
                      "this node has its " + most + " keyspaces (setting 'keyspaces')");
            });
  }

  private KeyspaceDeclaration parse(byte[] body) {
    try {
      return format.parse(new String(body, StandardCharsets.UTF_8));
    } catch (DeclarationFormat.DeclarationException e) {
      throw Status.BAD_DECLARATION.because(String.valueOf(e.getMessage()));
    }
  }

  private HttpResponse answer(HttpStatus status, DeclaredKeyspace keyspace) {
    return Responses.json(status, format.write(keyspace) + "\n");
  }
}
