package dev.henge.benchmark.engine;

import dev.henge.benchmark.engine.Store.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// One engine, measured once, in this process: what [EngineBench] starts for each engine and round.
/// Says each [Result] on its output stream.
///
/// The process first does everything on a small scratch store, so that no engine is measured while
/// its code is still being compiled.
@Command(
    name = "engine-run",
    hidden = true,
    description = "Measures one engine in this process.",
    mixinStandardHelpOptions = true)
public final class EngineRun implements Callable<Integer> {
  private static final long SCRATCH_PAIRS = 100_000;
  private static final double SCRATCH_SECONDS = 0.5;
  private static final int SCANNED = 10;

  @Option(names = "--engine", required = true, description = "${COMPLETION-CANDIDATES}")
  private EngineKind engine = EngineKind.NOTHING;

  @Option(names = "--directory", required = true, description = "An empty directory for the data.")
  private Path directory = Path.of("");

  @Mixin private EngineOptions options = new EngineOptions();

  private final Meter meter = new Meter();

  @Override
  public Integer call() throws IOException {
    EngineOptions scratch =
        options
            .withPairs(Math.min(SCRATCH_PAIRS, options.pairs))
            .withSeconds(Math.min(SCRATCH_SECONDS, options.seconds));
    say("progress\twarming up");
    new Run(scratch, subdirectory("scratch"), result -> {}).everything();
    new Run(options, subdirectory("data"), result -> say(result.encode())).everything();
    return 0;
  }

  private Path subdirectory(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private static void say(String line) {
    System.out.println(line);
  }

  /// All lines on one set of data.
  private final class Run {
    private final EngineOptions options;
    private final Path data;
    private final Consumer<Result> report;
    private final Workload workload;

    private Run(EngineOptions options, Path data, Consumer<Result> report) {
      this.options = options;
      this.data = data;
      this.report = report;
      this.workload = new Workload(options.pairs);
    }

    private void everything() throws IOException {
      try (Store store = open(options.cacheBytes())) {
        say("about\t" + store.describe());
        fill(store);
        if (options.lines.contains(Line.OVERWRITE)) {
          overwrite(store);
        }
        reads(store, false);
      }
      try (Store store = open(options.fittingCacheBytes())) {
        readAll(store);
        reads(store, true);
      }
    }

    private Store open(long cacheBytes) throws IOException {
      return engine.open(new Store.Settings(data, cacheBytes, options.roomBytes(), options.synced));
    }

    private void fill(Store store) throws IOException {
      say("progress\t" + Line.FILL.title());
      long startNanos = System.nanoTime();
      Result filled =
          meter.measure(
              Line.FILL,
              false,
              1,
              workload.pairs(),
              Double.MAX_VALUE,
              store,
              (session, thread) -> {
                Writer writer = new Writer(session);
                long[] index = {0};
                return () -> writer.write(index[0]++, 0);
              });
      report.accept(filled);
      store.settle();
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      report.accept(
          new Result(
              Line.FILL_SETTLED,
              false,
              workload.pairs() / seconds,
              Double.NaN,
              Double.NaN,
              Double.NaN));
    }

    private void overwrite(Store store) throws IOException {
      say("progress\t" + Line.OVERWRITE.title());
      report.accept(
          meter.measure(
              Line.OVERWRITE,
              false,
              1,
              workload.pairs(),
              Double.MAX_VALUE,
              store,
              (session, thread) -> {
                Writer writer = new Writer(session);
                Workload.Sequence sequence = workload.sequence(1);
                return () -> writer.write(sequence.next(), 1);
              }));
      store.settle();
    }

    private void reads(Store store, boolean fits) throws IOException {
      read(Line.GET, fits, gets(2), store);
      read(
          Line.MISSING,
          fits,
          (session, thread) -> {
            Workload.Sequence sequence = workload.sequence(20 + thread);
            byte[] key = new byte[Workload.KEY_BYTES];
            return () -> {
              workload.missingKey(sequence.next(), key);
              if (session.get(key) != null) {
                throw new IllegalStateException("a key that was never written has a value");
              }
            };
          },
          store);
      read(
          Line.SCAN,
          fits,
          (session, thread) -> {
            Workload.Sequence sequence = workload.sequence(40 + thread);
            byte[] key = new byte[Workload.KEY_BYTES];
            return () -> {
              workload.key(sequence.next(), key);
              if (session.scan(key, SCANNED) == 0) {
                throw new IllegalStateException("a scan saw nothing");
              }
            };
          },
          store);
      if (options.lines.contains(Line.READ_WHILE_WRITING)) {
        readWhileWriting(store, fits);
      }
    }

    /// Random gets, checked.
    ///
    /// @param stream of the first thread's random keys; each further thread has the next one
    private Meter.OperationFactory gets(int stream) {
      return (session, thread) -> {
        Workload.Sequence sequence = workload.sequence(stream + thread);
        byte[] key = new byte[Workload.KEY_BYTES];
        return () -> {
          long index = sequence.next();
          workload.key(index, key);
          verify(index, session.get(key));
        };
      };
    }

    private void read(Line line, boolean fits, Meter.OperationFactory factory, Store store)
        throws IOException {
      if (!options.lines.contains(line)) {
        return;
      }
      say("progress\t" + line.title() + (fits ? ", cache holds all" : ""));
      meter.measure(
          line, fits, options.readers, Long.MAX_VALUE, options.warmUpSeconds(), store, factory);
      report.accept(
          meter.measure(
              line, fits, options.readers, Long.MAX_VALUE, options.seconds, store, factory));
    }

    private void readWhileWriting(Store store, boolean fits) throws IOException {
      try (var writer = new PacedWriter(store.session(), workload, options.writeRate)) {
        writer.start();
        read(Line.READ_WHILE_WRITING, fits, gets(60), store);
        report.accept(
            new Result(Line.PACED_WRITER, fits, writer.stop(), Double.NaN, Double.NaN, Double.NaN));
      }
      store.settle();
    }

    /// Reads every pair once, so that a cache that can hold them does.
    private void readAll(Store store) throws IOException {
      try (Session session = store.session()) {
        byte[] key = new byte[Workload.KEY_BYTES];
        for (long index = 0; index < workload.pairs(); index++) {
          workload.key(index, key);
          verify(index, session.get(key));
        }
      }
    }

    private void verify(long index, byte @Nullable [] value) {
      if (engine != EngineKind.NOTHING) {
        workload.verify(index, value);
      }
    }

    /// - Threads: one.
    private final class Writer {
      private final Session session;
      private final byte[] key = new byte[Workload.KEY_BYTES];
      private final byte[] value = new byte[Workload.VALUE_BYTES];

      private Writer(Session session) {
        this.session = session;
      }

      private void write(long index, long version) throws IOException {
        workload.key(index, key);
        workload.value(index, version, value);
        session.put(key, value);
      }
    }
  }
}
