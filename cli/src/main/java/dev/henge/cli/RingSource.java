package dev.henge.cli;

import dev.henge.base.Disk;
import dev.henge.base.ring.Copies;
import dev.henge.base.ring.RingServer;
import dev.henge.base.system.SystemDisk;
import dev.henge.cli.terminal.UserError;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.MetadataStateMachine;
import dev.henge.server.store.DataDirectoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Which servers a ring has: options that describe them, or say where they are described.
final class RingSource {
  /// A ring is of servers, not of slots.
  private static final int SERVERS_MAX = 10_000;

  @Option(
      names = "--servers",
      paramLabel = "COUNT",
      defaultValue = "5",
      description = "How many, numbered from 1. Default: ${DEFAULT-VALUE}.")
  private int count = 5;

  @Option(
      names = "--capacity",
      paramLabel = "LIST",
      split = ",",
      description = "Their capacities, in turn and over again. Default: 1.")
  private List<Double> capacities = new ArrayList<>();

  @Option(
      names = "--racks",
      paramLabel = "LIST",
      split = ",",
      description = "Their racks, in turn and over again. Default: no racks.")
  private List<String> racks = new ArrayList<>();

  @Option(
      names = "--centres",
      paramLabel = "LIST",
      split = ",",
      description = "Their data centres, in turn and over again. Default: one.")
  private List<String> centres = new ArrayList<>();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description =
          "Read them from a file: on each line a number, then what is not as usual, as in"
              + " '7 capacity=2,dc=eu,rack=r1'; '#' begins a comment.")
  private @Nullable Path file;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Take the members as the metadata in a node's data directory has them.")
  private @Nullable Path data;

  @Option(
      names = "--cluster",
      description = "Take the members of the running cluster at --host and --port.")
  private boolean cluster;

  @Mixin private HttpTarget target = new HttpTarget();

  RingSource() {}

  /// At least one, each id once.
  List<RingServer> servers() throws IOException {
    List<RingServer> servers = found();
    Set<Long> ids = new HashSet<>();
    for (RingServer server : servers) {
      if (!ids.add(server.id())) {
        throw UserError.usage("server " + server.id() + " is there twice");
      }
    }
    if (servers.isEmpty() || servers.size() > SERVERS_MAX) {
      throw UserError.usage(servers.size() + " servers: there must be 1 to " + SERVERS_MAX);
    }
    return servers;
  }

  private List<RingServer> found() throws IOException {
    if (cluster) {
      return running();
    }
    if (data != null) {
      return stored(new SystemDisk(), data);
    }
    return file == null ? described() : read(file);
  }

  private List<RingServer> described() {
    List<RingServer> servers = new ArrayList<>();
    for (int i = 0; i < Math.min(count, SERVERS_MAX + 1); i++) {
      double capacity = capacities.isEmpty() ? 1 : capacities.get(i % capacities.size());
      servers.add(server(i + 1, capacity, turn(centres, i), turn(racks, i)));
    }
    return servers;
  }

  private List<RingServer> running() throws IOException {
    JsonNode status = target.send("GET", "/v1/cluster", null).expect(200).json();
    List<RingServer> servers = new ArrayList<>();
    for (JsonNode member : status.path("members")) {
      if (!member.path("state").asString("").equals("leaving")) {
        servers.add(
            server(
                member.path("number").asLong(0),
                member.path("capacity").asDouble(1),
                member.path("dataCentre").asString(""),
                member.path("rack").asString("")));
      }
    }
    return servers;
  }

  private static List<RingServer> stored(Disk disk, Path directory) throws IOException {
    Path metadata = directory.resolve(DataDirectoryFiles.METADATA);
    if (!disk.exists(metadata)) {
      throw UserError.usage("there is no metadata in " + directory);
    }
    List<RingServer> servers = new ArrayList<>();
    for (Member member : MetadataStateMachine.read(disk, metadata).members().values()) {
      if (member.state() != Member.State.LEAVING) {
        var location = member.node().location();
        servers.add(
            server(
                member.number(), member.node().capacity(), location.dataCentre(), location.rack()));
      }
    }
    return servers;
  }

  private static List<RingServer> read(Path file) throws IOException {
    List<RingServer> servers = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] words = line.replaceAll("#.*", "").strip().split("\\s+", 2);
      if (!words[0].isEmpty()) {
        try {
          servers.add(server(Long.parseLong(words[0]), words.length == 2 ? words[1] : ""));
        } catch (NumberFormatException e) {
          throw UserError.usage(file + ": a line begins with a number, not '" + words[0] + "'");
        }
      }
    }
    return servers;
  }

  /// @param text as `capacity=2,dc=eu,rack=r1`, any part of it, or nothing
  static RingServer server(long id, String text) {
    double capacity = 1;
    String centre = "";
    String rack = "";
    for (String field : text.strip().split(",", -1)) {
      String[] parts = field.split("=", 2);
      String value = parts.length == 2 ? parts[1] : "";
      switch (parts[0].strip()) {
        case "" -> {}
        case "capacity" -> capacity = capacity(value);
        case "dc" -> centre = value;
        case "rack" -> rack = value;
        default ->
            throw UserError.usage(
                "a server is described as capacity=2,dc=eu,rack=r1, not as '" + text + "'");
      }
    }
    return server(id, capacity, centre, rack);
  }

  /// @param text a number, or `eu=3,us=2`
  static Copies copies(String text) {
    try {
      if (!text.contains("=")) {
        return Copies.of(count(text));
      }
      var counts = new TreeMap<String, Integer>();
      for (String centre : text.split(",", -1)) {
        String[] parts = centre.split("=", 2);
        counts.put(parts[0], count(parts.length == 2 ? parts[1] : ""));
      }
      return Copies.perDataCentre(counts);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw UserError.usage(
          "--copies takes a number from 1 to %d, or as many in all data centres together, as in"
                  .formatted(Copies.MAX)
              + " eu=3,us=2; not '"
              + text
              + "'");
    }
  }

  private static int count(String text) {
    int count = Integer.parseInt(text);
    if (count < 1 || count > Copies.MAX) {
      throw new IllegalArgumentException(text);
    }
    return count;
  }

  private static double capacity(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw UserError.usage("a capacity is a number, not '" + text + "'");
    }
  }

  private static RingServer server(long id, double capacity, String centre, String rack) {
    if (!(capacity > 0 && capacity <= RingServer.CAPACITY_MAX)) {
      throw UserError.usage(
          "a capacity is above 0 and at most " + RingServer.CAPACITY_MAX + ", not " + capacity);
    }
    return new RingServer(id, capacity, centre, rack);
  }

  private static String turn(List<String> names, int index) {
    return names.isEmpty() ? "" : names.get(index % names.size());
  }
}
