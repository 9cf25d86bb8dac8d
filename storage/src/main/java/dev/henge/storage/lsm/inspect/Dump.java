package dev.henge.storage.lsm.inspect;

import java.io.IOException;
import java.util.HexFormat;

/// Prints a file field by field: offset, bytes if wanted, meaning.
///
/// - Shape: offset right-aligned in 10 columns; with bytes, 8 of them in hexadecimal a line; then
///   what they mean. A line about bytes that are not shown (inside a compressed block) has a place
///   such as `+12` for the offset.
/// - Errors: [IOException] is the target's.
/// - Threads: one.
public final class Dump {
  private static final int HEX_BYTES = 8;
  private static final int HEX_COLUMNS = HEX_BYTES * 3 - 1;

  private final Appendable out;
  private final DumpOptions options;

  public Dump(Appendable out, DumpOptions options) {
    this.out = out;
    this.options = options;
  }

  public DumpOptions options() {
    return options;
  }

  /// A line of its own.
  public void title(String text) throws IOException {
    out.append(text).append('\n');
  }

  /// Bytes of the file and what they mean.
  ///
  /// @param offset in the file
  /// @param bytes holds them in `[from, from + count)`
  public void field(long offset, byte[] bytes, int from, int count, String meaning)
      throws IOException {
    if (!options.hex()) {
      line(Long.toString(offset), "", meaning);
      return;
    }
    for (int done = 0; done == 0 || done < count; done += HEX_BYTES) {
      int end = Math.min(done + HEX_BYTES, count);
      String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, from + done, from + end);
      line(Long.toString(offset + done), hex, done == 0 ? meaning : "");
    }
  }

  /// What something means whose bytes are not shown.
  public void note(String place, String meaning) throws IOException {
    line(place, "", meaning);
  }

  /// Bytes as text in quotes: printable ASCII as it is, all else escaped, cut where the options
  /// say.
  public String text(byte[] bytes) {
    return text(bytes, 0, bytes.length);
  }

  /// As [#text(byte[])], of `[from, from + count)`.
  public String text(byte[] bytes, int from, int count) {
    int shown = Math.min(count, options.textBytesMax());
    var text = new StringBuilder(shown + 2).append('"');
    for (int i = from; i < from + shown; i++) {
      int one = bytes[i] & 0xff;
      switch (one) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          if (one >= ' ' && one < 0x7f) {
            text.append((char) one);
          } else {
            text.append("\\x").append(HexFormat.of().toHexDigits((byte) one));
          }
        }
      }
    }
    text.append('"');
    if (shown < count) {
      text.append("... (").append(count).append(" bytes)");
    }
    return text.toString();
  }

  /// How a checksum compares.
  public static String crc(int stored, int computed) {
    return stored == computed
        ? String.format("CRC32C %08x", stored)
        : String.format("DAMAGED: CRC32C %08x stored, %08x computed", stored, computed);
  }

  private void line(String place, String hex, String meaning) throws IOException {
    String line =
        options.hex()
            ? String.format("%10s  %-" + HEX_COLUMNS + "s  %s", place, hex, meaning)
            : String.format("%10s  %s", place, meaning);
    out.append(line.stripTrailing()).append('\n');
  }
}
