package dev.henge.consensus.strong;

import dev.henge.data.codec.CodecReader;
import dev.henge.data.codec.CodecWriter;
import java.io.IOException;

/// A client's name for one write, drawn at random: sent again under the same id, the write happens
/// once.
public record RequestId(long high, long low) {
  void write(CodecWriter out) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.one((int) (high >>> shift));
    }
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.one((int) (low >>> shift));
    }
  }

  static RequestId read(CodecReader in) throws IOException {
    return new RequestId(half(in), half(in));
  }

  private static long half(CodecReader in) throws IOException {
    long half = 0;
    for (int i = 0; i < 8; i++) {
      half = half << 8 | in.one();
    }
    return half;
  }
}
