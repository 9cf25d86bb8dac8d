package dev.henge.data.codec;

import dev.henge.base.Invariant;
import dev.henge.data.Operation;

/// Writes operations: code, then the fields in the order of the record. Facts (booleans, what is
/// null) share a byte of flags behind the other fields.
final class OperationWriter {
  private OperationWriter() {}

  static void write(Operation operation, CodecWriter out) {
    switch (operation) {
      case Operation.Get get -> key(out, OperationCode.GET, get.key());
      case Operation.GetObject get -> key(out, OperationCode.GET_OBJECT, get.key());
      case Operation.GetMany get -> out.one(OperationCode.GET_MANY).bytesList(get.keys());
      case Operation.GetRange get ->
          key(out, OperationCode.GET_RANGE, get.key()).signed(get.start()).signed(get.end());
      case Operation.StringLength length -> key(out, OperationCode.STRING_LENGTH, length.key());
      case Operation.Set set -> {
        key(out, OperationCode.SET, set.key()).bytes(set.value());
        OperationParts.write(set.expiry(), out);
        OperationParts.write(set.condition(), out);
        out.flags(set.previous());
      }
      case Operation.SetMany set ->
          out.one(OperationCode.SET_MANY).bytesList(set.keysAndValues()).flags(set.onlyIfAbsent());
      case Operation.GetAndDelete get -> key(out, OperationCode.GET_AND_DELETE, get.key());
      case Operation.GetAndExpire get ->
          OperationParts.write(get.expiry(), key(out, OperationCode.GET_AND_EXPIRE, get.key()));
      case Operation.Append append ->
          key(out, OperationCode.APPEND, append.key()).bytes(append.suffix());
      case Operation.SetRange set ->
          key(out, OperationCode.SET_RANGE, set.key()).varint(set.offset()).bytes(set.value());
      case Operation.Increment increment ->
          key(out, OperationCode.INCREMENT, increment.key())
              .signed(increment.delta())
              .flags(increment.decrement());
      case Operation.IncrementFloat increment ->
          key(out, OperationCode.INCREMENT_FLOAT, increment.key()).text(increment.delta());

      case Operation.GetBit get -> key(out, OperationCode.GET_BIT, get.key()).varint(get.offset());
      case Operation.SetBit set ->
          key(out, OperationCode.SET_BIT, set.key()).varint(set.offset()).varint(set.bit());
      case Operation.BitCount count ->
          key(out, OperationCode.BIT_COUNT, count.key())
              .signed(count.start())
              .signed(count.end())
              .flags(count.inBits());
      case Operation.BitPosition position -> {
        Long end = position.end();
        key(out, OperationCode.BIT_POSITION, position.key())
            .varint(position.bit())
            .signed(position.start())
            .signed(end == null ? 0 : end)
            .flags(end != null, position.inBits());
      }
      case Operation.BitCombine combine ->
          out.one(OperationCode.BIT_COMBINE)
              .one(OperationParts.code(combine.operator()))
              .bytes(combine.target())
              .bytesList(combine.sources());
      case Operation.BitFields fields ->
          OperationParts.write(fields.fields(), key(out, OperationCode.BIT_FIELDS, fields.key()));
      case Operation.ReadBitFields fields ->
          OperationParts.write(
              fields.fields(), key(out, OperationCode.READ_BIT_FIELDS, fields.key()));

      case Operation.Delete delete -> out.one(OperationCode.DELETE).bytesList(delete.keys());
      case Operation.DeleteIf delete ->
          OperationParts.write(delete.condition(), key(out, OperationCode.DELETE_IF, delete.key()));
      case Operation.CountExisting count ->
          out.one(OperationCode.COUNT_EXISTING).bytesList(count.keys());
      case Operation.TypeOf type -> key(out, OperationCode.TYPE_OF, type.key());
      case Operation.EncodingOf encoding -> key(out, OperationCode.ENCODING_OF, encoding.key());
      case Operation.MemoryUsage usage -> key(out, OperationCode.MEMORY_USAGE, usage.key());
      case Operation.Rename rename ->
          key(out, OperationCode.RENAME, rename.from())
              .bytes(rename.to())
              .flags(rename.onlyIfAbsent());
      case Operation.Copy copy ->
          key(out, OperationCode.COPY, copy.from())
              .bytes(copy.to())
              .signed(copy.targetDatabase())
              .flags(copy.replace());
      case Operation.Expire expire -> {
        var condition = expire.condition();
        OperationParts.write(expire.expiry(), key(out, OperationCode.EXPIRE, expire.key()));
        out.flags(condition.absent(), condition.present(), condition.greater(), condition.less());
      }
      case Operation.ExpiryOf expiry -> key(out, OperationCode.EXPIRY_OF, expiry.key());
      case Operation.RemainingOf remaining -> key(out, OperationCode.REMAINING_OF, remaining.key());
      case Operation.Persist persist -> key(out, OperationCode.PERSIST, persist.key());
      case Operation.Dump dump -> key(out, OperationCode.DUMP, dump.key());
      case Operation.Restore restore ->
          key(out, OperationCode.RESTORE, restore.key())
              .bytes(restore.payload())
              .signed(restore.ttlMillis())
              .flags(restore.absolute(), restore.replace());

      case Operation.RandomKey random -> out.one(OperationCode.RANDOM_KEY);
      case Operation.Keys keys -> key(out, OperationCode.KEYS, keys.pattern());
      case Operation.Scan scan -> scan(scan, out);
      case Operation.CountKeys count -> out.one(OperationCode.COUNT_KEYS);
      case Operation.CountKeysInSlot count ->
          out.one(OperationCode.COUNT_KEYS_IN_SLOT).varint(count.slot());
      case Operation.Flush flush -> out.one(OperationCode.FLUSH).flags(flush.allDatabases());
      case Operation.SwapDatabases swap ->
          out.one(OperationCode.SWAP_DATABASES).signed(swap.first()).signed(swap.second());

      case Operation.Transaction transaction -> transaction(transaction, out);
    }
  }

  private static void scan(Operation.Scan scan, CodecWriter out) {
    byte[] pattern = scan.pattern();
    String type = scan.type();
    out.one(OperationCode.SCAN);
    OperationParts.write(scan.from(), out);
    out.bytes(pattern == null ? new byte[0] : pattern)
        .bytes(scan.prefix())
        .signed(scan.count())
        .text(type == null ? "" : type)
        .flags(pattern != null, type != null);
  }

  private static void transaction(Operation.Transaction transaction, CodecWriter out) {
    out.one(OperationCode.TRANSACTION).varint(transaction.steps().size());
    for (Operation.Step step : transaction.steps()) {
      Operation operation = step.operation();
      Invariant.check(!(operation instanceof Operation.Transaction), "transactions do not nest");
      write(operation, out.signed(step.database()));
    }
    out.varint(transaction.watches().size());
    for (Operation.Watch watch : transaction.watches()) {
      out.signed(watch.database())
          .varint(watch.keyspaceId())
          .bytes(watch.key())
          .varint(watch.revision());
    }
  }

  private static CodecWriter key(CodecWriter out, int code, byte[] key) {
    return out.one(code).bytes(key);
  }
}
