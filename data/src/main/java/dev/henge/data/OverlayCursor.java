package dev.henge.data;

import dev.henge.storage.Cursor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Merges a cursor of the reader below with the changes of an [OverlayReader].
///
/// - Shape: the base cursor stands on the nearest unhidden base key in the direction of the walk,
///   at or behind the current key; the change is looked up by key, so that turning round is one
///   seek.
final class OverlayCursor implements Cursor {
  private final OverlayReader overlay;
  private final Cursor base;
  private byte @Nullable [] key;
  private boolean forward = true;

  OverlayCursor(OverlayReader overlay, Cursor base) {
    this.overlay = overlay;
    this.base = base;
  }

  @Override
  public void seek(byte[] target) {
    base.seek(target);
    settleForward(overlay.changes().ceilingEntry(target));
  }

  @Override
  public void seekForPrevious(byte[] target) {
    base.seekForPrevious(target);
    settleBackward(overlay.changes().floorEntry(target));
  }

  @Override
  public void first() {
    base.first();
    settleForward(overlay.changes().firstEntry());
  }

  @Override
  public void last() {
    base.last();
    settleBackward(overlay.changes().lastEntry());
  }

  @Override
  public void next() {
    byte[] here = here();
    if (!forward) {
      base.seek(here);
    }
    if (base.valid() && Arrays.equals(base.key(), here)) {
      base.next();
    }
    settleForward(overlay.changes().higherEntry(here));
  }

  @Override
  public void previous() {
    byte[] here = here();
    if (forward) {
      base.seekForPrevious(here);
    }
    if (base.valid() && Arrays.equals(base.key(), here)) {
      base.previous();
    }
    settleBackward(overlay.changes().lowerEntry(here));
  }

  @Override
  public boolean valid() {
    return key != null;
  }

  @Override
  public byte[] key() {
    return here().clone();
  }

  @Override
  public byte[] value() {
    byte[] changed = overlay.changes().get(here());
    return changed != null ? changed.clone() : base.value();
  }

  @Override
  public byte[] valueHead(int bytesMax) {
    byte[] changed = overlay.changes().get(here());
    return changed != null
        ? Arrays.copyOf(changed, Math.min(changed.length, bytesMax))
        : base.valueHead(bytesMax);
  }

  @Override
  public void close() {
    base.close();
  }

  private byte[] here() {
    byte[] here = key;
    if (here == null) {
      throw new IllegalStateException("the cursor stands on no key");
    }
    return here;
  }

  /// To the lower of the base key and the change, deletions left out.
  private void settleForward(Map.@Nullable Entry<byte[], byte @Nullable []> next) {
    forward = true;
    Map.Entry<byte[], byte @Nullable []> change = next;
    while (true) {
      skipHiddenForward();
      byte[] baseKey = base.valid() ? base.key() : null;
      int order = order(baseKey, change);
      if (change == null || order < 0) {
        key = baseKey;
        return;
      }
      if (change.getValue() != null) {
        key = change.getKey();
        return;
      }
      if (order == 0) {
        base.next();
      }
      change = overlay.changes().higherEntry(change.getKey());
    }
  }

  private void settleBackward(Map.@Nullable Entry<byte[], byte @Nullable []> next) {
    forward = false;
    Map.Entry<byte[], byte @Nullable []> change = next;
    while (true) {
      skipHiddenBackward();
      byte[] baseKey = base.valid() ? base.key() : null;
      int order = order(baseKey, change);
      if (change == null || (baseKey != null && order > 0)) {
        key = baseKey;
        return;
      }
      if (change.getValue() != null) {
        key = change.getKey();
        return;
      }
      if (order == 0) {
        base.previous();
      }
      change = overlay.changes().lowerEntry(change.getKey());
    }
  }

  /// Below 0 when the base key comes first in key order; no base key comes last.
  private static int order(
      byte @Nullable [] baseKey, Map.@Nullable Entry<byte[], byte @Nullable []> change) {
    return baseKey == null || change == null ? 1 : Arrays.compareUnsigned(baseKey, change.getKey());
  }

  private void skipHiddenForward() {
    while (base.valid()) {
      OverlayReader.Range range = overlay.rangeOver(base.key());
      if (range == null) {
        return;
      }
      base.seek(range.end());
    }
  }

  private void skipHiddenBackward() {
    while (base.valid()) {
      OverlayReader.Range range = overlay.rangeOver(base.key());
      if (range == null) {
        return;
      }
      base.seekForPrevious(range.start());
      if (base.valid() && Arrays.equals(base.key(), range.start())) {
        base.previous();
      }
    }
  }
}
