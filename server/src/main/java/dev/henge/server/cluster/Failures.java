package dev.henge.server.cluster;

import dev.henge.consensus.group.GroupOptions;
import dev.henge.data.Reply;
import dev.henge.storage.WriteRefusedException;

/// What a strong keyspace answers when it does not do what was asked: each has a name of its own.
public final class Failures {
  /// Whether the write was done is not known.
  public static final Reply.Failure UNKNOWN =
      new Reply.Failure(
          "UNKNOWN",
          "whether this write was or will be done is not known; send it again under a request id to"
              + " have it done once");

  /// Nothing was done: too much waits.
  public static final Reply.Failure OVERLOADED =
      new Reply.Failure("OVERLOADED", "too much waits already; nothing was done, try again later");

  /// Nothing was done: this node is no member any more.
  public static final Reply.Failure REMOVED =
      new Reply.Failure(
          "REMOVED",
          "this node was removed from its cluster and serves nothing any more; use another member,"
              + " and stop this node: it can only come back with an empty data directory");

  /// Nothing was done: the leader has no space left.
  public static final Reply.Failure DISK_FULL =
      new Reply.Failure(
          "DISKFULL",
          "the disk of the group's leader is full; nothing was done, it goes on when there is"
              + " space");

  /// Nothing was done: no leader was found in time.
  public static final Reply.Failure UNAVAILABLE =
      new Reply.Failure(
          "UNAVAILABLE", "no majority of the group's replicas was found in time; nothing was done");

  /// Nothing was done: requests sent behind this one have been done, and order is kept.
  public static final Reply.Failure OVERTAKEN =
      new Reply.Failure(
          "UNAVAILABLE",
          "leadership moved, and a request sent behind this one was done; nothing was done here");

  /// Nothing was done: the keyspace has no order of operations.
  public static final Reply.Failure NOT_STRONG =
      new Reply.Failure(
          "ERR",
          "this needs a strong keyspace, and the selected one is eventual; nothing was done");

  /// Keys of more than one group.
  public static final Reply.Failure CROSS_SLOT =
      new Reply.Failure("CROSSSLOT", "Keys in request don't hash to the same slot");

  /// Nothing was done: no group takes so much at once.
  public static final Reply.Failure TOO_LARGE =
      new Reply.Failure(
          "ERR",
          "the request, with keys and values, is longer than the limit of "
              + GroupOptions.COMMAND_BYTES_MAX
              + " of replicated keyspaces");

  private Failures() {}

  /// Why a local group took nothing.
  static Reply.Failure of(WriteRefusedException refused) {
    String why = String.valueOf(refused.getMessage());
    return switch (refused.reason()) {
      case DISK_FULL -> new Reply.Failure("DISKFULL", why + "; nothing was written");
      case STOPPED -> new Reply.Failure("STOPPED", why + "; nothing was written");
      case TOO_LARGE -> new Reply.Failure("ERR", why);
      case STALLED -> new Reply.Failure("OVERLOADED", why);
    };
  }

  /// What was asked has been done.
  static Reply.Failure answerTooLong(long bytes, long bytesMax) {
    return new Reply.Failure(
        "ERR",
        "done, but the answer of "
            + bytes
            + " bytes is longer than the "
            + bytesMax
            + " that nodes send each other; ask for less at a time, or the group's leader");
  }

  static Reply.Failure damaged(String message) {
    return new Reply.Failure("DAMAGED", message);
  }
}
