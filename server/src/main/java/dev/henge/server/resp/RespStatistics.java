package dev.henge.server.resp;

/// What a [RespServer] has to tell to metrics.
///
/// @param connectionCount open now
/// @param acceptedCount since the start
/// @param rejectedCount refused because there were too many
/// @param commandCount requests run since the start
/// @param slowLogCount entries in the slow log
public record RespStatistics(
    int connectionCount,
    long acceptedCount,
    long rejectedCount,
    long commandCount,
    int slowLogCount) {}
