package dev.henge.server.resp;

import dev.henge.base.Invariant;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.server.store.Keyspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One command, declared once: dispatch, `COMMAND` and the docs page derive from it.
///
/// - Threads: immutable.
final class Command {
  /// Redis's own words for what a command is like.
  enum Flag {
    WRITE,
    READONLY,
    DENYOOM,
    ADMIN,
    NOSCRIPT,
    LOADING,
    STALE,
    FAST,
    NO_AUTH,
    NO_MULTI,
    ALLOW_BUSY
  }

  /// Kinds of keyspace that can carry a command.
  enum Mode {
    STRONG,
    EVENTUAL,
    CACHE;

    static Mode of(Keyspace keyspace) {
      return keyspace.isEventual() ? EVENTUAL : STRONG;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Makes an operation of a request whose arity is right.
  interface Parser {
    Operation parse(Request request) throws CommandException;
  }

  /// Writes what an operation has answered.
  interface Translator {
    void write(Reply reply, Request request, ReplyWriter out);
  }

  /// Answers a request from what the server and the session know.
  interface Handler {
    void handle(RespSession session, Request request, ReplyWriter out) throws CommandException;
  }

  private final Builder declared;
  private final byte[] nameBytes;
  private final Map<String, Command> subcommands = new LinkedHashMap<>();
  private final Set<Flag> flags;
  private final int arity;
  private final boolean slow;
  private final boolean insideTransaction;
  private final boolean prefixes;
  private final boolean noAuthentication;
  private final @Nullable Parser parser;
  private final @Nullable Translator translator;
  private final @Nullable Handler handler;

  private Command(Builder declared, @Nullable Command container) {
    this.declared = declared;
    this.nameBytes = ReplyWriter.ascii(declared.name);
    this.flags = declared.flags;
    this.arity = declared.arity;
    this.slow = declared.slow;
    this.insideTransaction = declared.insideTransaction;
    this.prefixes = declared.prefixes;
    this.noAuthentication = flags.contains(Flag.NO_AUTH);
    this.parser = declared.parser;
    this.translator = declared.translator;
    this.handler = declared.handler;
    for (Builder subcommand : declared.subcommands) {
      subcommand.container = declared.name;
      subcommands.put(subcommand.name, new Command(subcommand, this));
    }
    boolean data = parser != null && translator != null;
    Invariant.check(
        data != (handler != null) || !subcommands.isEmpty(),
        "a command is an operation or a handler: " + declared.name);
    Invariant.check(container == null || subcommands.isEmpty(), "one level of subcommands");
  }

  static Builder named(String name) {
    return new Builder(name);
  }

  /// In lower case.
  String name() {
    return declared.name;
  }

  /// `client|id` for a subcommand, else the name.
  String fullName() {
    return declared.container == null ? declared.name : declared.container + "|" + declared.name;
  }

  /// Shared: never change.
  byte[] nameBytes() {
    return nameBytes;
  }

  /// Arguments with the name; negative: at least so many.
  int arity() {
    return arity;
  }

  boolean accepts(int argumentCount) {
    return arity < 0 ? argumentCount >= -arity : argumentCount == arity;
  }

  boolean has(Flag flag) {
    return flags.contains(flag);
  }

  Set<Flag> flags() {
    return flags;
  }

  /// Whether it can take long, so that it never runs on an event thread.
  boolean slow() {
    return slow;
  }

  /// Whether it runs at once even where MULTI queues everything.
  boolean insideTransaction() {
    return insideTransaction;
  }

  /// Whether its arguments end with another command, which it runs.
  boolean prefixes() {
    return prefixes;
  }

  /// Whether it runs before the client has authenticated.
  boolean noAuthentication() {
    return noAuthentication;
  }

  /// WAIT and WAITAOF: whether its answer is who holds the client's newest write.
  boolean asksHolders() {
    return declared.asksHolders;
  }

  @Nullable Parser parser() {
    return parser;
  }

  @Nullable Translator translator() {
    return translator;
  }

  @Nullable Handler handler() {
    return handler;
  }

  Map<String, Command> subcommands() {
    return subcommands;
  }

  /// Position of the first key, 0 for none.
  int firstKey() {
    return declared.firstKey;
  }

  /// Position of the last key; negative: from the end.
  int lastKey() {
    return declared.lastKey;
  }

  int keyStep() {
    return declared.keyStep;
  }

  String group() {
    return declared.group;
  }

  String since() {
    return declared.since;
  }

  String summary() {
    return declared.summary;
  }

  String complexity() {
    return declared.complexity;
  }

  /// How the arguments are written, in the usual notation.
  String syntax() {
    return declared.syntax;
  }

  /// What kind of reply it gives, in words.
  String replyKind() {
    return declared.replyKind;
  }

  Set<Mode> modes() {
    return declared.modes;
  }

  /// What is said of it where the keyspace is of another kind: `GETSET needs a strong or cache
  /// keyspace`.
  String needs() {
    String kinds = modes().stream().map(Mode::word).collect(Collectors.joining(" or "));
    String article = modes().contains(Mode.STRONG) ? " needs a " : " needs an ";
    return fullName().replace('|', ' ').toUpperCase(Locale.ROOT) + article + kinds + " keyspace";
  }

  /// Whether its handler hands every request over, to be answered later, so that answers to others
  /// may still be to come.
  boolean joins() {
    return declared.joins;
  }

  /// The keys of a request of this command.
  List<byte[]> keys(Request request) {
    var keys = new ArrayList<byte[]>();
    if (firstKey() > 0) {
      int last = lastKey() < 0 ? request.count() + lastKey() : lastKey();
      for (int i = firstKey(); i <= last && i < request.count(); i += keyStep()) {
        keys.add(request.bytes(i));
      }
    }
    return keys;
  }

  /// Access-control categories, as Redis derives them from group and flags.
  List<String> categories() {
    var categories = new ArrayList<String>();
    if (has(Flag.WRITE)) {
      categories.add("@write");
    }
    if (has(Flag.READONLY) && !declared.group.equals("connection")) {
      categories.add("@read");
    }
    String group =
        switch (declared.group) {
          case "generic" -> firstKey() > 0 || declared.wholeKeyspace ? "@keyspace" : "";
          case "string", "bitmap", "transactions", "connection" ->
              "@" + declared.group.replace("transactions", "transaction");
          default -> "";
        };
    if (!group.isEmpty()) {
      categories.add(group);
    }
    if (has(Flag.ADMIN)) {
      categories.add("@admin");
    }
    if (has(Flag.ADMIN) || declared.dangerous) {
      categories.add("@dangerous");
    }
    categories.add(has(Flag.FAST) ? "@fast" : "@slow");
    return categories;
  }

  /// Declares a command; what is not said is: no keys, not slow, and carried by every kind of
  /// keyspace where it is no operation.
  static final class Builder {
    private final String name;
    private @Nullable String container;
    private int arity;
    private final EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
    private int firstKey;
    private int lastKey;
    private int keyStep;
    private boolean slow;
    private boolean insideTransaction;
    private boolean prefixes;
    private boolean asksHolders;
    private boolean joins;
    private boolean dangerous;
    private boolean wholeKeyspace;
    private String group = "server";
    private String since = "1.0.0";
    private String summary = "";
    private String complexity = "O(1)";
    private String syntax = "";
    private String replyKind = "";
    private Set<Mode> modes = EnumSet.allOf(Mode.class);
    private @Nullable Parser parser;
    private @Nullable Translator translator;
    private @Nullable Handler handler;
    private final List<Builder> subcommands = new ArrayList<>();

    private Builder(String name) {
      Invariant.check(name.equals(name.toLowerCase(Locale.ROOT)), "names are in lower case");
      this.name = name;
    }

    /// @param count arguments with the name; negative: at least so many
    Builder arity(int count) {
      arity = count;
      return this;
    }

    Builder flags(Flag... some) {
      flags.addAll(Arrays.asList(some));
      return this;
    }

    Builder key() {
      return keys(1, 1, 1);
    }

    Builder keys(int first, int last, int step) {
      firstKey = first;
      lastKey = last;
      keyStep = step;
      return this;
    }

    Builder slow() {
      slow = true;
      return this;
    }

    /// Runs at once even inside MULTI.
    Builder insideTransaction() {
      insideTransaction = true;
      return this;
    }

    /// Runs the command that its arguments end with.
    Builder prefixes() {
      prefixes = true;
      return this;
    }

    /// Its answer is who holds the client's newest write.
    Builder asksHolders() {
      asksHolders = true;
      return this;
    }

    /// Its handler only hands over ([Command#joins]).
    Builder joins() {
      joins = true;
      return this;
    }

    Builder dangerous() {
      dangerous = true;
      return this;
    }

    /// Works on keys without naming them.
    Builder wholeKeyspace() {
      wholeKeyspace = true;
      return this;
    }

    Builder group(String word) {
      group = word;
      return this;
    }

    Builder since(String version) {
      since = version;
      return this;
    }

    Builder summary(String sentence) {
      summary = sentence;
      return this;
    }

    Builder complexity(String text) {
      complexity = text;
      return this;
    }

    Builder syntax(String notation) {
      syntax = notation;
      return this;
    }

    /// Only keyspaces of these kinds can carry it.
    Builder modes(Mode first, Mode... rest) {
      modes = EnumSet.of(first, rest);
      return this;
    }

    /// Is evaluated on keys: by strong keyspaces and caches, where nothing else is said
    /// ([#operationAnywhere]).
    Builder operation(Parser how, Replies reply) {
      if (modes.contains(Mode.EVENTUAL)) {
        modes(Mode.STRONG, Mode.CACHE);
      }
      return operationAs(how, reply);
    }

    /// Is evaluated on keys, by eventual keyspaces, too.
    Builder operationAnywhere(Parser how, Replies reply) {
      return operationAs(how, reply);
    }

    private Builder operationAs(Parser how, Replies reply) {
      parser = how;
      translator = reply;
      replyKind = reply.kind();
      return this;
    }

    Builder handler(String reply, Handler how) {
      handler = how;
      replyKind = reply;
      return this;
    }

    Builder subcommand(Builder one) {
      one.group(group);
      subcommands.add(one);
      return this;
    }

    Command build() {
      return new Command(this, null);
    }
  }
}
