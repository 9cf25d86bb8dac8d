package dev.henge.base.ring;

import java.util.ArrayList;
import java.util.List;

/// A node of the tree of places: the whole, a data centre, a rack, or a server.
///
/// - Threads: filled by [Spread], then immutable.
final class Place {
  /// The server's number; -1 for a place that holds others.
  final int server;

  /// The server's capacity; 0 for a place that holds others.
  final double capacity;

  final List<Place> parts = new ArrayList<>();

  /// Copies of one slot that are here, at the least and at the most.
  int least;

  int most;

  private Place(int server, double capacity) {
    this.server = server;
    this.capacity = capacity;
  }

  static Place ofParts() {
    return new Place(-1, 0);
  }

  static Place ofServer(int server, double capacity) {
    var place = new Place(server, capacity);
    place.most = 1;
    return place;
  }

  boolean isServer() {
    return server >= 0;
  }

  /// How many servers are here.
  int size() {
    return isServer() ? 1 : parts.stream().mapToInt(Place::size).sum();
  }

  /// What the parts have at the least, together.
  int partsLeast() {
    return parts.stream().mapToInt(part -> part.least).sum();
  }

  /// Gives `least` to `most` copies to the parts, as evenly as their sizes allow: up to a level
  /// that is the same for all, and where a part has fewer servers, one on each.
  void level(int leastCopies, int mostCopies) {
    least = leastCopies;
    most = mostCopies;
    int low = level(leastCopies);
    boolean exact = filled(low) == leastCopies;
    int high = level(mostCopies);
    for (Place part : parts) {
      part.least = Math.min(exact ? low : low - 1, part.size());
      part.most = Math.min(high, part.size());
    }
  }

  /// The lowest level that holds `copies`.
  private int level(int copies) {
    int level = 0;
    while (filled(level) < copies) {
      level++;
    }
    return level;
  }

  private int filled(int level) {
    return parts.stream().mapToInt(part -> Math.min(level, part.size())).sum();
  }
}
