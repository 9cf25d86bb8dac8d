package dev.henge.base.ring;

import dev.henge.base.Invariant;

/// A server on the ring.
///
/// @param id never reused; its places on the ring follow from it
/// @param capacity how much it can hold beside others; above 0, at most [#CAPACITY_MAX]
/// @param dataCentre empty where there is one, or none is named
/// @param rack within the data centre; empty likewise
public record RingServer(long id, double capacity, String dataCentre, String rack) {
  public static final double CAPACITY_MAX = 1e9;

  public RingServer {
    Invariant.check(capacity > 0 && capacity <= CAPACITY_MAX, "a capacity is above 0");
  }

  /// A server of capacity 1 that is in no rack.
  public static RingServer of(long id) {
    return new RingServer(id, 1, "", "");
  }
}
