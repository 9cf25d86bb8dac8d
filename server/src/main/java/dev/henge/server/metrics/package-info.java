/// What a node counts, for Prometheus.
///
/// [NodeMetrics] holds counters that frontends add to, and reads the engines' statistics when
/// asked.
@NullMarked
package dev.henge.server.metrics;

import org.jspecify.annotations.NullMarked;
