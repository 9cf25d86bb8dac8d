/// One node as its users see it: beside Redis, and what it takes in memory and time to start.
///
/// [RespBench] drives a [Server] of each kind with Debian's `redis-benchmark` ([RedisBenchmark]),
/// in turn within one run; [MemoryBench] fills a node and reads its size from the kernel.
/// [RespClient] loads and reads back pairs that both use; [PairText] says what they look like.
///
/// Read first: [RespBench].
@NullMarked
package dev.henge.benchmark.server;

import org.jspecify.annotations.NullMarked;
