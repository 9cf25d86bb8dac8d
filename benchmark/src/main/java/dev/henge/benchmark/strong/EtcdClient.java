package dev.henge.benchmark.strong;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/// As much of etcd's v3 API as a closed loop needs, over one HTTP/2 connection.
///
/// Messages are written by hand: a request has two fields, and of an answer only its coming counts.
///
/// - Threads: any; answers come on gRPC's threads.
final class EtcdClient implements AutoCloseable {
  private static final MethodDescriptor<byte[], byte[]> PUT = method("etcdserverpb.KV", "Put");
  private static final MethodDescriptor<byte[], byte[]> RANGE = method("etcdserverpb.KV", "Range");
  private static final MethodDescriptor<byte[], byte[]> STATUS =
      method("etcdserverpb.Maintenance", "Status");

  private static final int FIELD_1_BYTES = 0x0a;
  private static final int FIELD_2_BYTES = 0x12;
  private static final int LEADER_FIELD = 4;
  private static final int HEADER_FIELD = 1;
  private static final int MEMBER_FIELD = 2;

  private final ManagedChannel channel;

  EtcdClient(String host, int port) {
    channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().directExecutor().build();
  }

  void put(byte[] key, byte[] value, StreamObserver<byte[]> answer) {
    byte[] request = new byte[2 + key.length + 3 + value.length];
    request[0] = FIELD_1_BYTES;
    request[1] = (byte) key.length;
    System.arraycopy(key, 0, request, 2, key.length);
    int at = 2 + key.length;
    request[at++] = FIELD_2_BYTES;
    request[at++] = (byte) (0x80 | (value.length & 0x7f));
    request[at++] = (byte) (value.length >> 7);
    System.arraycopy(value, 0, request, at, value.length);
    ClientCalls.asyncUnaryCall(channel.newCall(PUT, CallOptions.DEFAULT), request, answer);
  }

  /// Linearizable, as etcd reads unless told otherwise.
  void get(byte[] key, StreamObserver<byte[]> answer) {
    byte[] request = new byte[2 + key.length];
    request[0] = FIELD_1_BYTES;
    request[1] = (byte) key.length;
    System.arraycopy(key, 0, request, 2, key.length);
    ClientCalls.asyncUnaryCall(channel.newCall(RANGE, CallOptions.DEFAULT), request, answer);
  }

  /// Whether the member at the other end leads.
  boolean leads() {
    byte[] status =
        ClientCalls.blockingUnaryCall(
            channel,
            STATUS,
            CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS),
            new byte[0]);
    long leader = 0;
    long member = -1;
    int at = 0;
    while (at < status.length) {
      long[] tag = varint(status, at);
      at = (int) tag[1];
      long[] value = varint(status, at);
      at = (int) value[1];
      int field = (int) (tag[0] >>> 3);
      if ((tag[0] & 7) == 2) {
        if (field == HEADER_FIELD) {
          member = memberOf(status, at, at + (int) value[0]);
        }
        at += (int) value[0];
      } else if (field == LEADER_FIELD) {
        leader = value[0];
      }
    }
    return leader == member;
  }

  @Override
  public void close() throws IOException {
    try {
      if (!channel.shutdown().awaitTermination(10, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  /// The header holds numbers only.
  private static long memberOf(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      long[] tag = varint(bytes, at);
      long[] value = varint(bytes, (int) tag[1]);
      at = (int) value[1];
      if (tag[0] >>> 3 == MEMBER_FIELD) {
        return value[0];
      }
    }
    return -1;
  }

  /// Value, and the position behind it.
  private static long[] varint(byte[] bytes, int from) {
    long value = 0;
    int at = from;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return new long[] {value, at};
      }
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String service, String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
