package dev.henge.benchmark.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Memory and processor time of a process and its children, from `/proc`.
///
/// @param residentBytes pages in memory now, together
/// @param residentBytesMax the most that each has had, together
/// @param cpuSeconds user and system time so far, together
public record ProcessUse(long residentBytes, long residentBytesMax, double cpuSeconds) {
  /// Ticks of `/proc/PID/stat`: fixed for programs on Linux, whatever the kernel's own.
  private static final double TICKS_PER_SECOND = 100;

  private static final ProcessUse NONE = new ProcessUse(0, 0, 0);

  /// What `process` uses now; zeros once it has ended.
  public static ProcessUse of(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants())
        .map(ProcessUse::ofOne)
        .reduce(
            NONE,
            (a, b) ->
                new ProcessUse(
                    a.residentBytes + b.residentBytes,
                    a.residentBytesMax + b.residentBytesMax,
                    a.cpuSeconds + b.cpuSeconds));
  }

  /// Processor seconds since `before`.
  public double cpuSecondsSince(ProcessUse before) {
    return cpuSeconds - before.cpuSeconds;
  }

  private static ProcessUse ofOne(ProcessHandle process) {
    Path directory = Path.of("/proc", Long.toString(process.pid()));
    try {
      List<String> status = Files.readAllLines(directory.resolve("status"));
      String stat = Files.readString(directory.resolve("stat"));
      // The name in parentheses may hold spaces; user and system time are the 12th and 13th behind
      // it.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      double ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return new ProcessUse(
          bytes(status, "VmRSS:"), bytes(status, "VmHWM:"), ticks / TICKS_PER_SECOND);
    } catch (IOException ended) {
      return NONE;
    }
  }

  private static long bytes(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElse(0);
  }
}
