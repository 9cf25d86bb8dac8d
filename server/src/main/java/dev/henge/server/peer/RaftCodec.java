package dev.henge.server.peer;

import com.google.protobuf.ByteString;
import dev.henge.base.Invariant;
import dev.henge.consensus.group.PeerMessage;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.Message;
import dev.henge.server.peer.wire.Append;
import dev.henge.server.peer.wire.AppendReply;
import dev.henge.server.peer.wire.Candidacy;
import dev.henge.server.peer.wire.GroupMessage;
import dev.henge.server.peer.wire.Heartbeat;
import dev.henge.server.peer.wire.TimeoutNow;
import java.util.ArrayList;
import java.util.List;

/// Raft's messages in `peer.proto`. Sender and receiver are not repeated: they are the envelope's.
final class RaftCodec {
  private RaftCodec() {}

  static GroupMessage wire(PeerMessage.GroupMessage one, long from, long to) {
    Message message = one.message();
    Invariant.check(
        message.from() == from && message.to() == to, "a message travels in its own envelope");
    var builder = GroupMessage.newBuilder().setGroup(one.group()).setTerm(message.term());
    switch (message) {
      case Message.PreVote vote ->
          builder.setPreVote(candidacy(vote.lastIndex(), vote.lastTerm(), false));
      case Message.PreVoteReply reply -> builder.setPreVoteReply(reply.granted());
      case Message.Vote vote ->
          builder.setVote(candidacy(vote.lastIndex(), vote.lastTerm(), vote.transfer()));
      case Message.VoteReply reply -> builder.setVoteReply(reply.granted());
      case Message.Append append -> builder.setAppend(wire(append));
      case Message.AppendReply reply ->
          builder.setAppendReply(
              AppendReply.newBuilder()
                  .setAccepted(reply.accepted())
                  .setIndex(reply.index())
                  .setHintIndex(reply.hintIndex())
                  .setHintTerm(reply.hintTerm()));
      case Message.Heartbeat heartbeat ->
          builder
              .setStamp(heartbeat.stamp())
              .setHeartbeat(
                  Heartbeat.newBuilder()
                      .setCommit(heartbeat.commit())
                      .setRound(heartbeat.round())
                      .setConfirmed(heartbeat.confirmed()));
      case Message.HeartbeatReply reply ->
          builder.setStamp(reply.stamp()).setHeartbeatReply(reply.round());
      case Message.SnapshotOffer offer -> builder.setSnapshotOffer(PeerCodec.mark(offer.mark()));
      case Message.TimeoutNow now -> builder.setTimeoutNow(TimeoutNow.getDefaultInstance());
      case Message.Quiesce quiesce -> builder.setQuiesce(quiesce.commit());
    }
    return builder.build();
  }

  static PeerMessage.GroupMessage message(GroupMessage wire, long from, long to)
      throws BadFrameException {
    long term = wire.getTerm();
    Message message =
        switch (wire.getKindCase()) {
          case PRE_VOTE -> {
            Candidacy vote = wire.getPreVote();
            yield new Message.PreVote(from, to, term, vote.getLastIndex(), vote.getLastTerm());
          }
          case PRE_VOTE_REPLY -> new Message.PreVoteReply(from, to, term, wire.getPreVoteReply());
          case VOTE -> {
            Candidacy vote = wire.getVote();
            yield new Message.Vote(
                from, to, term, vote.getLastIndex(), vote.getLastTerm(), vote.getTransfer());
          }
          case VOTE_REPLY -> new Message.VoteReply(from, to, term, wire.getVoteReply());
          case APPEND -> append(wire.getAppend(), from, to, term);
          case APPEND_REPLY -> {
            AppendReply reply = wire.getAppendReply();
            yield new Message.AppendReply(
                from,
                to,
                term,
                reply.getAccepted(),
                reply.getIndex(),
                reply.getHintIndex(),
                reply.getHintTerm());
          }
          case HEARTBEAT -> {
            Heartbeat heartbeat = wire.getHeartbeat();
            yield new Message.Heartbeat(
                from,
                to,
                term,
                heartbeat.getCommit(),
                heartbeat.getRound(),
                heartbeat.getConfirmed(),
                wire.getStamp());
          }
          case HEARTBEAT_REPLY ->
              new Message.HeartbeatReply(from, to, term, wire.getHeartbeatReply(), wire.getStamp());
          case SNAPSHOT_OFFER ->
              new Message.SnapshotOffer(from, to, term, PeerCodec.mark(wire.getSnapshotOffer()));
          case TIMEOUT_NOW -> new Message.TimeoutNow(from, to, term);
          case QUIESCE -> new Message.Quiesce(from, to, term, wire.getQuiesce());
          case KIND_NOT_SET ->
              throw new BadFrameException(
                  "a message of group " + wire.getGroup() + " of no known kind");
        };
    return new PeerMessage.GroupMessage(wire.getGroup(), message);
  }

  private static Candidacy candidacy(long lastIndex, long lastTerm, boolean transfer) {
    return Candidacy.newBuilder()
        .setLastIndex(lastIndex)
        .setLastTerm(lastTerm)
        .setTransfer(transfer)
        .build();
  }

  private static Append wire(Message.Append append) {
    var builder =
        Append.newBuilder()
            .setPreviousIndex(append.previousIndex())
            .setPreviousTerm(append.previousTerm())
            .setCommit(append.commit());
    long index = append.previousIndex();
    long count = 0;
    long term = 0;
    int kind = 0;
    for (Entry entry : append.entries()) {
      Invariant.check(entry.index() == ++index, "entries follow each other");
      if (count > 0 && (entry.term() != term || entry.kind().code() != kind)) {
        builder.addRuns(count).addRuns(term).addRuns(kind);
        count = 0;
      }
      term = entry.term();
      kind = entry.kind().code();
      count++;
      builder.addEntries(PeerCodec.wrap(entry.bytes()));
    }
    if (count > 0) {
      builder.addRuns(count).addRuns(term).addRuns(kind);
    }
    return builder.build();
  }

  private static Message.Append append(Append wire, long from, long to, long term)
      throws BadFrameException {
    List<Entry> entries = new ArrayList<>(wire.getEntriesCount());
    int runs = wire.getRunsCount();
    int run = 0;
    long left = 0;
    for (ByteString bytes : wire.getEntriesList()) {
      if (left == 0) {
        if (run + 3 > runs) {
          throw new BadFrameException("more entries than terms");
        }
        left = wire.getRuns(run);
        run += 3;
        if (left <= 0) {
          throw new BadFrameException("a run of " + left + " entries");
        }
      }
      left--;
      entries.add(
          new Entry(
              wire.getPreviousIndex() + 1 + entries.size(),
              wire.getRuns(run - 2),
              kind(wire.getRuns(run - 1)),
              bytes.toByteArray()));
    }
    if (left != 0 || run != runs) {
      throw new BadFrameException("fewer entries than terms");
    }
    return new Message.Append(
        from, to, term, wire.getPreviousIndex(), wire.getPreviousTerm(), entries, wire.getCommit());
  }

  private static Entry.Kind kind(long code) throws BadFrameException {
    try {
      return Entry.Kind.of(Math.toIntExact(code));
    } catch (IllegalArgumentException | ArithmeticException unknown) {
      throw new BadFrameException("an entry of unknown kind " + code, unknown);
    }
  }
}
