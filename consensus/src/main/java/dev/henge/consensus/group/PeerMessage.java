package dev.henge.consensus.group;

import dev.henge.consensus.raft.Message;
import dev.henge.consensus.raft.SnapshotMark;
import java.util.List;

/// What travels between two nodes. The envelope around it (cluster id, member numbers, incarnation,
/// epoch, deadline) is the transport's.
@SuppressWarnings("ArrayRecordComponent") // never compared
public sealed interface PeerMessage {
  /// Messages of any number of groups, heartbeats of quiet ones among them.
  record GroupMessages(List<GroupMessage> messages) implements PeerMessage {}

  record GroupMessage(long group, Message message) {}

  /// Asks for a chunk of the image offered at `mark`.
  ///
  /// @param position as [StateMachine.Chunk#next] of the chunk before; empty at the beginning
  /// @param image number that the sender gave to its image with the first chunk; 0 at the beginning
  record SnapshotRequest(long group, SnapshotMark mark, long image, byte[] position)
      implements PeerMessage {}

  /// @param image number of the image; 0: it is gone, begin anew
  /// @param position that was asked for
  /// @param checksum CRC32C of `bytes`
  /// @param mark of the image, which may be newer than the one asked for
  record SnapshotChunk(
      long group,
      SnapshotMark mark,
      long image,
      byte[] position,
      byte[] bytes,
      int checksum,
      byte[] next,
      boolean last)
      implements PeerMessage {}

  /// A request that wants an [Answer].
  ///
  /// @param number of the call, unique for the sender's incarnation
  /// @param service which handler it is for: see the constants of `server.cluster`
  record Call(long number, int service, byte[] body) implements PeerMessage {}

  /// @param status 0: served, `body` is the service's answer; else why not, `body` a text
  record Answer(long number, int status, byte[] body) implements PeerMessage {}
}
