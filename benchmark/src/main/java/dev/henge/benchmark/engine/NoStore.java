package dev.henge.benchmark.engine;

import org.jspecify.annotations.Nullable;

/// Keeps nothing and knows everything: measures the harness.
final class NoStore implements Store {
  @Override
  public String describe() {
    return "nothing (the harness alone)";
  }

  @Override
  public Session session() {
    return new Session() {
      @Override
      public void put(byte[] key, byte[] value) {}

      @Override
      public byte @Nullable [] get(byte[] key) {
        return null;
      }

      @Override
      public long scan(byte[] key, int count) {
        return key[0] | 1;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void settle() {}

  @Override
  public void close() {}
}
