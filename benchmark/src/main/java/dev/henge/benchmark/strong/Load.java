package dev.henge.benchmark.strong;

/// One kind of request, a fixed number of them under way at any time (a closed loop).
///
/// @param kind what is asked
/// @param outstanding requests under way, over all connections
/// @param keys of how many keys each request takes one by chance
/// @param seconds how long
record Load(Kind kind, int outstanding, long keys, double seconds) {
  static final int KEY_BYTES = 16;
  static final int VALUE_BYTES = 256;

  /// Clients share the requests among so many connections, at most.
  private static final int CONNECTIONS_MAX = 8;

  enum Kind {
    /// Durable on a majority when it is answered.
    PUT,
    /// Linearizable.
    GET
  }

  int connections() {
    return Math.min(outstanding, CONNECTIONS_MAX);
  }

  /// Requests under way on connection `index`.
  int window(int index) {
    return outstanding / connections() + (index < outstanding % connections() ? 1 : 0);
  }

  /// Writes key `number` at `offset`: 16 digits.
  static void key(long number, byte[] target, int offset) {
    long rest = number;
    for (int digit = offset + KEY_BYTES - 1; digit >= offset; digit--) {
      target[digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /// Writes a value that nothing can compress much at `offset`.
  static void value(long seed, byte[] target, int offset) {
    long state = seed;
    for (int i = 0; i < VALUE_BYTES; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      target[offset + i] = (byte) ('!' + ((state >>> 33) % 90));
    }
  }
}
