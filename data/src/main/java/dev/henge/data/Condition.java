package dev.henge.data;

/// When a [Operation.Set] writes.
@SuppressWarnings("ArrayRecordComponent") // never compared
public sealed interface Condition {
  Condition ALWAYS = new Always();
  Condition ABSENT = new Absent();
  Condition PRESENT = new Present();

  record Always() implements Condition {}

  /// NX; `If-None-Match: *`.
  record Absent() implements Condition {}

  /// XX; `If-Match: *`.
  record Present() implements Condition {}

  /// IFEQ: the value there equals this one.
  record ValueIs(byte[] value) implements Condition {}

  /// `If-Match: "revision"`.
  record RevisionIs(long revision) implements Condition {}

  /// `If-None-Match: "revision"`.
  record RevisionIsNot(long revision) implements Condition {}
}
