package dev.henge.simulation.workload;

import dev.henge.simulation.check.Call;
import dev.henge.simulation.check.Linearizability;
import dev.henge.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Everything that clients did and saw, by key, and what is wrong with it.
///
/// - Threads: the simulation's.
public final class History {
  private final World world;
  private final Map<String, List<Call>> calls = new TreeMap<>();
  private final List<String> violations = new ArrayList<>();
  private long answeredCount;
  private long unknownCount;
  private long refusedCount;

  public History(World world) {
    this.world = world;
  }

  /// @param key with its keyspace, so that it stands for one object
  public void add(String key, Call call) {
    calls.computeIfAbsent(key, any -> new ArrayList<>()).add(call);
    world.trace().add(key);
    world.trace().add(call.endNanos());
    world.trace().add(String.valueOf(call.answer()));
  }

  /// One operation, of any number of keys, was answered.
  public void countAnswered() {
    answeredCount++;
  }

  /// The fate of one operation will never be known to its client.
  public void countUnknown() {
    unknownCount++;
  }

  /// One operation was given up, and surely not done.
  public void countRefused() {
    refusedCount++;
  }

  public void violation(String text) {
    violations.add(text);
  }

  public long answeredCount() {
    return answeredCount;
  }

  public long unknownCount() {
    return unknownCount;
  }

  public long refusedCount() {
    return refusedCount;
  }

  /// Keys that were touched.
  public List<String> keys() {
    return List.copyOf(calls.keySet());
  }

  public List<Call> calls(String key) {
    return calls.getOrDefault(key, List.of());
  }

  /// What clients saw go wrong, then what no order of the calls explains.
  public List<String> judge() {
    var found = new ArrayList<>(violations);
    calls.forEach((key, list) ->
        Linearizability.violation(list)
            .ifPresent(text -> found.add("key " + key + " is not linearizable: " + text)));
    return found;
  }
}
