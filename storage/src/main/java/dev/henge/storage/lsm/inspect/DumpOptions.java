package dev.henge.storage.lsm.inspect;

/// How much a [Dump] shows.
///
/// @param hex whether the bytes stand beside their meaning
/// @param textBytesMax bytes of a key or value before it is cut
/// @param entriesMax operations or table entries shown of one file
public record DumpOptions(boolean hex, int textBytesMax, long entriesMax) {
  public static DumpOptions defaults() {
    return new DumpOptions(false, 64, Long.MAX_VALUE);
  }

  public DumpOptions withHex(boolean shown) {
    return new DumpOptions(shown, textBytesMax, entriesMax);
  }

  public DumpOptions withEntriesMax(long count) {
    return new DumpOptions(hex, textBytesMax, count);
  }
}
