package dev.henge.server.resp;

import dev.henge.base.Connection;
import java.net.InetSocketAddress;

/// Who is at the other end of a session, as CLIENT LIST tells it.
///
/// - Threads: written by the session's owner, read by any without a lock: each field is whole by
///   itself, together they may be of different moments.
final class Client {
  private final long id;
  private final long connectedNanos;
  private final InetSocketAddress remoteAddress;
  private final InetSocketAddress localAddress;
  private volatile String name = "";
  private volatile String libraryName = "";
  private volatile String libraryVersion = "";
  private volatile String keyspace = "default";
  private volatile int database;
  private volatile int protocol = 2;
  private volatile int queuedCount = -1;
  private volatile int watchedCount;
  private volatile boolean noEvict;
  private volatile boolean noTouch;
  private long touchedNanos;
  private String lastCommand = "NULL";
  private long commandCount;

  /// @param nowNanos of the monotonic clock, as all times here
  Client(long id, Connection connection, long nowNanos) {
    this.id = id;
    this.connectedNanos = nowNanos;
    this.touchedNanos = nowNanos;
    this.remoteAddress = connection.remoteAddress();
    this.localAddress = connection.localAddress();
  }

  long id() {
    return id;
  }

  String remoteAddress() {
    return text(remoteAddress);
  }

  String localAddress() {
    return text(localAddress);
  }

  String name() {
    return name;
  }

  void name(String text) {
    name = text;
  }

  void libraryName(String text) {
    libraryName = text;
  }

  void libraryVersion(String text) {
    libraryVersion = text;
  }

  /// @param number -1 for a named keyspace
  void keyspace(String keyspaceName, int number) {
    keyspace = keyspaceName;
    database = number;
  }

  void protocol(int version) {
    protocol = version;
  }

  /// @param count of requests queued by MULTI; -1 outside
  void queuedCount(int count) {
    queuedCount = count;
  }

  void watchedCount(int count) {
    watchedCount = count;
  }

  void noEvict(boolean on) {
    noEvict = on;
  }

  void noTouch(boolean on) {
    noTouch = on;
  }

  void touch(long nowNanos) {
    touchedNanos = nowNanos;
  }

  long touchedNanos() {
    return touchedNanos;
  }

  void ran(Command command) {
    lastCommand = command.fullName();
    commandCount++;
  }

  long commandCount() {
    return commandCount;
  }

  /// One line of CLIENT LIST, without the line end.
  String describe(long nowNanos, int inputBytes, int outputBytes) {
    var flags = new StringBuilder();
    if (queuedCount >= 0) {
      flags.append('x');
    }
    if (noEvict) {
      flags.append('e');
    }
    if (noTouch) {
      flags.append('T');
    }
    if (flags.isEmpty()) {
      flags.append('N');
    }
    return "id="
        + id
        + " addr="
        + remoteAddress()
        + " laddr="
        + localAddress()
        + " fd=-1"
        + " name="
        + name
        + " age="
        + Math.max(0, nowNanos - connectedNanos) / 1_000_000_000
        + " idle="
        + Math.max(0, nowNanos - touchedNanos) / 1_000_000_000
        + " flags="
        + flags
        + " db="
        + database
        + " sub=0 psub=0 ssub=0"
        + " multi="
        + queuedCount
        + " watch="
        + watchedCount
        + " qbuf="
        + inputBytes
        + " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0"
        + " obl="
        + outputBytes
        + " oll=0 omem=0 tot-mem="
        + (inputBytes + outputBytes)
        + " events=r"
        + " cmd="
        + lastCommand
        + " user=default redir=-1"
        + " resp="
        + protocol
        + " lib-name="
        + libraryName
        + " lib-ver="
        + libraryVersion
        + " keyspace="
        + keyspace;
  }

  private static String text(InetSocketAddress address) {
    String host =
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
