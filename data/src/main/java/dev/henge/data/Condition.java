package dev.henge.data;

import java.util.List;

/// When an operation writes, by the object that is there.
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

  /// `If-Match: "revision", "revision"`: one of them; of none nothing is right.
  record RevisionAmong(List<Long> revisions) implements Condition {}

  /// All of these, none of which is of this kind again.
  record AllOf(List<Condition> conditions) implements Condition {}
}
