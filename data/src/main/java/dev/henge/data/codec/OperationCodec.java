package dev.henge.data.codec;

import dev.henge.data.Operation;
import java.io.IOException;

/// [Operation]s as bytes: format version (1), then code and fields (`FORMAT.md`).
///
/// - Errors: what is no operation is refused with a [dev.henge.base.CorruptionException], a version
///   or number that this program does not know with a [dev.henge.base.FormatException]. What is
///   accepted can be evaluated.
/// - Threads: stateless.
public final class OperationCodec {
  /// Persisted. A program that knows less refuses the bytes.
  public static final int VERSION = 1;

  private OperationCodec() {}

  public static byte[] encode(Operation operation) {
    var out = new CodecWriter(64);
    write(operation, out);
    return out.toBytes();
  }

  /// Adds the encoded form.
  public static void write(Operation operation, CodecWriter out) {
    out.one(VERSION);
    OperationWriter.write(operation, out);
  }

  public static Operation decode(byte[] bytes) throws IOException {
    var in = new CodecReader("operation", bytes);
    Operation operation = read(in);
    in.end();
    return operation;
  }

  /// Reads one operation; more may follow.
  public static Operation read(CodecReader in) throws IOException {
    in.version(VERSION);
    return OperationReader.read(in);
  }
}
