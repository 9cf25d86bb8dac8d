package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.DENYOOM;
import static dev.henge.server.resp.Command.Flag.FAST;
import static dev.henge.server.resp.Command.Flag.READONLY;
import static dev.henge.server.resp.Command.Flag.WRITE;

import dev.henge.data.Operation;
import dev.henge.data.Operation.BitField;
import dev.henge.data.Operation.BitOperator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Strings as arrays of bits.
final class BitCommands {
  private BitCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        bitmap("setbit", 4, "key offset value", "Sets a bit; returns what it was.")
            .since("2.2.0")
            .flags(WRITE, DENYOOM)
            .operation(BitCommands::setBit, Replies.INTEGER),
        bitmap("getbit", 3, "key offset", "Returns a bit.")
            .since("2.2.0")
            .flags(READONLY, FAST)
            .operation(
                request -> new Operation.GetBit(request.bytes(1), offset(request, 2, 0)),
                Replies.INTEGER),
        bitmap("bitcount", -2, "key [start end [BYTE | BIT]]", "Counts the bits that are set.")
            .since("2.6.0")
            .complexity("O(N) in the length of the value")
            .flags(READONLY)
            .operation(BitCommands::count, Replies.INTEGER),
        bitmap("bitpos", -3, "key bit [start [end [BYTE | BIT]]]", "Finds the first such bit.")
            .since("2.8.7")
            .complexity("O(N) in the length of the value")
            .flags(READONLY)
            .operation(BitCommands::position, Replies.INTEGER),
        bitmap("bitop", -4, BITOP_SYNTAX, "Combines values bit by bit and stores the result.")
            .since("2.6.0")
            .keys(2, -1, 1)
            .complexity("O(N) in the length of the longest value")
            .flags(WRITE, DENYOOM)
            .operation(BitCommands::combine, Replies.INTEGER),
        bitmap("bitfield", -2, BITFIELD_SYNTAX, "Reads and changes integers within a value.")
            .since("3.2.0")
            .complexity("O(1) for each step")
            .flags(WRITE, DENYOOM)
            .operation(request -> fields(request, false), Replies.ARRAY),
        bitmap(
                "bitfield_ro",
                -2,
                "key [GET encoding offset [GET encoding offset ...]]",
                "Reads integers within a value.")
            .since("6.0.0")
            .complexity("O(1) for each step")
            .flags(READONLY, FAST)
            .operation(request -> fields(request, true), Replies.ARRAY));
  }

  private static final String BITOP_SYNTAX = "(AND | OR | XOR | NOT) destkey key [key ...]";
  private static final String BITFIELD_SYNTAX =
      "key [GET encoding offset | OVERFLOW (WRAP | SAT | FAIL) | SET encoding offset value"
          + " | INCRBY encoding offset increment]";

  private static final String OFFSET = "ERR bit offset is not an integer or out of range";
  private static final String TYPE =
      "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64"
          + " is.";

  /// The longest value of Redis; what this keyspace takes is checked where the value is made.
  private static final long OFFSET_END = 8L * (512 << 20);

  private static Command.Builder bitmap(String name, int arity, String syntax, String summary) {
    return Command.named(name).group("bitmap").arity(arity).key().syntax(syntax).summary(summary);
  }

  /// @param bits by which an offset is multiplied that is written `#n`; 0 where that is not allowed
  private static long offset(Request request, int index, int bits) throws CommandException {
    byte[] text = request.bytes(index);
    boolean multiplied = bits > 0 && text.length > 0 && text[0] == '#';
    byte[] digits = multiplied ? Arrays.copyOfRange(text, 1, text.length) : text;
    if (!Request.isInteger(digits)) {
      throw new CommandException(OFFSET);
    }
    long offset = Request.parseInteger(digits);
    if (offset < 0 || offset >= OFFSET_END) {
      throw new CommandException(OFFSET);
    }
    if (multiplied) {
      offset *= bits;
    }
    if (offset >= OFFSET_END) {
      throw new CommandException(OFFSET);
    }
    return offset;
  }

  private static Operation setBit(Request request) throws CommandException {
    long offset = offset(request, 2, 0);
    int bit = request.integer(3, 0, 1, "ERR bit is not an integer or out of range");
    return new Operation.SetBit(request.bytes(1), offset, bit);
  }

  private static Operation count(Request request) throws CommandException {
    int count = request.count();
    if (count == 2) {
      return new Operation.BitCount(request.bytes(1), 0, -1, false);
    }
    if (count != 4 && count != 5) {
      throw CommandException.syntax();
    }
    long start = request.integer(2);
    long end = request.integer(3);
    return new Operation.BitCount(request.bytes(1), start, end, inBits(request, 4));
  }

  private static Operation position(Request request) throws CommandException {
    long bit = request.integer(2);
    if (bit != 0 && bit != 1) {
      throw new CommandException("ERR The bit argument must be 1 or 0.");
    }
    int count = request.count();
    if (count > 6) {
      throw CommandException.syntax();
    }
    long start = count > 3 ? request.integer(3) : 0;
    Long end = count > 4 ? (Long) request.integer(4) : null;
    return new Operation.BitPosition(request.bytes(1), (int) bit, start, end, inBits(request, 5));
  }

  private static boolean inBits(Request request, int index) throws CommandException {
    if (request.count() <= index) {
      return false;
    }
    if (request.is(index, "BIT")) {
      return true;
    }
    if (request.is(index, "BYTE")) {
      return false;
    }
    throw CommandException.syntax();
  }

  private static Operation combine(Request request) throws CommandException {
    BitOperator operator =
        switch (request.text(1).toUpperCase(Locale.ROOT)) {
          case "AND" -> BitOperator.AND;
          case "OR" -> BitOperator.OR;
          case "XOR" -> BitOperator.XOR;
          case "NOT" -> BitOperator.NOT;
          default -> throw CommandException.syntax();
        };
    if (operator == BitOperator.NOT && request.count() != 4) {
      throw new CommandException("ERR BITOP NOT must be called with a single source key.");
    }
    return new Operation.BitCombine(operator, request.bytes(2), request.list(3));
  }

  private static Operation fields(Request request, boolean readOnly) throws CommandException {
    var fields = new ArrayList<BitField>();
    BitField.Overflow overflow = BitField.Overflow.WRAP;
    boolean writes = false;
    int i = 2;
    while (i < request.count()) {
      int more = request.count() - 1 - i;
      BitField.Kind kind;
      if (request.is(i, "GET") && more >= 2) {
        kind = BitField.Kind.GET;
      } else if (request.is(i, "SET") && more >= 3) {
        kind = BitField.Kind.SET;
      } else if (request.is(i, "INCRBY") && more >= 3) {
        kind = BitField.Kind.INCREMENT;
      } else if (request.is(i, "OVERFLOW") && more >= 1) {
        overflow = overflow(request, i + 1);
        i += 2;
        continue;
      } else {
        throw CommandException.syntax();
      }
      byte[] encoding = request.bytes(i + 1);
      boolean signed = encoding.length > 0 && encoding[0] == 'i';
      int bits = bits(encoding, signed);
      long offset = offset(request, i + 2, bits);
      boolean get = kind == BitField.Kind.GET;
      writes |= !get;
      long operand = get ? 0 : request.integer(i + 3);
      fields.add(new BitField(kind, signed, bits, offset, operand, overflow));
      i += get ? 3 : 4;
    }
    if (writes && readOnly) {
      throw new CommandException("ERR BITFIELD_RO only supports the GET subcommand");
    }
    return writes
        ? new Operation.BitFields(request.bytes(1), fields)
        : new Operation.ReadBitFields(request.bytes(1), fields);
  }

  private static BitField.Overflow overflow(Request request, int index) throws CommandException {
    if (request.is(index, "WRAP")) {
      return BitField.Overflow.WRAP;
    }
    if (request.is(index, "SAT")) {
      return BitField.Overflow.SATURATE;
    }
    if (request.is(index, "FAIL")) {
      return BitField.Overflow.FAIL;
    }
    throw new CommandException("ERR Invalid OVERFLOW type specified");
  }

  private static int bits(byte[] encoding, boolean signed) throws CommandException {
    boolean known = encoding.length > 1 && encoding.length < 4 && (signed || encoding[0] == 'u');
    int bits = 0;
    for (int i = 1; known && i < encoding.length; i++) {
      int digit = encoding[i] - '0';
      known = digit >= 0 && digit <= 9;
      bits = bits * 10 + digit;
    }
    if (!known || encoding[1] == '0' || bits > (signed ? 64 : 63)) {
      throw new CommandException(TYPE);
    }
    return bits;
  }
}
