package dev.henge.server.eventual;

import dev.henge.data.Reply;
import dev.henge.replication.quorum.Answer;
import dev.henge.replication.quorum.Level;
import dev.henge.replication.replica.KeyspaceReplica;
import dev.henge.replication.replica.Outcome;

/// The table from what eventual keyspaces answer, when they do not do what was asked, to names and
/// texts: every frontend has it from here.
public final class EventualFailures {
  /// Of a context that is damaged, foreign or newer.
  public static final String BAD_CONTEXT = "BADCONTEXT";

  /// Of a plain read of concurrent versions.
  public static final String SIBLINGS = "SIBLINGS";

  public static final String TOO_MANY_SIBLINGS = "TOOMANYSIBLINGS";
  public static final String CLOCK_AHEAD = "CLOCKAHEAD";

  /// This node does not know the keyspace, or is no member any more.
  static final Reply.Failure NOT_HERE =
      new Reply.Failure(
          "UNAVAILABLE", "this node does not know yet where the keyspace is; nothing was done");

  static final Reply.Failure NOT_EVENTUAL =
      new Reply.Failure("ERR", "that needs a strong or cache keyspace");

  static final Reply.Failure NO_CONDITIONS =
      new Reply.Failure(
          "ERR",
          "NX, XX, IFEQ and GET of SET need a strong or cache keyspace: replicas of an eventual one"
              + " take writes without asking each other what is there; HENGE.PUT with a CONTEXT"
              + " replaces what you have read");

  static final Reply.Failure NO_EXPIRE_CONDITIONS =
      new Reply.Failure(
          "ERR",
          "NX, XX, GT and LT need a strong or cache keyspace: replicas of an eventual one take"
              + " writes without asking each other what is there");

  private EventualFailures() {}

  /// What an answer that is none of [Answer.Found] and [Answer.Written] is.
  public static Reply.Failure of(Answer answer) {
    return switch (answer) {
      case Answer.Refused(Outcome.Refusal why) -> of(why);
      case Answer.Unavailable(int wanted, int reachable) ->
          new Reply.Failure(
              "UNAVAILABLE",
              "copies that can be reached now: "
                  + reachable
                  + ", asked for: "
                  + wanted
                  + "; nothing was done");
      case Answer.Overloaded(String why) ->
          new Reply.Failure("OVERLOADED", why + "; nothing was done, try again later");
      case Answer.Unknown(int wanted, int copies) ->
          new Reply.Failure(
              "UNKNOWN",
              "copies known to have this write: "
                  + copies
                  + ", asked for: "
                  + wanted
                  + "; it may be seen, and will be everywhere in time where one of them survives");
      case Answer.Found found -> unexpected(found);
      case Answer.Written written -> unexpected(written);
    };
  }

  static Reply.Failure of(KeysAnswer answer) {
    return switch (answer) {
      case KeysAnswer.Unavailable(String why) -> new Reply.Failure("UNAVAILABLE", why);
      case KeysAnswer.Overloaded(String why) -> new Reply.Failure("OVERLOADED", why);
      case KeysAnswer.Page page -> unexpected(page);
      case KeysAnswer.Count count -> unexpected(count);
    };
  }

  private static Reply.Failure of(Outcome.Refusal why) {
    return switch (why) {
      case TOO_MANY_SIBLINGS ->
          new Reply.Failure(
              TOO_MANY_SIBLINGS,
              "the key would have more than "
                  + KeyspaceReplica.SIBLINGS_MAX
                  + " concurrent values, or more than "
                  + KeyspaceReplica.SIBLING_BYTES_MAX
                  + " bytes of them; nothing was done: read them, merge them, and write the result"
                  + " with the context of that answer");
      case WRONG_TYPE -> Reply.Failure.WRONG_TYPE;
      case OVERFLOW -> new Reply.Failure("ERR", "increment or decrement would overflow");
      case SIBLINGS ->
          new Reply.Failure(
              SIBLINGS,
              "the key has concurrent values, and this can be done to one only: read them with"
                  + " HENGE.GET, and write one with the context of that answer");
      case FOREIGN_CONTEXT ->
          new Reply.Failure(
              BAD_CONTEXT,
              "the context names writes that its replica never made: it is of another cluster, or"
                  + " of one that has lost its disks; read the key again");
      case CLOCK_AHEAD ->
          new Reply.Failure(
              CLOCK_AHEAD,
              "a version's time is too far ahead of this node's clock; nothing was done: set the"
                  + " clocks of the nodes right");
    };
  }

  /// A plain read found `count` versions that did not know of each other.
  static Reply.Failure siblings(byte[] key, int count) {
    return new Reply.Failure(
        SIBLINGS, shown(key) + " has " + count + " concurrent values: read them with HENGE.GET");
  }

  /// Of several keys, some were written and one was not.
  static Reply.Failure partly(int done, int asked, byte[] key, Reply.Failure why) {
    return new Reply.Failure(
        "UNKNOWN",
        done
            + " of "
            + asked
            + " keys are done, not all; of "
            + shown(key)
            + ": "
            + why.code()
            + " "
            + why.message());
  }

  static Reply.Failure tooLong(String what, int bytes, int bytesMax) {
    return new Reply.Failure(
        "ERR", "%s of %d bytes is longer than the limit of %d".formatted(what, bytes, bytesMax));
  }

  static Reply.Failure impossible(String what, Level level, Asking asking, int copies) {
    return new Reply.Failure(
        "ERR",
        what
            + " is "
            + level
            + ", and keyspace '"
            + asking.keyspace()
            + "' has "
            + copies
            + " copies of a key");
  }

  private static final int SHOWN_MAX = 64;

  /// A key in an error: printable letters, others as dots.
  static String shown(byte[] key) {
    var text = new StringBuilder("'");
    for (int i = 0; i < Math.min(key.length, SHOWN_MAX); i++) {
      text.append(key[i] >= ' ' && key[i] <= '~' ? (char) key[i] : '.');
    }
    return text.append(key.length > SHOWN_MAX ? "...'" : "'").toString();
  }

  private static Reply.Failure unexpected(Object answer) {
    throw new IllegalStateException("no failure: " + answer);
  }
}
