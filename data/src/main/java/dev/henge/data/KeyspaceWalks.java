package dev.henge.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What walks over the keys of a keyspace in (slot, key) order.
final class KeyspaceWalks {
  static final String STRING = "string";

  private KeyspaceWalks() {}

  static Reply keys(Evaluation evaluation, Operation.Keys operation) {
    Glob glob = new Glob(operation.pattern());
    List<Reply> keys = new ArrayList<>();
    KeyRange range = KeyRange.of(evaluation.scope().keyspaceId(), glob.literalPrefix());
    try (var walk = new ObjectWalk(evaluation, range)) {
      while (walk.next()) {
        byte[] key = walk.userKey();
        if ((glob.isAll() || glob.matches(key)) && walk.isAlive()) {
          keys.add(new Reply.Bytes(key));
        }
      }
    }
    return new Reply.Many(keys);
  }

  static Reply scan(Evaluation evaluation, Operation.Scan scan) {
    if (scan.type() != null && !scan.type().equals(STRING)) {
      return new Reply.ScanPage(List.of(), null);
    }
    byte[] pattern = scan.pattern();
    Glob glob = pattern == null ? null : new Glob(pattern);
    KeyRange range =
        KeyRange.of(
            evaluation.scope().keyspaceId(),
            scan.prefix(),
            glob == null ? scan.prefix() : glob.literalPrefix());
    List<Reply.Bytes> keys = new ArrayList<>();
    try (var walk = new ObjectWalk(evaluation, range.from(scan.from()))) {
      int left = Math.max(1, scan.count());
      while (walk.next()) {
        if (left-- == 0) {
          return new Reply.ScanPage(keys, walk.before());
        }
        byte[] key = walk.userKey();
        if (startsWith(key, scan.prefix())
            && (glob == null || glob.isAll() || glob.matches(key))
            && walk.isAlive()) {
          keys.add(new Reply.Bytes(key));
        }
      }
    }
    return new Reply.ScanPage(keys, null);
  }

  static Reply count(Evaluation evaluation, KeyRange range) {
    long count = 0;
    try (var walk = new ObjectWalk(evaluation, range)) {
      while (walk.next()) {
        count += walk.isAlive() ? 1 : 0;
      }
    }
    return Evaluation.number(count);
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.mismatch(key, 0, prefix.length, prefix, 0, prefix.length) < 0;
  }
}
