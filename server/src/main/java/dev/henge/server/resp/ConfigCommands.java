package dev.henge.server.resp;

import static dev.henge.server.resp.Command.Flag.ADMIN;
import static dev.henge.server.resp.Command.Flag.LOADING;
import static dev.henge.server.resp.Command.Flag.NOSCRIPT;
import static dev.henge.server.resp.Command.Flag.STALE;

import dev.henge.data.Glob;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// CONFIG: parameters by Redis's names.
final class ConfigCommands {
  private ConfigCommands() {}

  static List<Command.Builder> commands() {
    return List.of(
        Command.named("config")
            .arity(-2)
            .since("2.0.0")
            .summary("Commands about parameters of the server.")
            .subcommand(
                sub("get", -3, "parameter [parameter ...]", "Returns parameters by pattern.")
                    .handler("map", ConfigCommands::show))
            .subcommand(
                sub("set", -4, SET_SYNTAX, "Changes parameters until the server ends.")
                    .handler("simple string `OK`", ConfigCommands::change))
            .subcommand(
                sub("resetstat", 2, "", "Starts statistics anew.")
                    .handler(
                        "simple string `OK`",
                        (session, request, out) -> {
                          session.server().resetStatistics();
                          out.ok();
                        }))
            .subcommand(
                sub("rewrite", 2, "", "Refused: parameters are kept in the node's own settings.")
                    .handler(
                        "error",
                        (session, request, out) ->
                            out.error("ERR The server is running without a config file")))
            .subcommand(
                sub("help", 2, "", "Lists the subcommands.")
                    .handler(
                        "array",
                        (session, request, out) ->
                            Help.write(
                                out,
                                "CONFIG",
                                "GET <pattern>",
                                "    Return parameters whose names match, with their values.",
                                "SET <directive> <value>",
                                "    Change a parameter until the server ends.",
                                "RESETSTAT",
                                "    Start statistics anew.",
                                "REWRITE",
                                "    Refused: there is no such file."))));
  }

  private static final String SET_SYNTAX = "parameter value [parameter value ...]";

  private static Command.Builder sub(String name, int arity, String syntax, String summary) {
    return Command.named(name)
        .arity(arity)
        .since("2.0.0")
        .syntax(syntax)
        .summary(summary)
        .flags(ADMIN, NOSCRIPT, LOADING, STALE);
  }

  private static void show(RespSession session, Request request, ReplyWriter out) {
    Parameters parameters = session.server().parameters();
    Set<String> shown = new LinkedHashSet<>();
    for (int i = 2; i < request.count(); i++) {
      byte[] pattern = request.text(i).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
      var glob = new Glob(pattern);
      for (String name : parameters.names()) {
        if (glob.matches(name.getBytes(StandardCharsets.UTF_8))) {
          shown.add(name);
        }
      }
    }
    out.map(shown.size());
    for (String name : shown) {
      out.bulk(name);
      out.bulk(parameters.value(name));
    }
  }

  private static void change(RespSession session, Request request, ReplyWriter out)
      throws CommandException {
    if (request.count() % 2 == 1) {
      throw CommandException.syntax();
    }
    Parameters parameters = session.server().parameters();
    var names = new ArrayList<String>();
    var before = new ArrayList<String>();
    for (int i = 2; i < request.count(); i += 2) {
      String name = request.text(i).toLowerCase(Locale.ROOT);
      if (!parameters.knows(name)) {
        throw new CommandException(
            "ERR Unknown option or number of arguments for CONFIG SET - '"
                + request.shown(i)
                + "'");
      }
      if (!parameters.changeable(name)) {
        throw failed(name, "can't set immutable config");
      }
      names.add(name);
      before.add(parameters.value(name));
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw failed(names.getLast(), "duplicate parameter");
    }
    for (int i = 0; i < names.size(); i++) {
      try {
        parameters.change(names.get(i), request.text(2 * i + 3));
      } catch (IllegalArgumentException wrong) {
        for (int undo = 0; undo < i; undo++) {
          parameters.change(names.get(undo), before.get(undo));
        }
        throw failed(names.get(i), String.valueOf(wrong.getMessage()));
      }
    }
    out.ok();
  }

  private static CommandException failed(String name, String why) {
    return new CommandException(
        "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why);
  }
}
