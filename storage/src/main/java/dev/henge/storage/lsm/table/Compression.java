package dev.henge.storage.lsm.table;

import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.Decompressor;
import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;

/// How blocks are compressed. The numbers are persisted: never renumber.
public enum Compression {
  NONE(0),
  LZ4(1),
  ZSTD(2);

  private final byte code;

  Compression(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  /// A codec of one thread, which keeps scratch memory between calls.
  ///
  /// The Java implementations, not the native ones: blocks of a few KiB are too small for a native
  /// call to pay, and they run wherever Java does.
  static final class Codec {
    private final Compressor lz4Compressor = new Lz4JavaCompressor();
    private final Decompressor lz4Decompressor = new Lz4JavaDecompressor();
    private final Compressor zstdCompressor = new ZstdJavaCompressor();
    private final Decompressor zstdDecompressor = new ZstdJavaDecompressor();

    int maxCompressedBytes(Compression compression, int rawBytes) {
      return switch (compression) {
        case NONE -> rawBytes;
        case LZ4 -> lz4Compressor.maxCompressedLength(rawBytes);
        case ZSTD -> zstdCompressor.maxCompressedLength(rawBytes);
      };
    }

    /// @return bytes written to `target`
    int compress(Compression compression, byte[] source, int length, byte[] target) {
      return switch (compression) {
        case NONE -> throw new IllegalArgumentException("nothing to compress");
        case LZ4 -> lz4Compressor.compress(source, 0, length, target, 0, target.length);
        case ZSTD -> zstdCompressor.compress(source, 0, length, target, 0, target.length);
      };
    }

    /// @return bytes written to `target`, or -1 when the source is no such compressed data or
    ///   `code` unknown
    int decompress(int code, byte[] source, int length, byte[] target, int targetLength) {
      try {
        return switch (code) {
          case 1 -> lz4Decompressor.decompress(source, 0, length, target, 0, targetLength);
          case 2 -> zstdDecompressor.decompress(source, 0, length, target, 0, targetLength);
          default -> -1;
        };
      } catch (RuntimeException malformed) {
        return -1;
      }
    }
  }
}
