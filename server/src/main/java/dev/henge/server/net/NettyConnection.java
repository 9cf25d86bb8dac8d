package dev.henge.server.net;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One TCP connection: the last handler of its Netty channel, and what our handlers see of it.
///
/// - Threads: its event thread, except where [Connection] says otherwise.
/// - Shape: outgoing bytes are gathered in one pooled buffer of up to [#CHUNK_BYTES], handed to the
///   channel when full and at [#flush].
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {
  private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);
  private static final int FIRST_BYTES = 2 << 10;
  private static final int CHUNK_BYTES = 64 << 10;

  /// How long a closed connection may take to hand its last bytes to the peer.
  private static final int LINGER_SECONDS = 5;

  private final SocketChannel channel;
  private final Function<Connection, ConnectionHandler> accept;

  // written once, before the handler is made
  private @Nullable InetSocketAddress remoteAddress;
  private @Nullable InetSocketAddress localAddress;

  // owned by the event thread
  private @Nullable ConnectionHandler handler;
  private @Nullable ByteBuf out;
  private boolean closing;

  NettyConnection(SocketChannel channel, Function<Connection, ConnectionHandler> accept) {
    this.channel = channel;
    this.accept = accept;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return Objects.requireNonNull(remoteAddress, "connected");
  }

  @Override
  public InetSocketAddress localAddress() {
    return Objects.requireNonNull(localAddress, "connected");
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    int from = offset;
    int end = offset + length;
    while (from < end) {
      ByteBuf chunk = out;
      if (chunk == null) {
        int bytes = Math.min(CHUNK_BYTES, Math.max(FIRST_BYTES, end - from));
        chunk = channel.alloc().directBuffer(bytes, CHUNK_BYTES);
        out = chunk;
      }
      int part = Math.min(end - from, CHUNK_BYTES - chunk.writerIndex());
      chunk.writeBytes(source, from, part);
      from += part;
      if (chunk.writerIndex() == CHUNK_BYTES) {
        out = null;
        channel.write(chunk, channel.voidPromise());
      }
    }
  }

  @Override
  public void flush() {
    ByteBuf chunk = out;
    if (chunk != null) {
      out = null;
      channel.write(chunk, channel.voidPromise());
    }
    channel.flush();
  }

  @Override
  public long unsentBytes() {
    ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
    ByteBuf chunk = out;
    return (queued == null ? 0 : queued.totalPendingWriteBytes())
        + (chunk == null ? 0 : chunk.readableBytes());
  }

  @Override
  public boolean writable() {
    return channel.isWritable();
  }

  @Override
  public void readEnabled(boolean enabled) {
    if (channel.config().isAutoRead() != enabled) {
      channel.config().setAutoRead(enabled);
    }
  }

  @Override
  public void execute(Runnable task) {
    channel.eventLoop().execute(task);
  }

  @Override
  public boolean inEventThread() {
    return channel.eventLoop().inEventLoop();
  }

  @Override
  public void close() {
    if (inEventThread()) {
      closeInEventThread();
    } else {
      execute(this::closeInEventThread);
    }
  }

  private void closeInEventThread() {
    if (closing) {
      return;
    }
    closing = true;
    dropUnflushed();
    if (unsentBytes() == 0) {
      channel.close();
      return;
    }
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    channel.eventLoop().schedule((Runnable) channel::close, LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private void dropUnflushed() {
    ByteBuf chunk = out;
    if (chunk != null) {
      out = null;
      chunk.release();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    remoteAddress = channel.remoteAddress();
    localAddress = channel.localAddress();
    handler = accept.apply(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (!closing) {
        handler().received(bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes()));
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!closing) {
      handler().receiveComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!closing && handler != null) {
      handler.writabilityChanged();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && !closing) {
      handler().inputEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closing = true;
    dropUnflushed();
    ConnectionHandler told = handler;
    if (told != null) {
      told.closed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof DecoderException && cause.getCause() instanceof IOException broken) {
      LOG.warn("connection with {} is closed: {}", remoteAddress, broken.getMessage());
    } else if (!(cause instanceof IOException)) {
      LOG.error("connection with {} failed and is closed", remoteAddress, cause);
    }
    channel.close();
  }

  private ConnectionHandler handler() {
    return Objects.requireNonNull(handler, "a connection is accepted before it is read");
  }
}
