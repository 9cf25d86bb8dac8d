package dev.henge.storage.lsm;

import dev.henge.storage.lsm.table.InternalCursor;
import java.util.List;

/// Merges sorted sources into one order.
///
/// - Shape: a binary heap of the sources that stand on an entry, smallest (walking back: largest)
///   on top; a step costs O(log n) comparisons.
/// - Lifetime: owns its sources.
final class MergingCursor extends InternalCursor {
  private final InternalCursor[] sources;
  private final InternalCursor[] heap;
  private int heapSize;
  private boolean backward;

  MergingCursor(List<InternalCursor> sources) {
    this.sources = sources.toArray(new InternalCursor[0]);
    this.heap = new InternalCursor[this.sources.length];
  }

  @Override
  public void seek(byte[] target, int targetLength, long targetTrailer) {
    for (InternalCursor source : sources) {
      source.seek(target, targetLength, targetTrailer);
    }
    build(false);
  }

  @Override
  public void seekBefore(byte[] target, int targetLength, long targetTrailer) {
    for (InternalCursor source : sources) {
      source.seekBefore(target, targetLength, targetTrailer);
    }
    build(true);
  }

  @Override
  public void first() {
    for (InternalCursor source : sources) {
      source.first();
    }
    build(false);
  }

  @Override
  public void last() {
    for (InternalCursor source : sources) {
      source.last();
    }
    build(true);
  }

  @Override
  public void next() {
    if (backward) {
      turn(false);
    }
    heap[0].next();
    afterStep();
  }

  @Override
  public void previous() {
    if (!backward) {
      turn(true);
    }
    heap[0].previous();
    afterStep();
  }

  @Override
  public byte[] valueBytes() {
    return heap[0].valueBytes();
  }

  @Override
  public int valueOffset() {
    return heap[0].valueOffset();
  }

  @Override
  public int valueLength() {
    return heap[0].valueLength();
  }

  @Override
  public byte[] copyValueHead(int bytesMax) {
    return heap[0].copyValueHead(bytesMax);
  }

  @Override
  public void close() {
    for (InternalCursor source : sources) {
      source.close();
    }
    valid = false;
  }

  /// Puts the other sources on the other side of the current entry.
  private void turn(boolean toBackward) {
    InternalCursor current = heap[0];
    byte[] here = current.copyKey();
    long hereTrailer = current.trailer;
    for (InternalCursor source : sources) {
      if (source != current) {
        if (toBackward) {
          source.seekBefore(here, here.length, hereTrailer);
        } else {
          source.seek(here, here.length, hereTrailer);
        }
      }
    }
    build(toBackward);
  }

  private void build(boolean toBackward) {
    backward = toBackward;
    heapSize = 0;
    for (InternalCursor source : sources) {
      if (source.valid()) {
        heap[heapSize++] = source;
      }
    }
    for (int i = heapSize / 2 - 1; i >= 0; i--) {
      siftDown(i);
    }
    show();
  }

  private void afterStep() {
    if (!heap[0].valid()) {
      heap[0] = heap[--heapSize];
    }
    siftDown(0);
    show();
  }

  private void show() {
    valid = heapSize > 0;
    if (valid) {
      InternalCursor top = heap[0];
      key = top.key;
      keyLength = top.keyLength;
      trailer = top.trailer;
    }
  }

  private void siftDown(int start) {
    int parent = start;
    while (true) {
      int child = 2 * parent + 1;
      if (child >= heapSize) {
        return;
      }
      if (child + 1 < heapSize && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], heap[parent])) {
        return;
      }
      InternalCursor moved = heap[parent];
      heap[parent] = heap[child];
      heap[child] = moved;
      parent = child;
    }
  }

  private boolean before(InternalCursor left, InternalCursor right) {
    int order =
        compare(left.key, left.keyLength, left.trailer, right.key, right.keyLength, right.trailer);
    return backward ? order > 0 : order < 0;
  }
}
