package dev.henge.server.resp;

import dev.henge.data.Operation;
import dev.henge.server.store.Keyspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client has queued since MULTI, and the keys it watches.
///
/// - Bounds: [#QUEUED_MAX] requests, [#QUEUED_BYTES_MAX] bytes of arguments, [#WATCHED_MAX] keys;
///   more are refused.
/// - Threads: that of the session.
final class Transaction {
  private static final int QUEUED_MAX = 100_000;
  private static final long QUEUED_BYTES_MAX = 64 << 20;
  private static final int WATCHED_MAX = 100_000;

  /// A queued request with the (sub)command that it names.
  record Queued(Request request, Command command) {}

  private final List<Queued> queued = new ArrayList<>(0);
  private final List<Operation.Watch> watches = new ArrayList<>(0);
  private @Nullable Keyspace watchedKeyspace;
  private long queuedBytes;
  private boolean open;
  private boolean spoiled;

  boolean open() {
    return open;
  }

  void begin() {
    open = true;
  }

  /// Whether a request was refused when it should have been queued.
  boolean spoiled() {
    return spoiled;
  }

  void spoil() {
    spoiled |= open;
  }

  int queuedCount() {
    return queued.size();
  }

  /// Bytes of the arguments of what is queued.
  long queuedBytes() {
    return queuedBytes;
  }

  List<Queued> queued() {
    return queued;
  }

  List<Operation.Watch> watches() {
    return watches;
  }

  void queue(Request request, Command command) throws CommandException {
    long bytes = 0;
    for (int i = 1; i < request.count(); i++) {
      bytes += request.bytes(i).length;
    }
    if (queued.size() == QUEUED_MAX || queuedBytes + bytes > QUEUED_BYTES_MAX) {
      spoiled = true;
      throw new CommandException(
          "ERR transaction too large: at most "
              + QUEUED_MAX
              + " commands and "
              + QUEUED_BYTES_MAX
              + " bytes");
    }
    queuedBytes += bytes;
    queued.add(new Queued(request.copy(), command));
  }

  /// Adds keys of `keyspace` to what is watched.
  void watch(Keyspace keyspace, List<Operation.Watch> more) throws CommandException {
    if (!watchesOnly(keyspace)) {
      throw new CommandException(
          "ERR keys of another keyspace are watched; UNWATCH them first, or select it again");
    }
    if (watches.size() + more.size() > WATCHED_MAX) {
      throw new CommandException("ERR too many watched keys: at most " + WATCHED_MAX);
    }
    watchedKeyspace = keyspace;
    watches.addAll(more);
  }

  /// Whether all watched keys can be checked together with operations on `keyspace`.
  boolean watchesOnly(Keyspace keyspace) {
    Keyspace watched = watchedKeyspace;
    return watches.isEmpty() || watched == null || watched.sharesGroupWith(keyspace);
  }

  void unwatch() {
    watches.clear();
  }

  /// Ends the transaction, whatever is queued, and forgets the watched keys.
  void discard() {
    open = false;
    spoiled = false;
    queuedBytes = 0;
    queued.clear();
    watches.clear();
  }
}
