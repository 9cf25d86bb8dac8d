package dev.henge.storage.lsm;

import dev.henge.storage.Cursor;
import dev.henge.storage.lsm.table.InternalCursor;
import dev.henge.storage.lsm.table.RangeTombstones;
import java.util.Arrays;
import java.util.List;

/// Shows the live keys at one sequence number out of all the entries of a merged source.
///
/// Walking forward the inner cursor stands on the entry shown. Walking back it stands before all
/// entries of the key shown, whose newest visible version is saved here.
final class LsmCursor implements Cursor {
  private final InternalCursor inner;
  private final long sequence;
  private final List<RangeTombstones> tombstones;

  private boolean backward;
  private boolean valid;
  private byte[] savedKey = new byte[64];
  private int savedLength;
  private byte[] savedValue = new byte[0];

  /// @param inner owned
  LsmCursor(InternalCursor inner, long sequence, List<RangeTombstones> tombstones) {
    this.inner = inner;
    this.sequence = sequence;
    this.tombstones = tombstones;
  }

  @Override
  public void seek(byte[] key) {
    backward = false;
    inner.seek(key, key.length, InternalCursor.trailer(sequence, 1));
    findNext(false);
  }

  @Override
  public void seekForPrevious(byte[] key) {
    // Behind every version of the key: trailers descend, so -1 is after them all.
    inner.seekBefore(key, key.length, -1);
    findPrevious();
  }

  @Override
  public void first() {
    backward = false;
    inner.first();
    findNext(false);
  }

  @Override
  public void last() {
    inner.last();
    findPrevious();
  }

  @Override
  public void next() {
    if (backward) {
      // Behind every version of the key shown.
      backward = false;
      inner.seek(savedKey, savedLength, -1);
      findNext(false);
      return;
    }
    save();
    inner.next();
    findNext(true);
  }

  @Override
  public void previous() {
    if (!backward) {
      save();
      inner.seekBefore(savedKey, savedLength, InternalCursor.TRAILER_MAX);
    }
    findPrevious();
  }

  @Override
  public boolean valid() {
    return valid;
  }

  @Override
  public byte[] key() {
    check();
    return backward ? Arrays.copyOf(savedKey, savedLength) : inner.copyKey();
  }

  @Override
  public byte[] value() {
    check();
    return backward ? savedValue.clone() : inner.copyValue();
  }

  @Override
  public byte[] valueHead(int bytesMax) {
    check();
    return backward
        ? Arrays.copyOf(savedValue, Math.min(savedValue.length, bytesMax))
        : inner.copyValueHead(bytesMax);
  }

  @Override
  public void close() {
    inner.close();
    valid = false;
  }

  private void check() {
    if (!valid) {
      throw new IllegalStateException("the cursor stands on no key");
    }
  }

  /// Forward to the newest visible version of a live key.
  ///
  /// @param skipping whether entries of the saved key are to be passed over
  private void findNext(boolean skipping) {
    boolean skip = skipping;
    while (inner.valid()) {
      if (InternalCursor.sequence(inner.trailer) <= sequence) {
        if (skip && Arrays.equals(inner.key, 0, inner.keyLength, savedKey, 0, savedLength)) {
          inner.next();
          continue;
        }
        if (InternalCursor.isPut(inner.trailer) && !covered()) {
          valid = true;
          return;
        }
        save();
        skip = true;
      }
      inner.next();
    }
    valid = false;
  }

  /// Backward: collects the newest visible version of each key (its oldest entry comes first) until
  /// one of them is live.
  private void findPrevious() {
    backward = true;
    valid = false;
    while (inner.valid()) {
      if (InternalCursor.sequence(inner.trailer) > sequence) {
        inner.previous();
        continue;
      }
      save();
      boolean live = false;
      while (inner.valid()
          && Arrays.equals(inner.key, 0, inner.keyLength, savedKey, 0, savedLength)) {
        if (InternalCursor.sequence(inner.trailer) <= sequence) {
          live = InternalCursor.isPut(inner.trailer) && !covered();
          if (live) {
            savedValue = inner.copyValue();
          }
        }
        inner.previous();
      }
      if (live) {
        valid = true;
        return;
      }
    }
  }

  private boolean covered() {
    long here = InternalCursor.sequence(inner.trailer);
    for (int i = 0; i < tombstones.size(); i++) {
      if (tombstones.get(i).coverOf(inner.key, inner.keyLength, sequence) > here) {
        return true;
      }
    }
    return false;
  }

  private void save() {
    savedLength = inner.keyLength;
    if (savedKey.length < savedLength) {
      savedKey = new byte[Math.max(savedLength, savedKey.length * 2)];
    }
    System.arraycopy(inner.key, 0, savedKey, 0, savedLength);
  }
}
