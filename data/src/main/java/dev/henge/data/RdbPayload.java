package dev.henge.data;

final class RdbPayload {
  private RdbPayload() {}

  static Reply dump(Evaluation evaluation, byte[] key) {
    throw new UnsupportedOperationException("written next");
  }

  static Reply restore(Evaluation evaluation, Operation.Restore restore) {
    throw new UnsupportedOperationException("written next");
  }
}
