package dev.henge.data;

/// All that an operation may know of the world besides its reader.
///
/// @param keyspaceId the keyspace of the operation's keys
/// @param databaseIds keyspace ids of databases 0-15 where the keyspace is one of them, else empty;
///   borrowed, do not change
/// @param now wall-clock milliseconds: decides expiry
/// @param seed the operation's source of chance (RANDOMKEY)
/// @param revision what objects written by this operation get: above every revision of the group
///   before it, and positive
/// @param limits what is refused as too large
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Scope(
    int keyspaceId, int[] databaseIds, long now, long seed, long revision, Limits limits) {

  /// @param keyBytesMax longest user key
  /// @param valueBytesMax longest value, also of what grows by APPEND, SETRANGE or SETBIT
  /// @param defaultTtlMillis expiry given to objects written without one; 0 for none
  public record Limits(int keyBytesMax, int valueBytesMax, long defaultTtlMillis) {
    public static final Limits DEFAULT = new Limits(64 << 10, 16 << 20, 0);
  }

  /// The same moment in another keyspace.
  public Scope in(int otherKeyspaceId) {
    return new Scope(otherKeyspaceId, databaseIds, now, seed, revision, limits);
  }
}
