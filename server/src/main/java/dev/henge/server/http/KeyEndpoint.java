package dev.henge.server.http;

import com.linecorp.armeria.common.HttpResponse;
import dev.henge.server.store.Keyspace;
import java.util.concurrent.CompletableFuture;

/// One key over HTTP, as a kind of keyspace has it.
interface KeyEndpoint {
  /// @param body whether the value is sent, or only what stands about it
  CompletableFuture<HttpResponse> get(Call call, Keyspace keyspace, boolean body);

  CompletableFuture<HttpResponse> put(Call call, Keyspace keyspace);

  CompletableFuture<HttpResponse> delete(Call call, Keyspace keyspace);
}
