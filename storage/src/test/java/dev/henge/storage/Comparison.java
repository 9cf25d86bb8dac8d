package dev.henge.storage;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Compares what a reader of an engine shows with what the model shows.
///
/// @param context what a failure says first
@NullMarked
record Comparison(String context) {
  /// Less than many values have, more than others.
  private static final int HEAD_BYTES = 5;

  /// Everything: all keys by scan in both directions, `keys` one by one.
  void same(Reader expected, Reader actual, List<byte[]> keys) {
    try (Cursor wanted = expected.cursor();
        Cursor found = actual.cursor()) {
      wanted.first();
      found.first();
      while (samePosition(wanted, found, "scanning forward")) {
        wanted.next();
        found.next();
      }
      wanted.last();
      found.last();
      while (samePosition(wanted, found, "scanning backward")) {
        wanted.previous();
        found.previous();
      }
    }
    for (byte[] key : keys) {
      same(expected, actual, key);
    }
  }

  void same(Reader expected, Reader actual, byte[] key) {
    byte[] wanted = expected.get(key);
    byte[] found = actual.get(key);
    if (!Arrays.equals(wanted, found)) {
      throw failure("get of " + History.show(key), show(wanted), show(found));
    }
  }

  /// Moves two cursors alike.
  void walk(Reader expected, Reader actual, List<History.Move> moves) {
    try (Cursor wanted = expected.cursor();
        Cursor found = actual.cursor()) {
      for (int i = 0; i < moves.size(); i++) {
        History.Move move = moves.get(i);
        if (move(wanted, move)) {
          move(found, move);
          samePosition(wanted, found, "after " + moves.subList(0, i + 1));
        }
      }
    }
  }

  void failUnless(boolean holds, String what, Object wanted, Object found) {
    if (!holds) {
      throw failure(what, wanted.toString(), found.toString());
    }
  }

  AssertionError failure(String what, String wanted, String found) {
    return new AssertionError(
        "%s: %s: expected %s, found %s".formatted(context, what, wanted, found));
  }

  private static boolean move(Cursor cursor, History.Move move) {
    switch (move.direction()) {
      case SEEK -> cursor.seek(move.key());
      case SEEK_FOR_PREVIOUS -> cursor.seekForPrevious(move.key());
      case FIRST -> cursor.first();
      case LAST -> cursor.last();
      case NEXT -> {
        if (!cursor.valid()) {
          return false;
        }
        cursor.next();
      }
      case PREVIOUS -> {
        if (!cursor.valid()) {
          return false;
        }
        cursor.previous();
      }
    }
    return true;
  }

  private boolean samePosition(Cursor wanted, Cursor found, String when) {
    if (wanted.valid() != found.valid()) {
      throw failure(when, position(wanted), position(found));
    }
    if (!wanted.valid()) {
      return false;
    }
    if (!Arrays.equals(wanted.key(), found.key())
        || !Arrays.equals(wanted.value(), found.value())) {
      throw failure(when, position(wanted), position(found));
    }
    if (!Arrays.equals(wanted.valueHead(HEAD_BYTES), found.valueHead(HEAD_BYTES))) {
      throw failure(when, show(wanted.valueHead(HEAD_BYTES)), show(found.valueHead(HEAD_BYTES)));
    }
    return true;
  }

  private static String position(Cursor cursor) {
    return cursor.valid() ? History.show(cursor.key()) + " = " + show(cursor.value()) : "the end";
  }

  private static String show(byte @Nullable [] value) {
    return value == null ? "nothing" : History.show(value);
  }
}
