package dev.henge.data.codec;

import dev.henge.base.Slots;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what [OperationWriter] wrote, and refuses what no frontend makes: what comes out can be
/// evaluated.
final class OperationReader {
  private OperationReader() {}

  static Operation read(CodecReader in) throws IOException {
    int code = in.one();
    return code == OperationCode.TRANSACTION ? transaction(in) : plain(code, in);
  }

  private static Operation plain(int code, CodecReader in) throws IOException {
    return switch (code) {
      case OperationCode.GET -> new Operation.Get(in.bytes());
      case OperationCode.GET_OBJECT -> new Operation.GetObject(in.bytes());
      case OperationCode.GET_MANY -> new Operation.GetMany(in.bytesList());
      case OperationCode.GET_RANGE -> new Operation.GetRange(in.bytes(), in.signed(), in.signed());
      case OperationCode.STRING_LENGTH -> new Operation.StringLength(in.bytes());
      case OperationCode.SET ->
          new Operation.Set(
              in.bytes(),
              in.bytes(),
              OperationParts.expiry(in),
              OperationParts.condition(in),
              in.flags(1) != 0);
      case OperationCode.SET_MANY -> setMany(in);
      case OperationCode.GET_AND_DELETE -> new Operation.GetAndDelete(in.bytes());
      case OperationCode.GET_AND_EXPIRE ->
          new Operation.GetAndExpire(in.bytes(), OperationParts.expiry(in));
      case OperationCode.APPEND -> new Operation.Append(in.bytes(), in.bytes());
      case OperationCode.SET_RANGE ->
          new Operation.SetRange(in.bytes(), OperationParts.offset(in), in.bytes());
      case OperationCode.INCREMENT ->
          new Operation.Increment(in.bytes(), in.signed(), in.flags(1) != 0);
      case OperationCode.INCREMENT_FLOAT -> new Operation.IncrementFloat(in.bytes(), in.text());
      case OperationCode.GET_BIT -> new Operation.GetBit(in.bytes(), OperationParts.bitOffset(in));
      case OperationCode.SET_BIT ->
          new Operation.SetBit(in.bytes(), OperationParts.bitOffset(in), in.between(0, 1));
      case OperationCode.BIT_COUNT ->
          new Operation.BitCount(in.bytes(), in.signed(), in.signed(), in.flags(1) != 0);
      case OperationCode.BIT_POSITION -> bitPosition(in);
      case OperationCode.BIT_COMBINE -> bitCombine(in);
      case OperationCode.BIT_FIELDS ->
          new Operation.BitFields(in.bytes(), OperationParts.fields(in, false));
      case OperationCode.READ_BIT_FIELDS ->
          new Operation.ReadBitFields(in.bytes(), OperationParts.fields(in, true));
      case OperationCode.DELETE -> new Operation.Delete(in.bytesList());
      case OperationCode.DELETE_IF ->
          new Operation.DeleteIf(in.bytes(), OperationParts.condition(in));
      case OperationCode.COUNT_EXISTING -> new Operation.CountExisting(in.bytesList());
      case OperationCode.TYPE_OF -> new Operation.TypeOf(in.bytes());
      case OperationCode.ENCODING_OF -> new Operation.EncodingOf(in.bytes());
      case OperationCode.MEMORY_USAGE -> new Operation.MemoryUsage(in.bytes());
      case OperationCode.RENAME -> new Operation.Rename(in.bytes(), in.bytes(), in.flags(1) != 0);
      case OperationCode.COPY ->
          new Operation.Copy(
              in.bytes(),
              in.bytes(),
              in.signedBetween(Integer.MIN_VALUE, Integer.MAX_VALUE),
              in.flags(1) != 0);
      case OperationCode.EXPIRE -> expire(in);
      case OperationCode.EXPIRY_OF -> new Operation.ExpiryOf(in.bytes());
      case OperationCode.REMAINING_OF -> new Operation.RemainingOf(in.bytes());
      case OperationCode.PERSIST -> new Operation.Persist(in.bytes());
      case OperationCode.DUMP -> new Operation.Dump(in.bytes());
      case OperationCode.RESTORE -> restore(in);
      case OperationCode.RANDOM_KEY -> new Operation.RandomKey();
      case OperationCode.KEYS -> new Operation.Keys(in.bytes());
      case OperationCode.SCAN -> scan(in);
      case OperationCode.COUNT_KEYS -> new Operation.CountKeys();
      case OperationCode.COUNT_KEYS_IN_SLOT ->
          new Operation.CountKeysInSlot(in.between(0, Slots.COUNT - 1));
      case OperationCode.FLUSH -> new Operation.Flush(in.flags(1) != 0);
      case OperationCode.SWAP_DATABASES ->
          new Operation.SwapDatabases(
              in.signedBetween(Integer.MIN_VALUE, Integer.MAX_VALUE),
              in.signedBetween(Integer.MIN_VALUE, Integer.MAX_VALUE));
      case OperationCode.TRANSACTION -> throw in.damaged("a transaction in a transaction");
      default -> throw in.unknown("operation", code);
    };
  }

  private static Operation setMany(CodecReader in) throws IOException {
    List<byte[]> pairs = in.bytesList();
    if (pairs.size() % 2 != 0) {
      throw in.damaged("a key without a value");
    }
    return new Operation.SetMany(pairs, in.flags(1) != 0);
  }

  private static Operation bitPosition(CodecReader in) throws IOException {
    byte[] key = in.bytes();
    int bit = in.between(0, 1);
    long start = in.signed();
    long end = in.signed();
    int flags = in.flags(2);
    @Nullable Long given = (flags & 1) == 0 ? null : (Long) end;
    return new Operation.BitPosition(key, bit, start, given, (flags & 2) != 0);
  }

  private static Operation bitCombine(CodecReader in) throws IOException {
    Operation.BitOperator operator = OperationParts.operator(in);
    byte[] target = in.bytes();
    List<byte[]> sources = in.bytesList();
    if (sources.isEmpty() || operator == Operation.BitOperator.NOT && sources.size() != 1) {
      throw in.damaged(operator + " of " + sources.size() + " strings");
    }
    return new Operation.BitCombine(operator, target, sources);
  }

  private static Operation expire(CodecReader in) throws IOException {
    byte[] key = in.bytes();
    Expiry expiry = OperationParts.expiry(in);
    if (!(expiry instanceof Expiry.At) && !(expiry instanceof Expiry.In)) {
      throw in.damaged("an expiry without a time");
    }
    int flags = in.flags(4);
    return new Operation.Expire(
        key,
        expiry,
        new Operation.ExpireCondition(
            (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0));
  }

  private static Operation restore(CodecReader in) throws IOException {
    byte[] key = in.bytes();
    byte[] payload = in.bytes();
    long ttlMillis = in.signed();
    int flags = in.flags(2);
    return new Operation.Restore(key, payload, ttlMillis, (flags & 1) != 0, (flags & 2) != 0);
  }

  private static Operation scan(CodecReader in) throws IOException {
    var from = OperationParts.position(in);
    byte[] pattern = in.bytes();
    byte[] prefix = in.bytes();
    int count = in.signedBetween(Integer.MIN_VALUE, Integer.MAX_VALUE);
    String type = in.text();
    int flags = in.flags(2);
    return new Operation.Scan(
        from, (flags & 1) == 0 ? null : pattern, prefix, count, (flags & 2) == 0 ? null : type);
  }

  private static Operation transaction(CodecReader in) throws IOException {
    int stepCount = in.count();
    List<Operation.Step> steps = new ArrayList<>(stepCount);
    for (int i = 0; i < stepCount; i++) {
      int database = OperationParts.database(in);
      steps.add(new Operation.Step(database, plain(in.one(), in)));
    }
    int watchCount = in.count();
    List<Operation.Watch> watches = new ArrayList<>(watchCount);
    for (int i = 0; i < watchCount; i++) {
      watches.add(
          new Operation.Watch(
              OperationParts.database(in),
              in.between(0, Integer.MAX_VALUE),
              in.bytes(),
              in.varint()));
    }
    return new Operation.Transaction(steps, watches);
  }
}
