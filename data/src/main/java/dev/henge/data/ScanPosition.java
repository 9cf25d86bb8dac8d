package dev.henge.data;

import org.jspecify.annotations.Nullable;

/// A place in the (slot, key) order of a keyspace: everything up to and including it has been seen.
///
/// @param slot the slot to go on in
/// @param afterKey the last user key seen in that slot; null when the slot has not been begun
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ScanPosition(int slot, byte @Nullable [] afterKey) {
  public static final ScanPosition START = new ScanPosition(0, null);
}
