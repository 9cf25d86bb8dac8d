package dev.henge.simulation.eventual;

import dev.henge.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Everything that clients did and saw.
///
/// - Threads: the simulation's.
final class EventualHistory {
  /// @param keyspace its number
  record Place(int keyspace, String key) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      return keyspace != other.keyspace
          ? Integer.compare(keyspace, other.keyspace)
          : key.compareTo(other.key);
    }

    @Override
    public String toString() {
      return keyspace + "/" + key;
    }
  }

  private final World world;
  private final Map<Place, List<Deed>> deeds = new TreeMap<>();
  private final Set<Place> unjudged = new TreeSet<>();
  private long answeredCount;
  private long unknownCount;
  private long refusedCount;
  private int siblingsMost;

  EventualHistory(World world) {
    this.world = world;
  }

  void add(Place place, Deed deed) {
    deeds.computeIfAbsent(place, any -> new ArrayList<>()).add(deed);
    count(deed.outcome());
    siblingsMost = Math.max(siblingsMost, deed.after().times().size());
    world.trace().add(place.toString());
    world.trace().add(deed.toString());
  }

  /// Something was done to a key whose history nobody can judge, because clocks that jump decide
  /// when it ends: copies must agree on it all the same.
  void addUnjudged(Place place, Deed.Outcome outcome) {
    unjudged.add(place);
    count(outcome);
    world.trace().add(place.toString());
    world.trace().add(outcome.name());
  }

  private void count(Deed.Outcome outcome) {
    switch (outcome) {
      case DONE -> answeredCount++;
      case UNKNOWN -> unknownCount++;
      case REFUSED -> refusedCount++;
    }
  }

  long answeredCount() {
    return answeredCount;
  }

  long unknownCount() {
    return unknownCount;
  }

  long refusedCount() {
    return refusedCount;
  }

  /// The most values that anybody was shown of one key.
  int siblingsMost() {
    return siblingsMost;
  }

  /// Keys whose history is judged.
  Set<Place> judged() {
    return deeds.keySet();
  }

  /// All keys that were touched.
  Set<Place> all() {
    var all = new TreeSet<>(unjudged);
    all.addAll(deeds.keySet());
    return all;
  }

  List<Deed> deeds(Place place) {
    return deeds.getOrDefault(place, List.of());
  }
}
