package dev.henge.data;

/// User bytes as text for a person: quoted, what is not printable ASCII as `\xNN`.
final class Printable {
  private Printable() {}

  static String of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  static String of(byte[] bytes, int offset, int length) {
    var text = new StringBuilder(length + 2).append('"');
    for (int position = offset; position < offset + length; position++) {
      byte one = bytes[position];
      if (one == '"' || one == '\\') {
        text.append('\\').append((char) one);
      } else if (one >= 0x20 && one < 0x7f) {
        text.append((char) one);
      } else {
        text.append("\\x").append(Character.forDigit((one >> 4) & 0xf, 16));
        text.append(Character.forDigit(one & 0xf, 16));
      }
    }
    return text.append('"').toString();
  }
}
