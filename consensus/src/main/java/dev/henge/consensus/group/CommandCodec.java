package dev.henge.consensus.group;

import dev.henge.base.FormatException;
import dev.henge.base.LittleEndian;
import java.util.Arrays;
import java.util.List;

/// The bytes of an entry that carries commands: a header that makes their evaluation the same on
/// every replica, then the commands. The layout is described in `FORMAT.md`.
final class CommandCodec {
  /// Persisted: never renumber.
  static final byte LAYOUT = 1;

  static final int HEADER_BYTES = 1 + 8 + 8 + 4;
  static final int LENGTH_BYTES = 4;

  private static final int NOW = 1;
  private static final int SEED = 9;
  private static final int COUNT = 17;

  private CommandCodec() {}

  /// @param commands from `from` (inclusive) to `to` (exclusive) are encoded
  static byte[] encode(long nowMillis, long seed, byte[][] commands, int from, int to) {
    int size = HEADER_BYTES;
    for (int i = from; i < to; i++) {
      size += LENGTH_BYTES + commands[i].length;
    }
    var bytes = new byte[size];
    bytes[0] = LAYOUT;
    LittleEndian.putLong(bytes, NOW, nowMillis);
    LittleEndian.putLong(bytes, SEED, seed);
    LittleEndian.putInt(bytes, COUNT, to - from);
    int position = HEADER_BYTES;
    for (int i = from; i < to; i++) {
      byte[] command = commands[i];
      LittleEndian.putInt(bytes, position, command.length);
      System.arraycopy(command, 0, bytes, position + LENGTH_BYTES, command.length);
      position += LENGTH_BYTES + command.length;
    }
    return bytes;
  }

  /// How many commands there are.
  static int count(byte[] bytes) throws FormatException {
    check(bytes);
    return LittleEndian.getInt(bytes, COUNT);
  }

  /// Adds the commands of an entry to `out`.
  ///
  /// @throws FormatException where the bytes are of an unknown layout or do not add up
  static void decode(long index, long term, byte[] bytes, List<StateMachine.Command> out)
      throws FormatException {
    check(bytes);
    long now = LittleEndian.getLong(bytes, NOW);
    long seed = LittleEndian.getLong(bytes, SEED);
    int count = LittleEndian.getInt(bytes, COUNT);
    int position = HEADER_BYTES;
    for (int i = 0; i < count; i++) {
      if (bytes.length - position < LENGTH_BYTES) {
        throw new FormatException("entry " + index + " ends in the length of command " + i);
      }
      int length = LittleEndian.getInt(bytes, position);
      position += LENGTH_BYTES;
      if (length < 0 || length > bytes.length - position) {
        throw new FormatException("entry " + index + ": command " + i + " of " + length + " bytes");
      }
      out.add(
          new StateMachine.Command(
              index, term, i, now, seed, Arrays.copyOfRange(bytes, position, position + length)));
      position += length;
    }
    if (position != bytes.length) {
      throw new FormatException("entry " + index + " has bytes behind its last command");
    }
  }

  private static void check(byte[] bytes) throws FormatException {
    if (bytes.length < HEADER_BYTES || bytes[0] != LAYOUT) {
      throw new FormatException("an entry of an unknown layout");
    }
  }
}
