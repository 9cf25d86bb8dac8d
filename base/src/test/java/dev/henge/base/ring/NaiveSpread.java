package dev.henge.base.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a slot's copies must look like, said without levels and intervals: no place may have two
/// copies more than another that has a server left.
final class NaiveSpread {
  private final Copies copies;
  private final Map<Long, RingServer> servers = new HashMap<>();

  /// How many servers each data centre has, and each rack of each.
  private final Map<String, Integer> centres = new TreeMap<>();

  private final Map<String, Map<String, Integer>> racks = new TreeMap<>();

  NaiveSpread(List<RingServer> all, Copies copies) {
    this.copies = copies;
    for (RingServer server : all) {
      servers.put(server.id(), server);
      centres.merge(server.dataCentre(), 1, Integer::sum);
      racks
          .computeIfAbsent(server.dataCentre(), name -> new TreeMap<>())
          .merge(server.rack(), 1, Integer::sum);
    }
  }

  /// How many copies each slot has.
  int copies() {
    if (copies.perDataCentre().isEmpty()) {
      return Math.min(copies.total(), servers.size());
    }
    return copies.perDataCentre().entrySet().stream()
        .mapToInt(each -> Math.min(each.getValue(), centres.getOrDefault(each.getKey(), 0)))
        .sum();
  }

  void check(long[] list) {
    Set<Long> distinct = new HashSet<>();
    Map<String, Integer> inCentre = new TreeMap<>();
    Map<String, Map<String, Integer>> inRack = new TreeMap<>();
    for (long id : list) {
      RingServer server = servers.get(id);
      assertNotNull(server, "a slot lies on a server that is not there");
      assertTrue(distinct.add(id), "a server has two copies of one slot");
      inCentre.merge(server.dataCentre(), 1, Integer::sum);
      inRack
          .computeIfAbsent(server.dataCentre(), name -> new TreeMap<>())
          .merge(server.rack(), 1, Integer::sum);
    }
    if (copies.perDataCentre().isEmpty()) {
      checkLevel(centres, inCentre);
    } else {
      centres.forEach((name, size) ->
          assertEquals(
              Math.min(copies.perDataCentre().getOrDefault(name, 0), size),
              inCentre.getOrDefault(name, 0),
              "copies in data centre " + name));
    }
    racks.forEach((name, sizes) -> checkLevel(sizes, inRack.getOrDefault(name, Map.of())));
  }

  private static void checkLevel(Map<String, Integer> sizes, Map<String, Integer> counts) {
    sizes.forEach((name, size) -> {
      int count = counts.getOrDefault(name, 0);
      if (count < size) {
        for (int other : counts.values()) {
          assertTrue(other <= count + 1, () -> counts + " copies in places of " + sizes);
        }
      }
    });
  }
}
