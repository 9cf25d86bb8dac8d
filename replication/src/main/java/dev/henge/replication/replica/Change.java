package dev.henge.replication.replica;

import dev.henge.replication.causality.VersionVector;
import org.jspecify.annotations.Nullable;

/// What somebody wants done to a key at the replica that coordinates it.
///
/// A context is what the author has read of the key, in the answer to an earlier request; without
/// one the author has read nothing.
@SuppressWarnings("ArrayRecordComponent") // never compared
public sealed interface Change {
  /// The key shall have this value.
  ///
  /// Without a context it replaces the one version that the coordinator holds; where that one holds
  /// several, it stands beside them, in the place of an earlier one of this kind.
  ///
  /// @param flags of [dev.henge.replication.causality.Version] without `BLIND`
  /// @param expiryMillis wall-clock milliseconds since the epoch; 0 for never
  record Put(@Nullable VersionVector context, int flags, long expiryMillis, byte[] value)
      implements Change {}

  /// What the author has read shall be gone.
  record Delete(VersionVector context) implements Change {}

  /// `delta` shall be added to the counter that the key is, from 0 where it is nothing.
  record Add(long delta) implements Change {}

  /// The one version that is there, or the counter, shall expire at that time, and be as it was
  /// else.
  ///
  /// @param expiryMillis wall-clock milliseconds since the epoch; 0 for never
  record Expire(long expiryMillis) implements Change {}
}
