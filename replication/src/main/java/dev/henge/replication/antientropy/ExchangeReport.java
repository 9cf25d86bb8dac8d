package dev.henge.replication.antientropy;

/// What one exchange, or several, compared and moved.
///
/// @param slots that were compared
/// @param slotsDiffering of these
/// @param treeBytesSent of sums, leaves, hashes, and what frames objects
/// @param objectBytesSent of keys and versions
/// @param keysSent that the other one lacked or knew less of
/// @param keysReceived that this one did
public record ExchangeReport(
    long slots,
    long slotsDiffering,
    long treeBytesSent,
    long treeBytesReceived,
    long objectBytesSent,
    long objectBytesReceived,
    long keysSent,
    long keysReceived) {
  public static final ExchangeReport NOTHING = new ExchangeReport(0, 0, 0, 0, 0, 0, 0, 0);

  public ExchangeReport plus(ExchangeReport other) {
    return new ExchangeReport(
        slots + other.slots,
        slotsDiffering + other.slotsDiffering,
        treeBytesSent + other.treeBytesSent,
        treeBytesReceived + other.treeBytesReceived,
        objectBytesSent + other.objectBytesSent,
        objectBytesReceived + other.objectBytesReceived,
        keysSent + other.keysSent,
        keysReceived + other.keysReceived);
  }
}
