/// Tests of the Redis protocol: conversations by text, decoders against random bytes, real clients,
/// a real Redis beside it, limits.
@NullMarked
package dev.henge.server.resp;

import org.jspecify.annotations.NullMarked;
