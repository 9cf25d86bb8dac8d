package dev.henge.base.ring;

import java.util.List;
import java.util.TreeMap;

/// How many copies of one slot each data centre and each rack may have: as even as the numbers of
/// their servers allow, so that losing one place loses as few copies as can be.
///
/// First data centres are levelled (or have a number of their own), then racks within each. So
/// copies are in different racks where there are as many racks as copies.
///
/// - Invariant: every [Place] has an interval of at most two numbers, and any distinct servers
///   within all intervals are level. The intervals nest, so they are bounds of a flow network:
///   whole loads that keep them in sum always have a placement of slots that keeps them in each.
/// - Threads: immutable.
final class Spread {
  private final Place root = Place.ofParts();
  private final Place[] rackOf;
  private final Place[] centreOf;

  /// Of each rack's and data centre's place: what its parts have at the least.
  private final int[] baseOf;

  private final int rootBase;

  /// @param servers in the order by which they are numbered
  Spread(List<RingServer> servers, Copies copies) {
    var centres = new TreeMap<String, Place>();
    var racks = new TreeMap<String, TreeMap<String, Place>>();
    rackOf = new Place[servers.size()];
    centreOf = new Place[servers.size()];
    for (int i = 0; i < rackOf.length; i++) {
      RingServer server = servers.get(i);
      centreOf[i] = centres.computeIfAbsent(server.dataCentre(), name -> Place.ofParts());
      rackOf[i] =
          racks
              .computeIfAbsent(server.dataCentre(), name -> new TreeMap<>())
              .computeIfAbsent(server.rack(), name -> Place.ofParts());
      rackOf[i].parts.add(Place.ofServer(i, server.capacity()));
    }
    racks.forEach((name, inside) ->
        centres.computeIfAbsent(name, missing -> Place.ofParts()).parts.addAll(inside.values()));
    root.parts.addAll(centres.values());
    if (copies.perDataCentre().isEmpty()) {
      int all = Math.min(copies.total(), servers.size());
      root.level(all, all);
    } else {
      centres.forEach((name, centre) -> {
        centre.most = Math.min(copies.perDataCentre().getOrDefault(name, 0), centre.size());
        centre.least = centre.most;
        root.most += centre.most;
      });
      root.least = root.most;
    }
    centres.values().forEach(centre -> centre.level(centre.least, centre.most));
    rootBase = root.partsLeast();
    baseOf = new int[rackOf.length];
    for (int i = 0; i < baseOf.length; i++) {
      baseOf[i] = centreOf[i].partsLeast();
    }
  }

  Place root() {
    return root;
  }

  /// Copies of each slot.
  int copies() {
    return root.most;
  }

  /// Whether the first `count` of `servers`, all different, can be copies of one slot, together
  /// with others that are still missing.
  boolean allows(int[] servers, int count) {
    int wanted = rootBase;
    for (int i = 0; i < count; i++) {
      Place centre = centreOf[servers[i]];
      if (isFirst(servers, i, centreOf)) {
        int inCentre = inCentre(servers, count, i);
        if (inCentre < 0) {
          return false;
        }
        wanted += inCentre - centre.least;
      }
    }
    return wanted <= root.most;
  }

  /// The fewest copies that the data centre of `servers[first]` can end with; -1 where it has, or a
  /// rack of it, too many.
  private int inCentre(int[] servers, int count, int first) {
    Place centre = centreOf[servers[first]];
    int wanted = baseOf[servers[first]];
    for (int i = first; i < count; i++) {
      if (centreOf[servers[i]] == centre && isFirst(servers, i, rackOf)) {
        Place rack = rackOf[servers[i]];
        int inRack = 0;
        for (int j = i; j < count; j++) {
          inRack += rackOf[servers[j]] == rack ? 1 : 0;
        }
        if (inRack > rack.most) {
          return -1;
        }
        wanted += Math.max(0, inRack - rack.least);
      }
    }
    wanted = Math.max(wanted, centre.least);
    return wanted > centre.most ? -1 : wanted;
  }

  private static boolean isFirst(int[] servers, int index, Place[] placeOf) {
    for (int i = 0; i < index; i++) {
      if (placeOf[servers[i]] == placeOf[servers[index]]) {
        return false;
      }
    }
    return true;
  }
}
