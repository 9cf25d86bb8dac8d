/// HTTP/JSON: requests in, operations and catalog calls out, replies back.
///
/// [HttpServer] runs Armeria on its own socket; [RawTargets] carries each request's target past
/// Armeria's path rules, because keys may hold any bytes. [HttpApi] authenticates, finds the
/// [Route] and turns outcomes into responses; `KeyHandler`, `ScanHandler`, `KeyspaceHandler` and
/// `NodeHandler` do the work. [Status] is the one table from outcomes to HTTP. `docs/openapi.yaml`
/// describes it all, and a test holds it to the routes.
///
/// Threads: Armeria's event loops run handlers; what may block goes through [Evaluator] to the
/// node's worker pool. Responses of writes wait for the log without holding a thread.
///
/// Read first: [HttpApi], then `KeyHandler`.
@NullMarked
package dev.henge.server.http;

import org.jspecify.annotations.NullMarked;
