package dev.henge.server.cluster;

import dev.henge.data.Operation;
import java.util.ArrayList;
import java.util.List;

/// Which keys an operation names, so that it can be brought to the group that holds them.
public final class OperationKeys {
  private OperationKeys() {}

  /// The keys, in the order in which the operation has them; empty where it is about a whole
  /// keyspace.
  public static List<byte[]> of(Operation operation) {
    return switch (operation) {
      case Operation.Get get -> List.of(get.key());
      case Operation.GetObject get -> List.of(get.key());
      case Operation.GetMany get -> get.keys();
      case Operation.GetRange get -> List.of(get.key());
      case Operation.StringLength length -> List.of(length.key());
      case Operation.Set set -> List.of(set.key());
      case Operation.SetMany set -> everySecond(set.keysAndValues());
      case Operation.GetAndDelete get -> List.of(get.key());
      case Operation.GetAndExpire get -> List.of(get.key());
      case Operation.Append append -> List.of(append.key());
      case Operation.SetRange set -> List.of(set.key());
      case Operation.Increment increment -> List.of(increment.key());
      case Operation.IncrementFloat increment -> List.of(increment.key());
      case Operation.GetBit get -> List.of(get.key());
      case Operation.SetBit set -> List.of(set.key());
      case Operation.BitCount count -> List.of(count.key());
      case Operation.BitPosition position -> List.of(position.key());
      case Operation.BitCombine combine -> {
        List<byte[]> keys = new ArrayList<>(combine.sources());
        keys.addFirst(combine.target());
        yield keys;
      }
      case Operation.BitFields fields -> List.of(fields.key());
      case Operation.ReadBitFields fields -> List.of(fields.key());
      case Operation.Delete delete -> delete.keys();
      case Operation.DeleteIf delete -> List.of(delete.key());
      case Operation.CountExisting count -> count.keys();
      case Operation.TypeOf type -> List.of(type.key());
      case Operation.EncodingOf encoding -> List.of(encoding.key());
      case Operation.MemoryUsage usage -> List.of(usage.key());
      case Operation.Rename rename -> List.of(rename.from(), rename.to());
      case Operation.Copy copy -> List.of(copy.from(), copy.to());
      case Operation.Expire expire -> List.of(expire.key());
      case Operation.ExpiryOf expiry -> List.of(expiry.key());
      case Operation.RemainingOf remaining -> List.of(remaining.key());
      case Operation.Persist persist -> List.of(persist.key());
      case Operation.Dump dump -> List.of(dump.key());
      case Operation.Restore restore -> List.of(restore.key());
      case Operation.RandomKey random -> List.of();
      case Operation.Keys keys -> List.of();
      case Operation.Scan scan -> List.of();
      case Operation.CountKeys count -> List.of();
      case Operation.CountKeysInSlot count -> List.of();
      case Operation.Flush flush -> List.of();
      case Operation.SwapDatabases swap -> List.of();
      case Operation.Transaction transaction -> {
        List<byte[]> keys = new ArrayList<>();
        transaction.steps().forEach(step -> keys.addAll(of(step.operation())));
        transaction.watches().forEach(watch -> keys.add(watch.key()));
        yield keys;
      }
    };
  }

  private static List<byte[]> everySecond(List<byte[]> keysAndValues) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      keys.add(keysAndValues.get(i));
    }
    return keys;
  }
}
