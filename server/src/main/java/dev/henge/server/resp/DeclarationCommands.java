package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.ADMIN;
import static dev.henge.server.resp.Command.Flag.NO_MULTI;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.consensus.metadata.DeclaredKeyspace;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.data.Reply;
import dev.henge.server.store.DeclarationFormat;
import dev.henge.server.store.DeclareOutcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Named keyspaces: making and listing them.
final class DeclarationCommands {
  private DeclarationCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("henge.keyspace")
            .group("server")
            .arity(-2)
            .since("7.2.4")
            .summary("Named keyspaces.")
            .subcommand(
                sub("create", -3, SYNTAX, "Makes a named keyspace; what is declared stays so.")
                    .flags(ADMIN, NO_MULTI)
                    .handler(
                        "simple string `OK`, also where it is there, declared the same",
                        DeclarationCommands::create))
            .subcommand(
                sub("list", 2, "", "Returns the named keyspaces and how they are declared.")
                    .complexity("O(N) in the number of keyspaces")
                    .flags(STALE)
                    .handler("array of maps", DeclarationCommands::list))
            .subcommand(
                sub("help", 2, "", "Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "HENGE.KEYSPACE",
                                "CREATE <name> [<field> <value> ...]",
                                "    Make a named keyspace. The fields are those of its"
                                    + " declaration over HTTP.",
                                "LIST",
                                "    Return the named keyspaces and how they are declared."))));
  }

  private static final String SYNTAX =
      "keyspace [MODE (STRONG | EVENTUAL)] [DURABILITY (FSYNC | INTERVAL | OS)]"
          + " [TTLMILLIS milliseconds] [COMPRESSION (NONE | LZ4 | ZSTD)] [GROUPS count] [N copies]"
          + " [R copies] [W copies] [QUORUM (SLOPPY | STRICT)] [CONFLICTS (SIBLINGS | LATEST)]"
          + " [PLACEMENT centre=copies,...] [LIMITS.KEYBYTES bytes] [LIMITS.VALUEBYTES bytes]";

  private static Command.Builder sub(String name, int arity, String syntax, String summary) {
    return Command.named(name).arity(arity).since("7.2.4").syntax(syntax).summary(summary);
  }

  private static void create(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() % 2 == 0) {
      throw new CommandException(
          "ERR each field needs a value: HENGE.KEYSPACE CREATE name [field value ...]");
    }
    String name = request.text(2);
    KeyspaceDeclaration declaration;
    try {
      declaration =
          new DeclarationFormat()
              .parse(request.list(3).stream().map(DeclarationCommands::text).toList());
    } catch (DeclarationFormat.DeclarationException e) {
      throw new CommandException("ERR " + e.getMessage());
    }
    LaterReplies.Later later = session.executor().answerLater(Replies::plain);
    var ignored =
        declarations(session)
            .declare(name, declaration)
            .whenComplete((outcome, error) ->
                later.answer(
                    error == null
                        ? reply(name, outcome)
                        : new Reply.Failure("ERR", String.valueOf(error.getMessage()))));
  }

  private static Reply reply(String name, DeclareOutcome outcome) {
    return switch (outcome) {
      case DeclareOutcome.Created created -> Reply.OK;
      case DeclareOutcome.Existing existing -> Reply.OK;
      case DeclareOutcome.Differs(String difference) ->
          new Reply.Failure("ERR", "keyspace '" + name + "' is declared otherwise: " + difference);
      case DeclareOutcome.BadName(String message) -> new Reply.Failure("ERR", message);
      case DeclareOutcome.NotYet(String message) -> new Reply.Failure("ERR", message);
      case DeclareOutcome.Impossible(String message) -> new Reply.Failure("ERR", message);
      case DeclareOutcome.TooMany(int most) ->
          new Reply.Failure(
              "ERR", "this node has its " + most + " keyspaces (setting 'keyspaces')");
      case DeclareOutcome.Unavailable(String message) -> new Reply.Failure("UNAVAILABLE", message);
    };
  }

  private static void list(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    List<DeclaredKeyspace> declared = declarations(session).declared();
    out.array(declared.size());
    for (DeclaredKeyspace keyspace : declared) {
      List<KeyspaceDeclaration.Field> fields = keyspace.declaration().fields();
      out.map(2 + fields.size());
      out.bulk("name");
      out.bulk(keyspace.name());
      out.bulk("id");
      out.number(keyspace.id());
      for (KeyspaceDeclaration.Field field : fields) {
        out.bulk(field.name());
        switch (field.value()) {
          case Integer value -> out.number(value);
          case Long value -> out.number(value);
          case Map<?, ?> numbers -> {
            out.map(numbers.size());
            numbers.forEach((key, value) -> {
              out.bulk(key.toString());
              out.number((Integer) value);
            });
          }
          default -> out.bulk(field.text());
        }
      }
    }
  }

  private static Declarations declarations(RespSession session) throws CommandException {
    Declarations declarations = session.server().declarations();
    if (declarations == null) {
      throw new CommandException("ERR this server has no named keyspaces");
    }
    return declarations;
  }

  private static String text(byte[] argument) {
    return new String(argument, StandardCharsets.UTF_8);
  }
}
