package dev.henge.consensus.raft;

/// One entry of a group's log.
///
/// - Shape: position and term, and bytes that Raft does not look into (but for configurations).
/// - Lifetime: immutable; the bytes are shared, nobody changes them.
public final class Entry {
  /// What an entry is. Persisted: never renumber ([#code]).
  public enum Kind {
    /// Commands for the state machine.
    COMMANDS(0),
    /// A leader's first entry in its term: empty.
    NO_OP(1),
    /// An encoded [Configuration].
    CONFIGURATION(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }

    /// @throws IllegalArgumentException for a code of no kind
    public static Kind of(int code) {
      return switch (code) {
        case 0 -> COMMANDS;
        case 1 -> NO_OP;
        case 2 -> CONFIGURATION;
        default -> throw new IllegalArgumentException("entry kind " + code);
      };
    }
  }

  /// What an entry costs besides its bytes, in every limit in bytes.
  public static final int OVERHEAD_BYTES = 48;

  private final long index;
  private final long term;
  private final Kind kind;
  private final byte[] bytes;

  /// @param index from 1
  /// @param term from 1
  /// @param bytes owned by the entry from now on
  public Entry(long index, long term, Kind kind, byte[] bytes) {
    this.index = index;
    this.term = term;
    this.kind = kind;
    this.bytes = bytes;
  }

  public long index() {
    return index;
  }

  public long term() {
    return term;
  }

  public Kind kind() {
    return kind;
  }

  /// Borrowed: do not change.
  public byte[] bytes() {
    return bytes;
  }

  /// What the entry counts for in limits.
  public int sizeBytes() {
    return bytes.length + OVERHEAD_BYTES;
  }

  @Override
  public String toString() {
    return term + "/" + index + " " + kind + " " + bytes.length + " bytes";
  }
}
