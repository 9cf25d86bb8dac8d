package dev.henge.simulation.chaos;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A RESP2 connection, as plain as can be: what is sent, what is read.
///
/// - Threads: one.
/// - Errors: after any [IOException] it is of no more use.
final class RespConnection implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 13;
  private static final int BYTES_MAX = 1 << 24;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /// @param answerMillis the longest wait for any part of an answer
  RespConnection(InetSocketAddress address, int connectMillis, int answerMillis)
      throws IOException {
    socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(answerMillis);
      socket.connect(address, connectMillis);
      in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
      out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  Answer ask(String... words) throws IOException {
    add(List.of(words));
    flush();
    return receive();
  }

  /// Puts a request behind those not yet sent.
  void add(List<String> words) throws IOException {
    out.write(bytes("*" + words.size() + "\r\n"));
    for (String word : words) {
      byte[] text = bytes(word);
      out.write(bytes("$" + text.length + "\r\n"));
      out.write(text);
      out.write(bytes("\r\n"));
    }
  }

  void flush() throws IOException {
    out.flush();
  }

  /// Reads the answer to the oldest request that has none.
  Answer receive() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> new Answer.Status(rest);
      case ':' -> new Answer.Number(Long.parseLong(rest));
      case '-' -> new Answer.Failure(rest.split(" ", 2)[0], rest);
      case '$' -> text(count(rest));
      case '*' -> many(count(rest));
      default -> throw new IOException("not RESP2: " + line);
    };
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private Answer text(int length) throws IOException {
    if (length < 0) {
      return new Answer.Nothing();
    }
    byte[] text = in.readNBytes(length + 2);
    if (text.length < length + 2) {
      throw new EOFException("the connection ended in the middle of an answer");
    }
    return new Answer.Text(new String(text, 0, length, StandardCharsets.UTF_8));
  }

  private Answer many(int length) throws IOException {
    if (length < 0) {
      return new Answer.Nothing();
    }
    List<Answer> items = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      items.add(receive());
    }
    return new Answer.Many(items);
  }

  private static int count(String digits) throws IOException {
    int count = Integer.parseInt(digits);
    if (count > BYTES_MAX) {
      throw new IOException("an answer of " + count + " bytes or items");
    }
    return count;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\r'; next = in.read()) {
      if (next < 0 || line.length() > BYTES_MAX) {
        throw new EOFException("the connection ended");
      }
      line.append((char) next);
    }
    if (in.read() != '\n' || line.isEmpty()) {
      throw new IOException("not RESP2: a line without its end");
    }
    return line.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
