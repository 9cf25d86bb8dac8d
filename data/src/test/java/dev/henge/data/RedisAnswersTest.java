package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;
import static dev.henge.data.ScratchGroup.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Odd corners, each with the answer that Redis 7.0.15 gave.
final class RedisAnswersTest {
  private final ScratchGroup group = new ScratchGroup();

  @Test
  void rangesTheWrongWayRound() {
    set("k", "\377");
    answers("0", new Operation.BitPosition(bytes("k"), 1, -1, -2L, false));
    answers("0", new Operation.BitPosition(bytes("k"), 1, -3, -4L, false));
    answers("-1", new Operation.BitPosition(bytes("k"), 1, -1, -2L, true));
    answers("0", new Operation.BitCount(bytes("k"), -1, -2, false));
    answers("0", new Operation.BitCount(bytes("k"), -3, -4, false));
    answers("'\377'", new Operation.GetRange(bytes("k"), -3, -2));
    answers("'\377'", new Operation.GetRange(bytes("k"), 0, -5));
    answers("'\377'", new Operation.GetRange(bytes("k"), -5, 0));
  }

  @Test
  void zerosBehindTheEnd() {
    set("k", "\377");
    set("empty", "");
    answers("8", new Operation.BitPosition(bytes("k"), 0, 0, null, false));
    answers("-1", new Operation.BitPosition(bytes("k"), 0, 0, -1L, false));
    answers("-1", new Operation.BitPosition(bytes("k"), 0, 5, null, false));
    answers("-1", new Operation.BitPosition(bytes("empty"), 0, 0, null, false));
    answers("0", new Operation.BitPosition(bytes("absent"), 0, 5, 6L, false));
    answers("-1", new Operation.BitPosition(bytes("absent"), 1, 5, 6L, false));
  }

  @Test
  void fieldsThatOverflow() {
    var saturate = Operation.BitField.Overflow.SATURATE;
    var wrap = Operation.BitField.Overflow.WRAP;
    var fail = Operation.BitField.Overflow.FAIL;
    answers("[0]", fields("f", put(false, 8, 0, -1, saturate)));
    answers("[255]", fields("f", put(false, 8, 0, -2, wrap)));
    answers("[nil]", fields("f", put(false, 8, 0, -3, fail)));
    answers("'\376'", new Operation.Get(bytes("f")));
    answers("[nil]", fields("g", put(false, 8, 100, 300, fail)));
    answers("14", new Operation.StringLength(bytes("g")));
    answers("[0]", fields("far", put(true, 40, 80, Long.MIN_VALUE, saturate)));
    answers("'" + "\0".repeat(10) + "\177\377\377\377\377'", new Operation.Get(bytes("far")));
    long max = Long.MAX_VALUE;
    answers(
        "[" + max + ", " + max + "]",
        fields("h", add(false, 63, max, saturate), add(false, 63, 5, saturate)));
    answers("[" + max + "]", fields("h", add(false, 63, Long.MIN_VALUE, wrap)));
    answers(
        "[0, " + max + ", -1, " + Long.MIN_VALUE + "]",
        fields(
            "i",
            put(true, 64, 0, max, saturate),
            add(true, 64, max, saturate),
            add(true, 64, Long.MIN_VALUE, saturate),
            add(true, 64, Long.MIN_VALUE, saturate)));
  }

  @Test
  void encodings() {
    group.apply(new Operation.Append(bytes("k"), bytes("123")));
    encoding("int");
    group.apply(new Operation.Append(bytes("k"), bytes("")));
    encoding("raw");
    group.apply(new Operation.Increment(bytes("k"), 1, false));
    encoding("int");
    group.apply(new Operation.SetBit(bytes("k"), 0, 0));
    encoding("raw");
    group.apply(new Operation.Copy(bytes("k"), bytes("copy"), -1, false));
    group.apply(new Operation.Rename(bytes("copy"), bytes("k"), false));
    encoding("raw");
    group.apply(
        new Operation.Expire(bytes("k"), new Expiry.In(5), Operation.ExpireCondition.ALWAYS));
    encoding("raw");
    set("k", "x".repeat(44));
    encoding("embstr");
    set("k", "x".repeat(45));
    encoding("raw");
    set("k", "2");
    encoding("int");
    answers("'3'", new Operation.IncrementFloat(bytes("k"), "1"));
    encoding("embstr");
    group.apply(new Operation.Delete(List.of(bytes("k"))));
    group.apply(new Operation.SetRange(bytes("k"), 0, bytes("1")));
    encoding("raw");
  }

  @Test
  void numbersThatDoNotFit() {
    set("k", "10");
    answers(
        "ERR decrement would overflow", new Operation.Increment(bytes("k"), Long.MIN_VALUE, true));
    answers(
        "ERR increment or decrement would overflow",
        new Operation.Increment(bytes("k"), Long.MAX_VALUE, false));
    for (String text : new String[] {"", " 1", "+1", "01", "-0", "9223372036854775808", "1.0"}) {
      set("k", text);
      answers(
          "ERR value is not an integer or out of range",
          new Operation.Increment(bytes("k"), 1, false));
    }
    set("k", "text");
    answers("ERR value is not a valid float", new Operation.IncrementFloat(bytes("k"), "1"));
    set("k", "1");
    answers("ERR value is not a valid float", new Operation.IncrementFloat(bytes("k"), "one"));
    answers(
        "ERR increment would produce NaN or Infinity",
        new Operation.IncrementFloat(bytes("k"), "inf"));
  }

  @Test
  void theEmptyKeyAndPatterns() {
    set("", "v");
    answers("['']", new Operation.Keys(bytes("")));
    answers("['']", new Operation.Keys(bytes("*")));
    answers("[]", new Operation.Keys(bytes("**")));
  }

  @Test
  void memoryIsAnEstimateThatGrows() {
    answers("nil", new Operation.MemoryUsage(bytes("k")));
    set("k", "");
    long empty = ((Reply.Number) group.apply(new Operation.MemoryUsage(bytes("k")))).value();
    set("k", "x".repeat(1000));
    long full = ((Reply.Number) group.apply(new Operation.MemoryUsage(bytes("k")))).value();
    assertEquals(1000, full - empty);
  }

  private void set(String key, String value) {
    group.apply(new Operation.Set(bytes(key), bytes(value), Expiry.NONE, Condition.ALWAYS, false));
  }

  private void answers(String expected, Operation operation) {
    assertEquals(expected, text(group.apply(operation)));
  }

  private void encoding(String expected) {
    answers(expected, new Operation.EncodingOf(bytes("k")));
  }

  private static Operation fields(String key, Operation.BitField... fields) {
    return new Operation.BitFields(bytes(key), Arrays.asList(fields));
  }

  private static Operation.BitField put(
      boolean signed, int bits, long offset, long value, Operation.BitField.Overflow overflow) {
    return new Operation.BitField(
        Operation.BitField.Kind.SET, signed, bits, offset, value, overflow);
  }

  private static Operation.BitField add(
      boolean signed, int bits, long value, Operation.BitField.Overflow overflow) {
    return new Operation.BitField(
        Operation.BitField.Kind.INCREMENT, signed, bits, 0, value, overflow);
  }
}
