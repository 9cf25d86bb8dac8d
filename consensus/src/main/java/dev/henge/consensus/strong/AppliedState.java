package dev.henge.consensus.strong;

import dev.henge.base.Invariant;
import dev.henge.data.StoredKey;
import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import dev.henge.storage.Reader;
import java.io.IOException;

/// How far an engine has come: stored in it, in the same batch as what the last command changed.
///
/// @param index of the entry applied last, or begun
/// @param term of that entry
/// @param offset of the last command applied within it, where the entry is not complete
/// @param complete whether all its commands are applied
/// @param revision of the last command: rises by one with each
/// @param nowMillis time of the last command
record AppliedState(
    long index, long term, int offset, boolean complete, long revision, long nowMillis) {
  static final AppliedState EMPTY = new AppliedState(0, 0, 0, true, 0, 0);

  /// Persisted. A program that knows less refuses the record.
  private static final int LAYOUT = 1;

  AppliedState {
    Invariant.check(index >= 0 && offset >= 0 && revision >= 0, "nothing is counted below 0");
  }

  static byte[] storedKey() {
    return StoredKey.system(StoredKey.APPLIED, new byte[0]);
  }

  /// The last entry that is applied as a whole: replay begins behind it.
  long wholeIndex() {
    return complete ? index : index - 1;
  }

  /// Whether the command at this place has been applied.
  boolean covers(long commandIndex, int commandOffset) {
    return commandIndex < index || commandIndex == index && (complete || commandOffset <= offset);
  }

  byte[] encode() {
    return new CodecWriter(32)
        .one(LAYOUT)
        .varint(index)
        .varint(term)
        .varint(offset)
        .flags(complete)
        .varint(revision)
        .signed(nowMillis)
        .toBytes();
  }

  /// What the reader's engine says; [#EMPTY] where it says nothing.
  static AppliedState load(Reader reader) throws IOException {
    byte[] record = reader.get(storedKey());
    if (record == null) {
      return EMPTY;
    }
    var in = new CodecReader("applied record", record);
    in.version(LAYOUT);
    long index = in.varint();
    long term = in.varint();
    int offset = in.between(0, Integer.MAX_VALUE);
    boolean complete = in.flags(1) != 0;
    long revision = in.varint();
    long nowMillis = in.signed();
    in.end();
    if (index < 0 || revision < 0) {
      throw in.damaged("a number is negative");
    }
    return new AppliedState(index, term, offset, complete, revision, nowMillis);
  }
}
