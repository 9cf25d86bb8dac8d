package dev.henge.simulation.eventual;

import java.util.List;
import java.util.stream.Collectors;

/// All that clients did to a key, and what was left in the end, when every copy agreed.
///
/// @param latest whether of concurrent values only the latest stays
/// @param strict whether only owners' copies count
/// @param owners copies that there are
/// @param replicas how many there ever were that could coordinate
/// @param damages disks that were lost or damaged in all
/// @param delivered whether every hint has come to its target, so that it counts as a copy
/// @param end what is left
record KeyHistory(
    String key,
    boolean latest,
    boolean strict,
    int owners,
    int replicas,
    int damages,
    boolean delivered,
    List<Deed> deeds,
    Deed.Values end) {
  /// For a report.
  String text() {
    return "key "
        + key
        + (latest ? ", the latest wins" : "")
        + (strict ? ", strict" : "")
        + ", "
        + owners
        + " copies, in the end "
        + end
        + "\n  "
        + deeds.stream().map(Deed::toString).collect(Collectors.joining("\n  "));
  }
}
