package dev.henge.server.eventual;

import dev.henge.data.ScanPosition;
import dev.henge.replication.hot.HotKeys;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Request;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The way of a request to an eventual keyspace, whoever has its keys.
///
/// - Threads: any; nothing blocks. Each listener is called once, on any thread, also before the
///   call returns, and must not block.
/// - Bytes: keys are the users' own; they are borrowed until the listener is called.
public interface EventualKeyspaces {
  /// The cluster that this node is a member of: 32 hexadecimal digits.
  String clusterId();

  /// What a keyspace declares; null where this node knows no eventual keyspace of that id.
  @Nullable EventualPolicy policy(int keyspaceId);

  /// Has a request done by a replica that coordinates it. Where the latest write wins, answers have
  /// nothing else in their versions.
  ///
  /// @param timeoutMillis after which it is answered one way or the other
  void execute(
      int keyspaceId, byte[] key, Request request, long timeoutMillis, Consumer<Answer> done);

  /// Some keys that live, in (slot, key) order. Each slot's keys are those of one copy, so that a
  /// write that other copies have may be missing.
  ///
  /// @param count how many to look at, about; at least 1
  /// @param done hears [KeysAnswer.Page], or why there is none
  void page(
      int keyspaceId, ScanPosition from, int count, long timeoutMillis, Consumer<KeysAnswer> done);

  /// How many keys live, as one copy of each slot knows.
  ///
  /// @param done hears [KeysAnswer.Count], or why there is none
  void count(int keyspaceId, long timeoutMillis, Consumer<KeysAnswer> done);

  /// The keys of eventual keyspaces that this node is asked for most, most first.
  List<HotKeys.Rate> hotKeys(int count);
}
