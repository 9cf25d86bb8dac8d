package dev.henge.server.resp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A process with many connections: the server under test needs its own file descriptors.
///
/// Arguments: port and how many. Says `connected`; for each line that it reads it sends PING over
/// all connections and says how many answered PONG; ends with its input.
public final class IdleClients {
  private static final byte[] PONG = "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);

  private IdleClients() {}

  /// The program.
  public static void main(String[] arguments) throws IOException {
    var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      channels.add(SocketChannel.open(address));
    }
    System.out.println("connected");
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    while (in.readLine() != null) {
      int answered = 0;
      for (SocketChannel channel : channels) {
        channel.write(ByteBuffer.wrap("PING\r\n".getBytes(StandardCharsets.US_ASCII)));
      }
      for (SocketChannel channel : channels) {
        ByteBuffer reply = ByteBuffer.allocate(PONG.length);
        while (reply.hasRemaining() && channel.read(reply) >= 0) {}
        answered += reply.flip().equals(ByteBuffer.wrap(PONG)) ? 1 : 0;
      }
      System.out.println(answered);
    }
  }
}
