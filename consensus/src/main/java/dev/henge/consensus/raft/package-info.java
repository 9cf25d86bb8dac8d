/// Raft as a pure state machine: no thread, no clock, no file, no socket, no logger.
///
/// Inputs are ticks, messages, proposals and news of what has become durable; the output is a
/// [Ready] that says what to persist, what to send and what may be applied. The entries' bytes lie
/// in the log store and are seen through a [LogView]. Whoever drives the core calls it from one
/// thread at a time.
///
/// Source: Ongaro, "Consensus: Bridging Theory and Practice" (the dissertation), with PreVote
/// (9.6), CheckQuorum and leader stickiness (6.2, 4.2.3), ReadIndex (6.4) and joint consensus
/// (4.3).
@NullMarked
package dev.henge.consensus.raft;

import org.jspecify.annotations.NullMarked;
