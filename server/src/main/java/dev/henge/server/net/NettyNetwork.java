package dev.henge.server.net;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import dev.henge.base.Network;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// TCP connections on a fixed number of event threads.
///
/// - Threads: safe from any; each connection stays with one event thread.
/// - Lifetime: [#close] closes every listener and connection and ends the threads.
public final class NettyNetwork implements Network {
  /// How a network is set up.
  ///
  /// @param eventThreadCount threads that read, evaluate and write
  /// @param lowWaterBytes a connection is writable again below so many unsent bytes
  /// @param highWaterBytes a connection is not writable above so many unsent bytes
  /// @param backlogCount connections that the system may queue before they are accepted
  public record Options(
      int eventThreadCount, int lowWaterBytes, int highWaterBytes, int backlogCount) {
    public static Options defaults() {
      int cores = Runtime.getRuntime().availableProcessors();
      return new Options(Math.max(1, cores - 1), 256 << 10, 1 << 20, 1024);
    }

    public Options withEventThreadCount(int count) {
      return new Options(count, lowWaterBytes, highWaterBytes, backlogCount);
    }
  }

  private final Options options;
  private final boolean epoll = Epoll.isAvailable();
  private final EventLoopGroup events;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  public NettyNetwork(Options options) {
    this.options = options;
    this.events =
        new MultiThreadIoEventLoopGroup(
            options.eventThreadCount(),
            new DefaultThreadFactory("event", true),
            epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  /// This network with TLS under each connection: the same threads, closed with this.
  ///
  /// @param accepting proves who this node is to those who connect
  /// @param connecting says whom this node believes
  public Network secured(SslContext accepting, SslContext connecting) {
    return new Network() {
      @Override
      public Listener listen(
          InetSocketAddress address, Function<Connection, ConnectionHandler> accept)
          throws IOException {
        return NettyNetwork.this.listen(address, accepting, accept);
      }

      @Override
      public void connect(
          InetSocketAddress address,
          Duration timeout,
          Function<Connection, ConnectionHandler> connected,
          Consumer<IOException> failed) {
        NettyNetwork.this.connect(address, connecting, timeout, connected, failed);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Listener listen(InetSocketAddress address, Function<Connection, ConnectionHandler> accept)
      throws IOException {
    return listen(address, null, accept);
  }

  @Override
  public void connect(
      InetSocketAddress address,
      Duration timeout,
      Function<Connection, ConnectionHandler> connected,
      Consumer<IOException> failed) {
    connect(address, null, timeout, connected, failed);
  }

  private void connect(
      InetSocketAddress address,
      @Nullable SslContext tls,
      Duration timeout,
      Function<Connection, ConnectionHandler> connected,
      Consumer<IOException> failed) {
    var bootstrap =
        new Bootstrap()
            .group(events)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(options.lowWaterBytes(), options.highWaterBytes()))
            .handler(initializer(tls, address, connected));
    bootstrap
        .connect(address)
        .addListener((ChannelFuture connecting) -> {
          Throwable cause = connecting.cause();
          if (cause != null) {
            failed.accept(cause instanceof IOException reason ? reason : new IOException(cause));
          }
        });
  }

  private Listener listen(
      InetSocketAddress address,
      @Nullable SslContext tls,
      Function<Connection, ConnectionHandler> accept)
      throws IOException {
    var bootstrap =
        new ServerBootstrap()
            .group(events)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, options.backlogCount())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(options.lowWaterBytes(), options.highWaterBytes()))
            .childHandler(initializer(tls, null, accept));
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw new IOException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + (cause == null ? "cancelled" : cause.getMessage()),
          cause);
    }
    return new NettyListener(bound.channel());
  }

  /// @param peer whom a connection that this node opens should reach; null for accepted ones
  private ChannelInitializer<SocketChannel> initializer(
      @Nullable SslContext tls,
      @Nullable InetSocketAddress peer,
      Function<Connection, ConnectionHandler> accept) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        channels.add(channel);
        if (tls != null) {
          channel
              .pipeline()
              .addLast(
                  peer == null
                      ? tls.newHandler(channel.alloc())
                      : tls.newHandler(channel.alloc(), peer.getHostString(), peer.getPort()));
        }
        channel.pipeline().addLast(new NettyConnection(channel, accept));
      }
    };
  }

  @Override
  public void close() {
    channels.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    events.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }

  private record NettyListener(Channel channel) implements Listener {
    @Override
    public InetSocketAddress address() {
      return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void close() {
      channel.close().awaitUninterruptibly();
    }
  }
}
