package dev.henge.storage.lsm.table;

import dev.henge.base.CorruptionException;

/// What a table says of itself; stored in its properties block, varints and slices in this order.
///
/// @param putCount puts
/// @param deleteCount point deletions
/// @param rawBytes key and value bytes before prefix sharing and compression
/// @param smallestSequence of all entries and range tombstones
/// @param largestSequence likewise
/// @param smallest first key, or start of the first range tombstone where that is before it
/// @param end above every key of the table: exclusive; after the last entry or range tombstone
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TableProperties(
    long putCount,
    long deleteCount,
    long rawBytes,
    long smallestSequence,
    long largestSequence,
    byte[] smallest,
    byte[] end) {

  void write(ByteSink sink) {
    sink.varint(putCount);
    sink.varint(deleteCount);
    sink.varint(rawBytes);
    sink.varint(smallestSequence);
    sink.varint(largestSequence);
    sink.slice(smallest);
    sink.slice(end);
  }

  static TableProperties read(TableLayout.Input input) throws CorruptionException {
    return new TableProperties(
        input.varint(),
        input.varint(),
        input.varint(),
        input.varint(),
        input.varint(),
        input.slice(),
        input.slice());
  }
}
