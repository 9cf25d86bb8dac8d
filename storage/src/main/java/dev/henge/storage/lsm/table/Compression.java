package dev.henge.storage.lsm.table;

import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.Decompressor;
import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaDecompressor;
import org.jspecify.annotations.Nullable;

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

  /// A codec of one thread, which keeps scratch memory between calls: that of each algorithm, some
  /// to a hundred KiB, from its first use on.
  ///
  /// The Java implementations, not the native ones: blocks of a few KiB are too small for a native
  /// call to pay, and they run wherever Java does.
  static final class Codec {
    private final Decompressor lz4Decompressor = new Lz4JavaDecompressor();
    private @Nullable Compressor lz4Compressor;
    private @Nullable Compressor zstdCompressor;
    private @Nullable Decompressor zstdDecompressor;

    int maxCompressedBytes(Compression compression, int rawBytes) {
      return switch (compression) {
        case NONE -> rawBytes;
        case LZ4, ZSTD -> compressor(compression).maxCompressedLength(rawBytes);
      };
    }

    /// @return bytes written to `target`
    int compress(Compression compression, byte[] source, int length, byte[] target) {
      return switch (compression) {
        case NONE -> throw new IllegalArgumentException("nothing to compress");
        case LZ4, ZSTD ->
            compressor(compression).compress(source, 0, length, target, 0, target.length);
      };
    }

    /// @return bytes written to `target`, or -1 when the source is no such compressed data or
    ///   `code` unknown
    int decompress(int code, byte[] source, int length, byte[] target, int targetLength) {
      try {
        return switch (code) {
          case 1 -> lz4Decompressor.decompress(source, 0, length, target, 0, targetLength);
          case 2 -> zstdDecompressor().decompress(source, 0, length, target, 0, targetLength);
          default -> -1;
        };
      } catch (RuntimeException malformed) {
        return -1;
      }
    }

    private Compressor compressor(Compression compression) {
      if (compression == LZ4) {
        if (lz4Compressor == null) {
          lz4Compressor = new Lz4JavaCompressor();
        }
        return lz4Compressor;
      }
      if (zstdCompressor == null) {
        zstdCompressor = new ZstdJavaCompressor();
      }
      return zstdCompressor;
    }

    private Decompressor zstdDecompressor() {
      if (zstdDecompressor == null) {
        zstdDecompressor = new ZstdJavaDecompressor();
      }
      return zstdDecompressor;
    }
  }
}
