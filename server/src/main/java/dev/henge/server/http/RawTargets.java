package dev.henge.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;

/// Moves each request's target from the request line into a header, so that Armeria sees `/`.
///
/// Armeria refuses or rewrites what a key may hold: `%00`, `%2E%2E`, `;`, `//`. It has no switch
/// for that, but lets its pipeline be changed: this handler passes the first four bytes on, by
/// which Armeria decides between HTTP/1 and HTTP/2, then puts itself behind the decoder that was
/// chosen.
///
/// - Threads: the event loop of its connection.
final class RawTargets extends ChannelInboundHandlerAdapter {
  /// Carries the target; whatever a client sent under this name is replaced.
  static final String HEADER = "henge-raw-target";

  /// What Armeria compares with the begin of HTTP/2's connection preface.
  private static final int DECIDING_BYTES = 4;

  private int passedBytes;

  private RawTargets() {}

  /// Installs itself in the pipeline of a new connection.
  static void install(ChannelPipeline pipeline) {
    pipeline.addFirst(new RawTargets());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    int head = Math.min(DECIDING_BYTES - passedBytes, bytes.readableBytes());
    passedBytes += head;
    if (passedBytes < DECIDING_BYTES) {
      context.fireChannelRead(bytes);
      return;
    }
    ByteBuf first = bytes.readRetainedSlice(head);
    context.fireChannelRead(first);
    followDecoder(context.pipeline());
    if (bytes.isReadable()) {
      context.fireChannelRead(bytes);
    } else {
      bytes.release();
    }
    context.pipeline().remove(this);
  }

  private static void followDecoder(ChannelPipeline pipeline) {
    for (Map.Entry<String, ChannelHandler> entry : pipeline) {
      switch (entry.getValue()) {
        case Http2ConnectionHandler http2 -> {
          var decoder = http2.decoder();
          decoder.frameListener(new Http2Targets(decoder.frameListener()));
          return;
        }
        case CombinedChannelDuplexHandler<?, ?> http1 -> {
          pipeline.addAfter(entry.getKey(), "raw-target", new Http1Targets());
          return;
        }
        default -> {}
      }
    }
    throw new IllegalStateException("no HTTP decoder behind the first bytes");
  }

  /// Whether the target may stand in a header; one that may not is Armeria's to refuse.
  private static boolean isPlain(CharSequence target) {
    return !target.isEmpty() && target.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static final class Http1Targets extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request) {
        request.headers().remove(HEADER);
        // Upgraded requests would come by another way; clients go on with HTTP/1.1 as they must.
        request.headers().remove(HttpHeaderNames.UPGRADE);
        if (isPlain(request.uri())) {
          request.headers().set(HEADER, request.uri());
          request.setUri("/");
        }
      }
      context.fireChannelRead(message);
    }
  }

  private static final class Http2Targets extends Http2FrameListenerDecorator {
    Http2Targets(io.netty.handler.codec.http2.Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      super.onHeadersRead(context, stream, moved(headers), padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int stream,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      super.onHeadersRead(
          context, stream, moved(headers), dependency, weight, exclusive, padding, end);
    }

    private static Http2Headers moved(Http2Headers headers) {
      headers.remove(HEADER);
      CharSequence target = headers.path();
      if (target != null && isPlain(target)) {
        headers.set(HEADER, target);
        headers.path("/");
      }
      return headers;
    }
  }
}
