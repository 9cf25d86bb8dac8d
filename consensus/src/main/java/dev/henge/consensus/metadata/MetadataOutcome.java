package dev.henge.consensus.metadata;

/// What became of a command.
public sealed interface MetadataOutcome {
  /// The epoch after the command.
  long epoch();

  /// It made this epoch.
  ///
  /// @param subject number of the member, id of the keyspace or group that it was about
  record Changed(long epoch, long subject) implements MetadataOutcome {}

  /// It was so already.
  record Unchanged(long epoch, long subject) implements MetadataOutcome {}

  /// Nothing was done.
  ///
  /// @param text for people
  record Refused(long epoch, Refusal refusal, String text) implements MetadataOutcome {}

  /// Why a command was refused. The codes are persisted: never renumber.
  enum Refusal {
    /// There is no cluster yet.
    NOT_FOUNDED(1),
    /// There is one already.
    ALREADY_FOUNDED(2),
    /// The node was removed: it never comes back under that id.
    BARRED(3),
    UNKNOWN_MEMBER(4),
    UNKNOWN_GROUP(5),
    /// A group needs a voter.
    LAST_VOTER(6),
    /// A cluster needs a member that stays.
    LAST_MEMBER(7),
    /// The member's state does not allow it.
    WRONG_STATE(8),
    /// Groups or rings still count on the member.
    IN_USE(9),
    /// The keyspace is there, declared differently.
    DIFFERS(10),
    /// As many as there may be are there.
    TOO_MANY(11),
    /// It was decided by an older epoch and no longer fits: look again.
    STALE(12),
    /// It can never be right.
    INVALID(13),
    /// There is no such eventual keyspace.
    UNKNOWN_KEYSPACE(14),
    /// The declaration asks for what this version does not do with several replicas.
    NOT_SERVED(15);

    private final int code;

    Refusal(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }
  }
}
