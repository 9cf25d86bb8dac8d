package dev.henge.consensus.metadata;

import dev.henge.base.FormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads what [FieldWriter] wrote.
///
/// - Errors: a [FormatException] that says what was expected where.
public final class FieldReader {
  /// Reads one item of a list.
  public interface Item<T> {
    T read() throws FormatException;
  }

  private final String what;
  private final byte[] bytes;
  private int position;

  /// @param what is read, for messages
  /// @param bytes borrowed
  public FieldReader(String what, byte[] bytes) {
    this.what = what;
    this.bytes = bytes;
  }

  /// Unsigned.
  int oneByte() throws FormatException {
    need(1);
    return bytes[position++] & 0xff;
  }

  public int number() throws FormatException {
    need(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value |= (bytes[position++] & 0xff) << (8 * i);
    }
    return value;
  }

  public long longNumber() throws FormatException {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value |= (bytes[position++] & 0xffL) << (8 * i);
    }
    return value;
  }

  public String text() throws FormatException {
    int size = count();
    String value = new String(bytes, position, size, StandardCharsets.UTF_8);
    position += size;
    return value;
  }

  public <E extends Enum<E>> E word(Class<E> type) throws FormatException {
    String name = text();
    for (E candidate : type.getEnumConstants()) {
      if (candidate.name().toLowerCase(Locale.ROOT).equals(name)) {
        return candidate;
      }
    }
    throw failure("'" + name + "' is no " + type.getSimpleName());
  }

  public <T> List<T> list(Item<T> item) throws FormatException {
    int size = count();
    var items = new ArrayList<T>();
    for (int i = 0; i < size; i++) {
      items.add(item.read());
    }
    return items;
  }

  /// Nothing may follow.
  public void end() throws FormatException {
    if (position != bytes.length) {
      throw failure((bytes.length - position) + " bytes too many");
    }
  }

  public FormatException failure(String found) {
    return new FormatException(what + ", at byte " + position + ": " + found);
  }

  /// A count of things that take at least a byte each.
  private int count() throws FormatException {
    int count = number();
    if (count < 0 || count > bytes.length - position) {
      throw failure("count " + count + ", " + (bytes.length - position) + " bytes are left");
    }
    return count;
  }

  private void need(int more) throws FormatException {
    if (bytes.length - position < more) {
      throw failure("ends too early");
    }
  }
}
