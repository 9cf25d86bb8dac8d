package dev.henge.server.store;

/// How blocks of tables are compressed.
public enum Compression {
  NONE,
  LZ4,
  ZSTD
}
