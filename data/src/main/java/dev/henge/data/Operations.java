package dev.henge.data;

import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;

/// Evaluates operations: the one entry from frontends and logs into what a command does.
public final class Operations {
  private Operations() {}

  /// Evaluates `operation` on the state in `reader`, adds its changes to `batch` and answers.
  ///
  /// Pure: the same arguments give the same batch and reply, on every replica and for ever. With a
  /// [Reply.Failure], and with any exception, the batch is as it was.
  ///
  /// @throws dev.henge.storage.NotInMemoryException when the reader may not use the disk and must
  /// @throws dev.henge.storage.EngineException when what is stored cannot be read
  public static Reply apply(Operation operation, Scope scope, Reader reader, WriteBatch batch) {
    var evaluation = new Evaluation(scope, reader, batch);
    return switch (operation) {
      case Operation.Get get -> StringOperations.get(evaluation, get);
      case Operation.GetObject get -> StringOperations.getObject(evaluation, get);
      case Operation.GetMany get -> StringOperations.getMany(evaluation, get);
      case Operation.GetRange get -> StringOperations.getRange(evaluation, get);
      case Operation.StringLength length -> StringOperations.length(evaluation, length);
      case Operation.Set set -> StringOperations.set(evaluation, set);
      case Operation.SetMany set -> StringOperations.setMany(evaluation, set);
      case Operation.GetAndDelete get -> StringOperations.getAndDelete(evaluation, get);
      case Operation.Append append -> StringOperations.append(evaluation, append);
      case Operation.SetRange set -> StringOperations.setRange(evaluation, set);
      case Operation.Increment increment -> StringOperations.increment(evaluation, increment);
      case Operation.IncrementFloat increment ->
          StringOperations.incrementFloat(evaluation, increment);

      case Operation.GetBit get -> BitOperations.getBit(evaluation, get);
      case Operation.SetBit set -> BitOperations.setBit(evaluation, set);
      case Operation.BitCount count -> BitOperations.count(evaluation, count);
      case Operation.BitPosition position -> BitOperations.position(evaluation, position);
      case Operation.BitCombine combine -> BitOperations.combine(evaluation, combine);
      case Operation.BitFields(byte[] key, var fields) ->
          BitOperations.fields(evaluation, key, fields, true);
      case Operation.ReadBitFields(byte[] key, var fields) ->
          BitOperations.fields(evaluation, key, fields, false);

      case Operation.GetAndExpire get -> ExpiryOperations.getAndExpire(evaluation, get);
      case Operation.Expire expire -> ExpiryOperations.expire(evaluation, expire);
      case Operation.Persist persist -> ExpiryOperations.persist(evaluation, persist);
      case Operation.ExpiryOf(byte[] key) -> ExpiryOperations.expiryOf(evaluation, key, false);
      case Operation.RemainingOf(byte[] key) -> ExpiryOperations.expiryOf(evaluation, key, true);

      case Operation.Delete delete -> KeyOperations.delete(evaluation, delete);
      case Operation.DeleteIf delete -> KeyOperations.deleteIf(evaluation, delete);
      case Operation.CountExisting count -> KeyOperations.countExisting(evaluation, count);
      case Operation.TypeOf type -> KeyOperations.typeOf(evaluation, type);
      case Operation.EncodingOf encoding -> KeyOperations.encodingOf(evaluation, encoding);
      case Operation.MemoryUsage usage -> KeyOperations.memoryUsage(evaluation, usage);
      case Operation.Rename rename -> KeyOperations.rename(evaluation, rename);
      case Operation.Copy copy -> KeyOperations.copy(evaluation, copy);
      case Operation.Flush flush -> KeyOperations.flush(evaluation, flush);
      case Operation.SwapDatabases swap -> KeyOperations.swapDatabases(evaluation, swap);

      case Operation.Dump(byte[] key) -> RdbPayload.dump(evaluation, key);
      case Operation.Restore restore -> RdbPayload.restore(evaluation, restore);

      case Operation.RandomKey random -> RandomKeys.draw(evaluation);
      case Operation.Keys keys -> KeyspaceWalks.keys(evaluation, keys);
      case Operation.Scan scan -> KeyspaceWalks.scan(evaluation, scan);
      case Operation.CountKeys count ->
          KeyspaceWalks.count(evaluation, KeyRange.ofKeyspace(scope.keyspaceId()));
      case Operation.CountKeysInSlot(int slot) ->
          KeyspaceWalks.count(evaluation, KeyRange.ofSlot(scope.keyspaceId(), slot));

      case Operation.Transaction transaction -> Transactions.apply(evaluation, transaction);
    };
  }

  /// How `key` stands now, to be given to a later [Operation.Transaction].
  ///
  /// @param database the database watched, -1 for the scope's keyspace
  public static Operation.Watch watch(int database, byte[] key, Scope scope, Reader reader) {
    return Transactions.watch(database, key, scope, reader);
  }
}
