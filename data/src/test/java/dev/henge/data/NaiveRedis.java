package dev.henge.data;

import static dev.henge.data.ScratchGroup.string;

import dev.henge.base.Slots;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What Redis answers, written on maps and strings, as naively as it can be: bits are texts of `0`
/// and `1`, times are compared when asked for, everything else is a string operation. Answers are
/// in the form of [ScratchGroup#text].
final class NaiveRedis {
  private static final String WRONG_INTEGER = "ERR value is not an integer or out of range";
  private static final String TOO_LARGE =
      "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
  private static final String BAD_BIT_OFFSET = "ERR bit offset is not an integer or out of range";

  private record Value(String text, @Nullable Long expiry, String encoding, long revision) {}

  private final List<Map<String, Value>> databases = new ArrayList<>();
  private final Scope.Limits limits;

  // of the operation being evaluated
  private Map<String, Value> keys = new HashMap<>();
  private long now;
  private long revision;

  NaiveRedis(Scope.Limits limits) {
    this.limits = limits;
    for (int database = 0; database < 16; database++) {
      databases.add(new HashMap<>());
    }
  }

  String apply(int database, Operation operation, long timeMillis, long newRevision) {
    now = timeMillis;
    revision = newRevision;
    for (Map<String, Value> each : databases) {
      each.values().removeIf(value -> value.expiry != null && value.expiry <= now);
    }
    keys = databases.get(database);
    return switch (operation) {
      case Operation.Get(byte[] key) -> quoted(keys.get(string(key)));
      case Operation.GetObject(byte[] key) -> {
        Value value = keys.get(string(key));
        yield value == null
            ? "nil"
            : "found '%s' %d %d"
                .formatted(value.text, value.revision, value.expiry == null ? 0 : value.expiry);
      }
      case Operation.GetMany(var many) ->
          many.stream()
              .map(key -> quoted(keys.get(string(key))))
              .collect(Collectors.joining(", ", "[", "]"));
      case Operation.GetRange(byte[] key, long start, long end) ->
          "'" + slice(textOf(key), start, end) + "'";
      case Operation.StringLength(byte[] key) -> "" + textOf(key).length();
      case Operation.Set set -> set(set);
      case Operation.SetMany set -> setMany(set);
      case Operation.GetAndDelete(byte[] key) -> quoted(keys.remove(string(key)));
      case Operation.GetAndExpire(byte[] key, Expiry expiry) -> {
        Value old = keys.get(string(key));
        if (old != null && !(expiry instanceof Expiry.Keep)) {
          Long at = expiry instanceof Expiry.None ? null : expiry(expiry, old);
          if (!Objects.equals(at, old.expiry)) {
            store(key, old.text, at, old.encoding);
          }
        }
        yield quoted(old);
      }
      case Operation.Append(byte[] key, byte[] suffix) -> {
        String text = textOf(key) + string(suffix);
        if (text.length() > limits.valueBytesMax()) {
          yield TOO_LARGE;
        }
        boolean isNew = !keys.containsKey(string(key));
        yield grown(key, text, isNew ? encodingOf(text) : "raw");
      }
      case Operation.SetRange(byte[] key, long offset, byte[] value) -> {
        String old = textOf(key);
        if (value.length == 0) {
          yield "" + old.length();
        }
        if (offset + value.length > limits.valueBytesMax()) {
          yield TOO_LARGE;
        }
        var text = new StringBuilder(old);
        text.setLength(Math.max(text.length(), (int) offset + value.length));
        text.replace((int) offset, (int) offset + value.length, string(value));
        yield grown(key, text.toString(), "raw");
      }
      case Operation.Increment(byte[] key, long delta, boolean decrement) -> {
        String text = keys.containsKey(string(key)) ? textOf(key) : "0";
        if (!isInteger(text)) {
          yield WRONG_INTEGER;
        }
        BigInteger sum = new BigInteger(text).add(BigInteger.valueOf(delta));
        if (decrement && delta == Long.MIN_VALUE) {
          yield "ERR decrement would overflow";
        }
        if (sum.bitLength() > 63) {
          yield "ERR increment or decrement would overflow";
        }
        String failure = grown(key, sum.toString(), "int");
        yield failure.startsWith("ERR") ? failure : sum.toString();
      }
      case Operation.IncrementFloat increment -> throw new UnsupportedOperationException();

      case Operation.GetBit(byte[] key, long offset) -> {
        String bits = bits(textOf(key));
        yield offset < bits.length() ? "" + bits.charAt((int) offset) : "0";
      }
      case Operation.SetBit(byte[] key, long offset, int bit) ->
          offset / 8 >= limits.valueBytesMax() ? BAD_BIT_OFFSET : setBit(key, (int) offset, bit);
      case Operation.BitCount(byte[] key, long start, long end, boolean inBits) ->
          "" + range(key, start, end, inBits).chars().filter(bit -> bit == '1').count();
      case Operation.BitPosition find -> bitPosition(find);
      case Operation.BitCombine combine -> combine(combine);
      case Operation.BitFields(byte[] key, var fields) -> fields(key, fields, true);
      case Operation.ReadBitFields(byte[] key, var fields) -> fields(key, fields, false);

      case Operation.Delete(var many) ->
          "" + many.stream().filter(key -> keys.remove(string(key)) != null).count();
      case Operation.DeleteIf(byte[] key, Condition condition) -> {
        Value old = keys.get(string(key));
        if (old == null) {
          yield "written false 0 nil";
        }
        if (!holds(condition, old)) {
          yield "written false " + old.revision + " nil";
        }
        keys.remove(string(key));
        yield "written true 0 nil";
      }
      case Operation.CountExisting(var many) ->
          "" + many.stream().filter(key -> keys.containsKey(string(key))).count();
      case Operation.TypeOf(byte[] key) -> keys.containsKey(string(key)) ? "string" : "none";
      case Operation.EncodingOf(byte[] key) -> {
        Value value = keys.get(string(key));
        yield value == null ? "nil" : value.encoding;
      }
      case Operation.MemoryUsage usage -> throw new UnsupportedOperationException();
      case Operation.Rename rename -> rename(rename);
      case Operation.Copy copy -> copy(database, copy);
      case Operation.Expire expire -> expire(expire);
      case Operation.ExpiryOf(byte[] key) -> "" + expiryOf(key);
      case Operation.RemainingOf(byte[] key) -> {
        long expiry = expiryOf(key);
        yield "" + (expiry < 0 ? expiry : expiry - now);
      }
      case Operation.Persist(byte[] key) -> {
        Value old = keys.get(string(key));
        if (old == null || old.expiry == null) {
          yield "0";
        }
        store(key, old.text, null, old.encoding);
        yield "1";
      }
      case Operation.Dump dump -> throw new UnsupportedOperationException();
      case Operation.Restore restore -> throw new UnsupportedOperationException();
      case Operation.RandomKey random -> throw new UnsupportedOperationException();
      case Operation.Keys(byte[] pattern) -> {
        var regex =
            Pattern.compile(string(pattern).replace("{", "\\{").replace("*", ".*"), Pattern.DOTALL);
        yield inOrder().stream()
            .filter(key -> regex.matcher(key).matches())
            .map(key -> "'" + key + "'")
            .collect(Collectors.joining(", ", "[", "]"));
      }
      case Operation.Scan scan -> throw new UnsupportedOperationException();
      case Operation.CountKeys count -> "" + keys.size();
      case Operation.CountKeysInSlot(int slot) ->
          "" + keys.keySet().stream().filter(key -> slot(key) == slot).count();
      case Operation.Flush(boolean all) -> {
        (all ? databases : List.of(keys)).forEach(Map::clear);
        yield "OK";
      }
      case Operation.SwapDatabases(int first, int second) -> {
        Collections.swap(databases, first, second);
        yield "OK";
      }
      case Operation.Transaction(var steps, var watches) ->
          steps.stream()
              .map(step -> apply(step.database(), step.operation(), timeMillis, newRevision))
              .collect(Collectors.joining(", ", "[", "]"));
    };
  }

  private String set(Operation.Set set) {
    if (set.key().length > limits.keyBytesMax()) {
      return keyTooLong(set.key());
    }
    if (set.value().length > limits.valueBytesMax()) {
      return valueTooLong(set.value().length);
    }
    Value old = keys.get(string(set.key()));
    String previous = set.previous() ? quoted(old) : "nil";
    if (!holds(set.condition(), old)) {
      return "written false " + (old == null ? 0 : old.revision) + " " + previous;
    }
    String text = string(set.value());
    store(set.key(), text, expiry(set.expiry(), old), encodingOf(text));
    boolean there = keys.containsKey(string(set.key()));
    return "written true " + (there ? revision : 0) + " " + previous;
  }

  private String setMany(Operation.SetMany set) {
    List<byte[]> pairs = set.keysAndValues();
    for (int i = 0; i < pairs.size(); i += 2) {
      if (pairs.get(i).length > limits.keyBytesMax()) {
        return keyTooLong(pairs.get(i));
      }
      if (pairs.get(i + 1).length > limits.valueBytesMax()) {
        return valueTooLong(pairs.get(i + 1).length);
      }
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      if (set.onlyIfAbsent() && keys.containsKey(string(pairs.get(i)))) {
        return "0";
      }
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      String text = string(pairs.get(i + 1));
      store(pairs.get(i), text, expiry(Expiry.NONE, null), encodingOf(text));
    }
    return set.onlyIfAbsent() ? "1" : "OK";
  }

  private boolean holds(Condition condition, @Nullable Value old) {
    return switch (condition) {
      case Condition.Always always -> true;
      case Condition.Absent absent -> old == null;
      case Condition.Present present -> old != null;
      case Condition.ValueIs(byte[] value) -> old != null && old.text.equals(string(value));
      case Condition.RevisionIs(long wanted) -> old != null && old.revision == wanted;
      case Condition.RevisionIsNot(long unwanted) -> old == null || old.revision != unwanted;
      case Condition.RevisionAmong(List<Long> wanted) ->
          old != null && wanted.contains(old.revision);
      case Condition.AllOf(List<Condition> all) -> all.stream().allMatch(one -> holds(one, old));
    };
  }

  private String rename(Operation.Rename rename) {
    Value value = keys.get(string(rename.from()));
    if (value == null) {
      return "ERR no such key";
    }
    if (string(rename.from()).equals(string(rename.to()))) {
      return rename.onlyIfAbsent() ? "0" : "OK";
    }
    if (rename.to().length > limits.keyBytesMax()) {
      return keyTooLong(rename.to());
    }
    if (rename.onlyIfAbsent() && keys.containsKey(string(rename.to()))) {
      return "0";
    }
    keys.remove(string(rename.from()));
    store(rename.to(), value.text, value.expiry, value.encoding);
    return rename.onlyIfAbsent() ? "1" : "OK";
  }

  private String copy(int database, Operation.Copy copy) {
    int target = copy.targetDatabase() < 0 ? database : copy.targetDatabase();
    Value value = keys.get(string(copy.from()));
    if (target == database && string(copy.from()).equals(string(copy.to()))) {
      return "ERR source and destination objects are the same";
    }
    if (copy.to().length > limits.keyBytesMax()) {
      return keyTooLong(copy.to());
    }
    keys = databases.get(target);
    if (value == null || (keys.containsKey(string(copy.to())) && !copy.replace())) {
      return "0";
    }
    store(copy.to(), value.text, value.expiry, value.encoding);
    return "1";
  }

  private String expire(Operation.Expire expire) {
    Value old = keys.get(string(expire.key()));
    if (old == null) {
      return "0";
    }
    Long wanted = Objects.requireNonNull(expiry(expire.expiry(), old));
    double before = old.expiry == null ? Double.POSITIVE_INFINITY : old.expiry;
    Operation.ExpireCondition when = expire.condition();
    boolean holds =
        (!when.absent() || old.expiry == null)
            && (!when.present() || old.expiry != null)
            && (!when.greater() || wanted > before)
            && (!when.less() || wanted < before);
    if (holds) {
      store(expire.key(), old.text, wanted, old.encoding);
    }
    return holds ? "1" : "0";
  }

  private String setBit(byte[] key, int offset, int bit) {
    String old = bits(textOf(key));
    var bits = new StringBuilder(old);
    while (bits.length() <= offset) {
      bits.append("00000000");
    }
    char before = bits.charAt(offset);
    bits.setCharAt(offset, bit == 1 ? '1' : '0');
    String failure = changedBits(key, old, bits.toString());
    return failure.isEmpty() ? "" + before : failure;
  }

  /// What did not change keeps its revision.
  private String changedBits(byte[] key, String old, String bits) {
    Value value = keys.get(string(key));
    boolean same = value != null && bits.equals(old) && value.encoding.equals("raw");
    String failure = same ? "" : grown(key, fromBits(bits), "raw");
    return failure.startsWith("ERR") ? failure : "";
  }

  private String range(byte[] key, long start, long end, boolean inBits) {
    String text = textOf(key);
    return inBits ? slice(bits(text), start, end) : bits(slice(text, start, end));
  }

  /// BITPOS compares only what was cut to what is there.
  private String lenientRange(byte[] key, long start, long end, boolean inBits) {
    int length = textOf(key).length() * (inBits ? 8 : 1);
    return range(key, Math.max(start, -length), Math.max(end, -length), inBits);
  }

  private String bitPosition(Operation.BitPosition find) {
    Value value = keys.get(string(find.key()));
    if (value == null) {
      return find.bit() == 0 ? "0" : "-1";
    }
    long end = find.end() == null ? -1 : find.end();
    String range = lenientRange(find.key(), find.start(), end, find.inBits());
    String all = bits(value.text);
    int first = range.indexOf(find.bit() == 0 ? '0' : '1');
    if (first >= 0) {
      long length = find.inBits() ? all.length() : value.text.length();
      long start = find.start() < 0 ? Math.max(0, length + find.start()) : find.start();
      return "" + (first + start * (find.inBits() ? 1 : 8));
    }
    return find.bit() == 0 && find.end() == null && !range.isEmpty() ? "" + all.length() : "-1";
  }

  private String combine(Operation.BitCombine combine) {
    List<String> sources = combine.sources().stream().map(key -> bits(textOf(key))).toList();
    int length = sources.stream().mapToInt(String::length).max().orElse(0);
    if (length == 0) {
      keys.remove(string(combine.target()));
      return "0";
    }
    var result = new StringBuilder();
    for (int i = 0; i < length; i++) {
      int position = i;
      long ones =
          sources.stream()
              .filter(bits -> position < bits.length() && bits.charAt(position) == '1')
              .count();
      boolean one =
          switch (combine.operator()) {
            case AND -> ones == sources.size();
            case OR -> ones > 0;
            case XOR -> ones % 2 == 1;
            case NOT -> ones == 0;
          };
      result.append(one ? '1' : '0');
    }
    if (combine.target().length > limits.keyBytesMax()) {
      return keyTooLong(combine.target());
    }
    store(combine.target(), fromBits(result.toString()), expiry(Expiry.NONE, null), "raw");
    return "" + length / 8;
  }

  private String fields(byte[] key, List<Operation.BitField> fields, boolean writes) {
    String old = bits(textOf(key));
    var bits = new StringBuilder(old);
    for (Operation.BitField field : fields) {
      while (field.kind() != Operation.BitField.Kind.GET
          && bits.length() < field.offset() + field.bits()) {
        bits.append("00000000");
      }
    }
    if (bits.length() / 8 > limits.valueBytesMax() && writes) {
      return BAD_BIT_OFFSET;
    }
    List<String> answers = new ArrayList<>();
    for (Operation.BitField field : fields) {
      String padded = bits + "0".repeat(Math.max(0, (int) field.offset() + field.bits()));
      int at = (int) field.offset();
      BigInteger before = number(padded.substring(at, at + field.bits()), field.signed());
      BigInteger size = BigInteger.TWO.pow(field.bits());
      BigInteger low = field.signed() ? size.divide(BigInteger.TWO).negate() : BigInteger.ZERO;
      BigInteger high = low.add(size).subtract(BigInteger.ONE);
      BigInteger operand = BigInteger.valueOf(field.operand());
      boolean set = field.kind() == Operation.BitField.Kind.SET;
      if (set && !field.signed() && operand.signum() < 0) {
        operand = operand.add(BigInteger.TWO.pow(64));
      }
      BigInteger after = set ? operand : before.add(operand);
      if (field.kind() == Operation.BitField.Kind.GET) {
        answers.add(before.toString());
        continue;
      }
      if (after.compareTo(low) < 0 || after.compareTo(high) > 0) {
        switch (field.overflow()) {
          case WRAP -> after = after.subtract(low).mod(size).add(low);
          case SATURATE -> {
            // far below the range Redis's difference overflows
            boolean far = high.subtract(after).bitLength() > 63 && set && field.signed();
            after = after.compareTo(low) < 0 && !far ? low : high;
          }
          case FAIL -> {
            answers.add("nil");
            continue;
          }
        }
      }
      String digits = after.mod(size).toString(2);
      bits.replace(at, at + field.bits(), "0".repeat(field.bits() - digits.length()) + digits);
      answers.add((set ? before : after).toString());
    }
    String failure = writes ? changedBits(key, old, bits.toString()) : "";
    return failure.isEmpty() ? "[" + String.join(", ", answers) + "]" : failure;
  }

  private static BigInteger number(String bits, boolean signed) {
    BigInteger value = new BigInteger(bits, 2);
    return signed && bits.charAt(0) == '1'
        ? value.subtract(BigInteger.TWO.pow(bits.length()))
        : value;
  }

  private static String bits(String text) {
    return text.chars()
        .mapToObj(one -> Integer.toBinaryString(0x100 | one).substring(1))
        .collect(Collectors.joining());
  }

  private static String fromBits(String bits) {
    var text = new StringBuilder();
    for (int i = 0; i < bits.length(); i += 8) {
      text.append((char) Integer.parseInt(bits.substring(i, i + 8), 2));
    }
    return text.toString();
  }

  /// GETRANGE's own words: negative from the end, cut to what is there.
  private static String slice(String text, long start, long end) {
    int length = text.length();
    if (start < 0 && end < 0 && start > end) {
      return "";
    }
    long from = start < 0 ? Math.max(0, length + start) : start;
    long to = Math.min(end < 0 ? Math.max(0, length + end) : end, length - 1);
    return from > to ? "" : text.substring((int) from, (int) to + 1);
  }

  /// Changes a value in place: its expiry stays.
  private String grown(byte[] key, String text, String encoding) {
    if (key.length > limits.keyBytesMax()) {
      return keyTooLong(key);
    }
    Value old = keys.get(string(key));
    store(key, text, expiry(old == null ? Expiry.NONE : Expiry.KEEP, old), encoding);
    return "" + text.length();
  }

  private void store(byte[] key, String text, @Nullable Long expiry, String encoding) {
    if (expiry != null && expiry <= now) {
      keys.remove(string(key));
    } else {
      keys.put(string(key), new Value(text, expiry, encoding, revision));
    }
  }

  private @Nullable Long expiry(Expiry expiry, @Nullable Value old) {
    Long byDefault = limits.defaultTtlMillis() == 0 ? null : now + limits.defaultTtlMillis();
    return switch (expiry) {
      case Expiry.None none -> byDefault;
      case Expiry.Keep keep -> old == null ? byDefault : old.expiry;
      case Expiry.At(long millis) -> Long.valueOf(millis);
      case Expiry.In(long millis) ->
          Long.valueOf(millis > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + millis);
    };
  }

  private long expiryOf(byte[] key) {
    Value value = keys.get(string(key));
    return value == null ? -2 : value.expiry == null ? -1 : value.expiry;
  }

  private String textOf(byte[] key) {
    Value value = keys.get(string(key));
    return value == null ? "" : value.text;
  }

  private static String quoted(@Nullable Value value) {
    return value == null ? "nil" : "'" + value.text + "'";
  }

  private static String encodingOf(String text) {
    return isInteger(text) ? "int" : text.length() <= 44 ? "embstr" : "raw";
  }

  private static boolean isInteger(String text) {
    try {
      return Long.toString(Long.parseLong(text)).equals(text);
    } catch (NumberFormatException none) {
      return false;
    }
  }

  private List<String> inOrder() {
    return keys.keySet().stream()
        .sorted(Comparator.comparing(NaiveRedis::slot).thenComparing(key -> key))
        .toList();
  }

  private static int slot(String key) {
    return Slots.of(ScratchGroup.bytes(key));
  }

  private String keyTooLong(byte[] key) {
    return "ERR key of %d bytes is longer than the limit of %d"
        .formatted(key.length, limits.keyBytesMax());
  }

  private String valueTooLong(int bytes) {
    return "ERR value of %d bytes is longer than the limit of %d"
        .formatted(bytes, limits.valueBytesMax());
  }
}
