package dev.henge.benchmark.cluster;

import dev.henge.benchmark.report.ProcessUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Processes that were started here, each with a file for what it says, and that end with this one.
///
/// - Threads: one.
public final class Processes implements AutoCloseable {
  private static final int STOP_SECONDS = 60;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private record Started(String command, Process process, Path log) {}

  /// Whether something has come true.
  public interface Condition {
    boolean holds() throws IOException;
  }

  private final List<Started> started = new ArrayList<>();

  /// Starts it.
  ///
  /// @param log gets what it says, behind what is there
  public Process start(Path log, ProcessBuilder builder) throws IOException {
    String command = String.join(" ", builder.command());
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    started.add(new Started(command, process, log));
    return process;
  }

  /// Waits until `condition` holds; failing to connect meanwhile counts as not yet.
  public void await(String what, int seconds, Condition condition) throws IOException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Exception last = null;
    while (System.nanoTime() < endNanos) {
      for (Started each : started) {
        if (!each.process.isAlive()) {
          throw new IOException(
              each.command + " ended:\n" + String.join("\n", Files.readAllLines(each.log)));
        }
      }
      try {
        if (condition.holds()) {
          return;
        }
      } catch (IOException | RuntimeException e) {
        last = e;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException(what + ": not within " + seconds + " s", last);
  }

  /// `process` has been ended on purpose.
  public void forget(Process process) {
    started.removeIf(each -> each.process == process);
  }

  /// Sends `SIG` and `name` to a process.
  public static void signal(Process process, String name) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("signal " + name + " was not sent");
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  /// What those use that run, together.
  public ProcessUse use() {
    long resident = 0;
    long most = 0;
    double cpu = 0;
    for (Started each : started) {
      ProcessUse use = ProcessUse.of(each.process.toHandle());
      resident += use.residentBytes();
      most += use.residentBytesMax();
      cpu += use.cpuSeconds();
    }
    return new ProcessUse(resident, most, cpu);
  }

  @Override
  public void close() throws IOException {
    for (Started each : started) {
      // A paused process would not hear that it should end.
      if (each.process.isAlive()) {
        signal(each.process, "CONT");
      }
      each.process.destroy();
    }
    try {
      for (Started each : started) {
        if (!each.process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          each.process.destroyForcibly().waitFor();
        }
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }
}
