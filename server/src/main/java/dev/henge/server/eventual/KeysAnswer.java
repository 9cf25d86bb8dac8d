package dev.henge.server.eventual;

import dev.henge.data.ScanPosition;
import dev.henge.replication.causality.Version;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a walk over the keys of an eventual keyspace found.
public sealed interface KeysAnswer {
  /// A key and what lives under it.
  ///
  /// @param kinds of its live versions; at least one
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record LiveKey(byte[] key, Set<Version.Kind> kinds) {}

  /// @param keys in (slot, key) order; may be empty though there are more
  /// @param next where to go on; null at the end
  record Page(List<LiveKey> keys, @Nullable ScanPosition next) implements KeysAnswer {}

  /// @param keys that live
  record Count(long keys) implements KeysAnswer {}

  /// No copy of some slot can be reached now.
  record Unavailable(String why) implements KeysAnswer {}

  /// Too much is under way.
  record Overloaded(String why) implements KeysAnswer {}
}
