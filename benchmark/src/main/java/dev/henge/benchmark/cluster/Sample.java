package dev.henge.benchmark.cluster;

/// What one run of a load measured.
///
/// @param requestsPerSecond answered as they should be
/// @param millisP50 from sending to the answer
/// @param errorCount answers that were errors
/// @param missingCount reads that found nothing
/// @param firstError what the first error said; empty without one
public record Sample(
    double requestsPerSecond,
    double millisP50,
    double millisP99,
    long errorCount,
    long missingCount,
    String firstError) {}
