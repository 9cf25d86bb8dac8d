package dev.henge.server.eventual;

import dev.henge.data.Reply;

/// What came of a request about one key that carries contexts.
public sealed interface KeyAnswer {
  /// What is there.
  ///
  /// @param context to be handed back with a write that knows of all of it
  /// @param tag names exactly these values: equal tags, equal bytes; empty where there are none
  /// @param copies how many answered
  record Seen(Live live, String context, String tag, int copies) implements KeyAnswer {}

  /// It is done.
  ///
  /// @param context to be handed back with the next write of who made this one
  /// @param tag as in [Seen], of what the coordinator holds now
  /// @param replaced whether something lived there before
  /// @param copies as durable as the keyspace declares
  /// @param hints how many of these are with somebody who stands in for an owner
  record Done(String context, String tag, boolean replaced, int copies, int hints)
      implements KeyAnswer {}

  /// It was not done, or nobody knows.
  record Failed(Reply.Failure why) implements KeyAnswer {}
}
