package dev.henge.server.metrics;

import dev.henge.server.store.Catalog;
import dev.henge.storage.EngineStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The node's metrics. The registry is made at the first scrape: a node that nobody scrapes does
/// not pay for it.
///
/// - Threads: counters from any thread; one scrape at a time.
public final class NodeMetrics {
  /// One number of an engine.
  ///
  /// @param counts whether it only grows
  private record EngineNumber(
      String name, String doc, boolean counts, ToDoubleFunction<EngineStatistics> value) {}

  private static final List<EngineNumber> ENGINE_NUMBERS =
      List.of(
          gauge("memtable.bytes", "Memtables", EngineStatistics::memtableBytes),
          gauge("tables", "Tables on disk", EngineStatistics::tableCount),
          gauge("table.bytes", "Bytes of tables", EngineStatistics::tableBytes),
          gauge("log.bytes", "Bytes of log segments", EngineStatistics::logBytes),
          gauge("entries.estimate", "Entries, about", EngineStatistics::entryCountEstimate),
          gauge("cache.bytes", "Bytes in the block cache", EngineStatistics::cacheBytes),
          gauge("disk.full", "1 while the disk is full", e -> e.diskFull() ? 1 : 0),
          counter("cache.hits", "Blocks found in the cache", EngineStatistics::cacheHits),
          counter("cache.misses", "Blocks read from disk", EngineStatistics::cacheMisses),
          counter("filter.skips", "Reads a filter spared", EngineStatistics::filterSkips),
          counter("flushes", "Memtables written", EngineStatistics::flushCount),
          counter("compactions", "Compactions done", EngineStatistics::compactionCount),
          counter(
              "compaction.read.bytes",
              "Bytes read by compactions",
              EngineStatistics::compactionBytesRead),
          counter(
              "compaction.written.bytes",
              "Bytes written by compactions",
              EngineStatistics::compactionBytesWritten),
          counter("log.syncs", "Syncs of the log", EngineStatistics::logSyncs),
          counter("log.writes", "Writes of the log", EngineStatistics::logWrites),
          counter("batches", "Batches appended", EngineStatistics::batches),
          counter("stall.seconds", "Time writers waited", e -> (double) e.stallNanos() / 1e9));

  // immutable
  private final Catalog catalog;
  private final Map<String, Supplier<Number>> gauges;
  private final Map<String, Supplier<Number>> counters;
  private final LongAdder httpRequests = new LongAdder();

  // guarded by this
  private @Nullable PrometheusMeterRegistry registry;
  private final Map<String, EngineStatistics> statistics = new HashMap<>();

  /// @param gauges further numbers that go up and down, by name
  /// @param counters further numbers that only grow, by name
  public NodeMetrics(
      Catalog catalog,
      Map<String, Supplier<Number>> gauges,
      Map<String, Supplier<Number>> counters) {
    this.catalog = catalog;
    this.gauges = Map.copyOf(gauges);
    this.counters = Map.copyOf(counters);
  }

  /// Counts HTTP requests.
  public LongAdder httpRequests() {
    return httpRequests;
  }

  /// All numbers as Prometheus reads them.
  public synchronized String scrape() {
    PrometheusMeterRegistry all = registry;
    if (all == null) {
      all = nodeRegistry();
      registry = all;
    }
    for (Catalog.NamedGroup group : catalog.groups()) {
      boolean isNew = statistics.put(group.name(), group.group().engine().statistics()) == null;
      if (isNew) {
        register(group.name(), all);
      }
    }
    return all.scrape();
  }

  private PrometheusMeterRegistry nodeRegistry() {
    var all = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(all);
    new JvmThreadMetrics().bindTo(all);
    FunctionCounter.builder("henge.http.requests", httpRequests, LongAdder::sum)
        .description("HTTP requests")
        .register(all);
    gauges.forEach((name, value) -> Gauge.builder("henge." + name, value).register(all));
    counters.forEach((name, value) ->
        FunctionCounter.builder("henge." + name, value, number -> number.get().doubleValue())
            .register(all));
    return all;
  }

  private void register(String group, PrometheusMeterRegistry all) {
    Tags tags = Tags.of("group", group);
    for (EngineNumber number : ENGINE_NUMBERS) {
      String name = "henge.engine." + number.name();
      ToDoubleFunction<Map<String, EngineStatistics>> value =
          read -> number.value().applyAsDouble(read.get(group));
      if (number.counts()) {
        FunctionCounter.builder(name, statistics, value)
            .tags(tags)
            .description(number.doc())
            .register(all);
      } else {
        Gauge.builder(name, statistics, value).tags(tags).description(number.doc()).register(all);
      }
    }
  }

  private static EngineNumber gauge(
      String name, String doc, ToDoubleFunction<EngineStatistics> value) {
    return new EngineNumber(name, doc, false, value);
  }

  private static EngineNumber counter(
      String name, String doc, ToDoubleFunction<EngineStatistics> value) {
    return new EngineNumber(name, doc, true, value);
  }
}
