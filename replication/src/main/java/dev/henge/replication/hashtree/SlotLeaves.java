package dev.henge.replication.hashtree;

/// The leaves of one slot, in memory.
///
/// - Shape: 16 bytes of sums and 12 of counts a leaf, in two arrays.
/// - Threads: as its [HashTree]; [#copy] gives one to keep.
public final class SlotLeaves {
  private static final int COUNTS = 3;

  private final long[] sums;
  private final int[] counts;

  SlotLeaves() {
    this(new long[2 * HashTree.LEAVES], new int[COUNTS * HashTree.LEAVES]);
  }

  private SlotLeaves(long[] sums, int[] counts) {
    this.sums = sums;
    this.counts = counts;
  }

  public Leaf leaf(int number) {
    return new Leaf(
        new Sum(sums[2 * number], sums[2 * number + 1]),
        counts[COUNTS * number],
        counts[COUNTS * number + 1],
        counts[COUNTS * number + 2]);
  }

  /// All leaves together.
  public Leaf total() {
    Leaf total = Leaf.EMPTY;
    for (int i = 0; i < HashTree.LEAVES; i++) {
      total = total.plus(leaf(i));
    }
    return total;
  }

  public SlotLeaves copy() {
    return new SlotLeaves(sums.clone(), counts.clone());
  }

  void set(int number, Leaf leaf) {
    sums[2 * number] = leaf.sum().high();
    sums[2 * number + 1] = leaf.sum().low();
    counts[COUNTS * number] = leaf.objects();
    counts[COUNTS * number + 1] = leaf.tombstones();
    counts[COUNTS * number + 2] = leaf.graves();
  }
}
