package dev.henge.data;

import static dev.henge.data.ScratchGroup.bytes;

import java.util.List;

/// At least one of each operation and reply, with every variant of what it can hold.
final class CodecSamples {
  private static final byte[] KEY = bytes("k");
  private static final byte[] VALUE = bytes("v\0\377");

  private CodecSamples() {}

  static List<Operation> operations() {
    return List.of(
        new Operation.Get(bytes("key")),
        new Operation.Get(new byte[0]),
        new Operation.GetObject(KEY),
        new Operation.GetMany(List.of(KEY, bytes("other"))),
        new Operation.GetRange(KEY, 0, -1),
        new Operation.StringLength(KEY),
        new Operation.Set(KEY, VALUE, Expiry.NONE, Condition.ALWAYS, false),
        new Operation.Set(KEY, VALUE, Expiry.KEEP, Condition.ABSENT, true),
        new Operation.Set(KEY, VALUE, new Expiry.At(1_767_225_600_000L), Condition.PRESENT, true),
        new Operation.Set(
            KEY, VALUE, new Expiry.In(10), new Condition.ValueIs(bytes("old")), false),
        new Operation.Set(KEY, VALUE, Expiry.NONE, new Condition.RevisionIs(300), false),
        new Operation.Set(KEY, VALUE, Expiry.NONE, new Condition.RevisionIsNot(1), false),
        new Operation.DeleteIf(KEY, new Condition.RevisionAmong(List.of(300L, 7L))),
        new Operation.DeleteIf(
            KEY, new Condition.AllOf(List.of(Condition.PRESENT, new Condition.RevisionIsNot(1)))),
        new Operation.SetMany(List.of(KEY, VALUE, bytes("l"), bytes("w")), false),
        new Operation.SetMany(List.of(KEY, VALUE), true),
        new Operation.GetAndDelete(KEY),
        new Operation.GetAndExpire(KEY, new Expiry.In(1000)),
        new Operation.Append(KEY, VALUE),
        new Operation.SetRange(KEY, 200, VALUE),
        new Operation.Increment(KEY, Long.MIN_VALUE, true),
        new Operation.Increment(KEY, 1, false),
        new Operation.IncrementFloat(KEY, "1.5e3"),
        new Operation.GetBit(KEY, 4_294_967_295L),
        new Operation.SetBit(KEY, 7, 1),
        new Operation.BitCount(KEY, 1, -2, true),
        new Operation.BitPosition(KEY, 0, 3, null, false),
        new Operation.BitPosition(KEY, 1, 3, -1L, true),
        new Operation.BitCombine(Operation.BitOperator.AND, KEY, List.of(KEY, bytes("l"))),
        new Operation.BitCombine(Operation.BitOperator.OR, KEY, List.of(KEY)),
        new Operation.BitCombine(Operation.BitOperator.XOR, KEY, List.of(KEY)),
        new Operation.BitCombine(Operation.BitOperator.NOT, KEY, List.of(KEY)),
        new Operation.BitFields(
            KEY,
            List.of(
                field(Operation.BitField.Kind.GET, Operation.BitField.Overflow.WRAP, true, 64),
                field(Operation.BitField.Kind.SET, Operation.BitField.Overflow.SATURATE, false, 63),
                field(
                    Operation.BitField.Kind.INCREMENT, Operation.BitField.Overflow.FAIL, true, 1))),
        new Operation.ReadBitFields(
            KEY,
            List.of(
                field(Operation.BitField.Kind.GET, Operation.BitField.Overflow.WRAP, false, 8))),
        new Operation.Delete(List.of(KEY, bytes("l"))),
        new Operation.DeleteIf(KEY, new Condition.RevisionIs(5)),
        new Operation.CountExisting(List.of(KEY, KEY)),
        new Operation.TypeOf(KEY),
        new Operation.EncodingOf(KEY),
        new Operation.MemoryUsage(KEY),
        new Operation.Rename(KEY, bytes("l"), true),
        new Operation.Copy(KEY, bytes("l"), -1, true),
        new Operation.Copy(KEY, KEY, 15, false),
        new Operation.Expire(KEY, new Expiry.In(-1), Operation.ExpireCondition.ALWAYS),
        new Operation.Expire(
            KEY, new Expiry.At(1), new Operation.ExpireCondition(false, true, true, false)),
        new Operation.Expire(
            KEY, new Expiry.At(1), new Operation.ExpireCondition(true, false, false, true)),
        new Operation.ExpiryOf(KEY),
        new Operation.RemainingOf(KEY),
        new Operation.Persist(KEY),
        new Operation.Dump(KEY),
        new Operation.Restore(KEY, VALUE, 100, true, false),
        new Operation.Restore(KEY, VALUE, 0, false, true),
        new Operation.RandomKey(),
        new Operation.Keys(bytes("a*")),
        new Operation.Scan(ScanPosition.START, null, new byte[0], 10, null),
        new Operation.Scan(
            new ScanPosition(12714, bytes("greeting")), bytes("g*"), bytes("gr"), -1, "string"),
        new Operation.CountKeys(),
        new Operation.CountKeysInSlot(16383),
        new Operation.Flush(false),
        new Operation.Flush(true),
        new Operation.SwapDatabases(0, 15),
        new Operation.Transaction(List.of(), List.of()),
        new Operation.Transaction(
            List.of(
                new Operation.Step(-1, new Operation.Get(KEY)),
                new Operation.Step(15, new Operation.Delete(List.of(KEY)))),
            List.of(
                new Operation.Watch(0, 1, KEY, 300),
                new Operation.Watch(-1, 1024, bytes("absent"), 0))));
  }

  static List<Reply> replies() {
    Reply.Bytes value = new Reply.Bytes(VALUE);
    return List.of(
        Reply.OK,
        Reply.NOTHING,
        new Reply.Number(0),
        new Reply.Number(Long.MIN_VALUE),
        new Reply.Word("string"),
        value,
        new Reply.Many(List.of()),
        new Reply.Many(List.of(value, Reply.NOTHING, new Reply.Many(List.of(Reply.ONE)))),
        new Reply.Written(false, 0, null),
        new Reply.Written(true, 300, value),
        new Reply.Written(true, 300, new Reply.Bytes(new byte[0])),
        new Reply.Found(value, 300, 1_767_225_600_000L),
        new Reply.Found(value, 1, 0),
        new Reply.ScanPage(List.of(), null),
        new Reply.ScanPage(List.of(value, new Reply.Bytes(KEY)), new ScanPosition(12714, KEY)),
        new Reply.ScanPage(List.of(), ScanPosition.START),
        Reply.Failure.WRONG_TYPE);
  }

  private static Operation.BitField field(
      Operation.BitField.Kind kind,
      Operation.BitField.Overflow overflow,
      boolean signed,
      int bits) {
    return new Operation.BitField(kind, signed, bits, 9, -3, overflow);
  }
}
