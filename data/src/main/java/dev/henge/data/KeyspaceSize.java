package dev.henge.data;

import dev.henge.storage.Engine;
import dev.henge.storage.Reader;

/// How many keys a keyspace has, without a walk over all of them: counted where there are few, else
/// estimated from what the engine knows of its tables and from the first keys in their order.
///
/// @param keys live keys
/// @param expiring those of them that have an expiry
/// @param ttlMillisMean what the expiring ones have left to live, on average; 0 where there are
///   none
/// @param exact whether everything was counted
public record KeyspaceSize(long keys, long expiring, long ttlMillisMean, boolean exact) {
  /// Looks at no more than `walkedMax` objects. May read the disk.
  ///
  /// @param scope its keyspace and time
  /// @param reader of `engine`, with the disk
  public static KeyspaceSize of(Scope scope, Engine engine, Reader reader, int walkedMax) {
    KeyRange range = KeyRange.ofKeyspace(scope.keyspaceId());
    long walked = 0;
    long alive = 0;
    long expiring = 0;
    double ttlMillis = 0;
    boolean exact = true;
    try (var walk = new ObjectWalk(reader, range, scope.now())) {
      while (walk.next()) {
        if (walked++ == walkedMax) {
          exact = false;
          break;
        }
        long expiryMillis = walk.expiryMillis();
        if (expiryMillis == 0 || expiryMillis > scope.now()) {
          alive++;
          if (expiryMillis != 0) {
            expiring++;
            ttlMillis += expiryMillis - scope.now();
          }
        }
      }
    }
    long mean = expiring == 0 ? 0 : Math.round(ttlMillis / expiring);
    if (exact) {
      return new KeyspaceSize(alive, expiring, mean, true);
    }
    double stored = Math.max(walkedMax, engine.entryCountEstimate(range.start(), range.end()));
    double scale = stored / walkedMax;
    return new KeyspaceSize(Math.round(alive * scale), Math.round(expiring * scale), mean, false);
  }
}
