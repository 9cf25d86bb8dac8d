package dev.henge.server.resp;

import dev.henge.base.Connection;
import dev.henge.base.ConnectionHandler;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// A connection without a network: what is written is kept, tasks run when the test says so.
final class MemoryConnection implements Connection {
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ByteArrayOutputStream unflushed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private @Nullable ConnectionHandler handler;
  private boolean closed;
  private boolean reading = true;
  private boolean stuck;
  private long stuckBytes;

  void handler(ConnectionHandler accepted) {
    handler = accepted;
  }

  /// Gives bytes to the session as one wake-up, then runs what that has asked for.
  void receive(byte[] bytes) {
    ConnectionHandler accepted = accepted();
    if (!closed) {
      accepted.received(ByteBuffer.wrap(bytes));
      accepted.receiveComplete();
    }
    runTasks();
  }

  void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /// While stuck, the peer takes nothing.
  void stuck(boolean yes) {
    stuck = yes;
    if (!yes) {
      stuckBytes = 0;
      accepted().writabilityChanged();
      runTasks();
    }
  }

  /// What was flushed since the last call.
  String takeSent() {
    String text = sent.toString(StandardCharsets.ISO_8859_1);
    sent.reset();
    return text;
  }

  boolean isClosed() {
    return closed;
  }

  boolean reading() {
    return reading;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return new InetSocketAddress("127.0.0.1", 50_000);
  }

  @Override
  public InetSocketAddress localAddress() {
    return new InetSocketAddress("127.0.0.1", 7400);
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    unflushed.write(source, offset, length);
  }

  @Override
  public void flush() {
    if (stuck) {
      stuckBytes += unflushed.size();
    }
    sent.writeBytes(unflushed.toByteArray());
    unflushed.reset();
  }

  @Override
  public long unsentBytes() {
    return stuckBytes + unflushed.size();
  }

  @Override
  public boolean writable() {
    return unsentBytes() < 64 << 10;
  }

  @Override
  public void readEnabled(boolean enabled) {
    reading = enabled;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public boolean inEventThread() {
    return true;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      ConnectionHandler accepted = handler;
      if (accepted != null) {
        accepted.closed();
      }
    }
  }

  private ConnectionHandler accepted() {
    ConnectionHandler one = handler;
    if (one == null) {
      throw new IllegalStateException("not accepted yet");
    }
    return one;
  }
}
