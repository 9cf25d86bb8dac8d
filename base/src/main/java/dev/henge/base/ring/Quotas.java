package dev.henge.base.ring;

/// How many slots each server is to hold, by its number.
///
/// @param aims what they add up to is all copies
/// @param lows no server may end below, where another choice is left
/// @param highs nor above
@SuppressWarnings("ArrayRecordComponent") // never compared
record Quotas(int[] aims, int[] lows, int[] highs) {
  int aim(int server) {
    return aims[server];
  }

  int count() {
    return aims.length;
  }
}
