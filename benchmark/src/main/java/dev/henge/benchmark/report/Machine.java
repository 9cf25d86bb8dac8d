package dev.henge.benchmark.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The machine under a measurement, in one paragraph.
public final class Machine {
  private Machine() {}

  public static String describe() {
    return String.join(
        "; ",
        field("/proc/cpuinfo", "model name", ':')
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores",
        "memory " + field("/proc/meminfo", "MemTotal", ':'),
        field("/etc/os-release", "PRETTY_NAME", '=').replace("\"", ""),
        "Linux " + System.getProperty("os.version"),
        "Java " + System.getProperty("java.vm.version"),
        "load before " + load());
  }

  private static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String field(String file, String name, char separator) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(separator) + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
