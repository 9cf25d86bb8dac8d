package dev.henge.cli;

import dev.henge.cli.process.OtherProgram;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `henge bench`: the benchmark program as a process with its own class path, for the peers that it
/// measures have no place in a server.
@Command(
    name = "bench",
    header = "Measure Henge beside its peers.",
    description = {
      "'henge bench engine' measures the storage engine against RocksDB and LMDB, 'henge bench"
          + " resp' a server against Redis, 'henge bench strong' and 'henge bench eventual' three"
          + " nodes against etcd and Cassandra. 'henge bench --help' lists all.",
    })
final class BenchCommand implements Callable<Integer> {
  private static final String MAIN = "dev.henge.benchmark.Main";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Passed on as they are.")
  private List<String> arguments = List.of();

  BenchCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return OtherProgram.run("henge.benchmark.classpath", List.of(), MAIN, arguments);
  }
}
