package dev.henge.base.ring;

import dev.henge.base.Invariant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// How many copies there are of each slot: so many in all, or so many in each data centre.
///
/// @param total in all; where data centres are named, their sum
/// @param perDataCentre by name; empty where only the total counts
public record Copies(int total, SortedMap<String, Integer> perDataCentre) {
  /// Most copies of one slot.
  public static final int MAX = 15;

  public Copies {
    perDataCentre = Collections.unmodifiableSortedMap(new TreeMap<>(perDataCentre));
    Invariant.check(total >= 1 && total <= MAX, "a slot has 1 to " + MAX + " copies");
  }

  /// So many in all, spread over data centres and racks as evenly as they allow.
  public static Copies of(int total) {
    return new Copies(total, new TreeMap<>());
  }

  /// So many in each data centre, and none in one that is not named.
  public static Copies perDataCentre(SortedMap<String, Integer> counts) {
    return new Copies(counts.values().stream().mapToInt(Integer::intValue).sum(), counts);
  }
}
