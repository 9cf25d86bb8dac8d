package dev.henge.cli;

import dev.henge.cli.terminal.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `henge cluster status|add|remove|replace|transfer|repair`: any node answers.
@Command(name = "cluster", header = "Show the cluster, and change who is in it.")
final class ClusterCommand implements Runnable {
  private static final long POLL_NANOS = Duration.ofMillis(200).toNanos();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli injects the spec
  ClusterCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "status",
      header = "Members, groups, leaders, and how far each replica is behind.",
      description =
          "Exit status: 0 when every member answers and every group has a leader, else 1.")
  int status(@Mixin HttpTarget server) throws IOException {
    JsonNode status = read(server);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "cluster %s, epoch %d, as member %d sees it%n%n",
        status.path("cluster").asString(""),
        status.path("epoch").asLong(0),
        status.path("self").asLong(0));
    var members =
        new TextTable("member", "state", "address", "place", "answers", "lives", "trouble");
    boolean good = true;
    for (JsonNode member : status.path("members")) {
      boolean answers = member.path("answers").asBoolean(false);
      good &= answers && member.path("trouble").asString("").isEmpty();
      members.row(
          member.path("number").asString(""),
          member.path("state").asString(""),
          address(member),
          place(member),
          answers ? "yes" : "NO",
          member.path("liveness").asString(""),
          member.path("trouble").asString(""));
    }
    out.println(members);
    if (status.path("removed").asBoolean(false)) {
      out.printf(
          "Member %d: %s.%n%n", status.path("self").asLong(0), status.path("trouble").asString(""));
    } else if (isCutOff(status)) {
      out.printf(
          "Member %d was leaving when it last heard of the others, and is probably out: ask another"
              + " member, with --host and --port.%n%n",
          status.path("self").asLong(0));
    }
    var groups = new TextTable("group", "holds", "slots", "leader", "voters", "learners", "behind");
    for (JsonNode group : status.path("groups")) {
      long leader = group.path("leader").asLong(0);
      good &= leader != 0;
      groups.row(
          group.path("id").asString(""),
          group.path("name").asString("")
              + (group.path("form").asString("").equals("local") ? " (alone)" : ""),
          group.path("firstSlot").asInt(0) + "-" + group.path("lastSlot").asInt(0),
          leader == 0 ? "NONE" : Long.toString(leader),
          numbers(group.path("voters")),
          numbers(group.path("learners")) + moving(group),
          lag(group.path("lag")));
    }
    out.println(groups);
    out.flush();
    return good ? 0 : UserError.FAILED;
  }

  @Command(
      name = "add",
      header = "Wait until a new node is a member with its share.",
      description = {
        "A node joins by itself: start it with 'henge server --join HOST:PORT ...', naming any"
            + " member. This command waits until the node that serves at ADDRESS is a member and"
            + " every group has settled, and shows how far it is.",
      })
  int add(
      @Mixin HttpTarget server,
      @Parameters(paramLabel = "ADDRESS", description = "HOST:PORT of the new node's Redis port.")
          String address,
      @Mixin Patience patience)
      throws IOException {
    return await(
        server,
        patience,
        "the node at " + address + " is not a member with its share yet",
        status -> {
          for (JsonNode member : status.path("members")) {
            if (address(member).equals(address) && member.path("state").asString("").equals("up")) {
              return isSettled(status);
            }
          }
          return false;
        });
  }

  @Command(
      name = "remove",
      header = "Take a member out: it hands everything over first.",
      description = {
        "The member's groups get other replicas, then it is forgotten, and its data directory is"
            + " refused for ever. Stop the process when the command has ended. A dead member is"
            + " removed the same way.",
      })
  int remove(
      @Mixin HttpTarget server,
      @Parameters(paramLabel = "MEMBER", description = "Its number, see 'henge cluster status'.")
          long member,
      @Mixin Patience patience)
      throws IOException {
    HttpTarget watched = notOf(member, server);
    server.send("POST", "/v1/cluster/members/" + member + "/leave", new byte[0]).expect(200);
    return awaitGone(watched, member, patience);
  }

  @Command(
      name = "replace",
      header = "Let one member take over what another holds, and take that one out.",
      description = "The successor must be a member: start it with 'henge server --join' first.")
  int replace(
      @Mixin HttpTarget server,
      @Parameters(paramLabel = "MEMBER", description = "Who leaves.") long member,
      @Parameters(paramLabel = "SUCCESSOR", description = "Who takes over.") long successor,
      @Mixin Patience patience)
      throws IOException {
    HttpTarget watched = notOf(member, server);
    server
        .send(
            "POST", "/v1/cluster/members/" + member + "/leave?successor=" + successor, new byte[0])
        .expect(200);
    return awaitGone(watched, member, patience);
  }

  @Command(name = "transfer", header = "Give the leadership of a group to another of its voters.")
  int transfer(
      @Mixin HttpTarget server,
      @Parameters(paramLabel = "GROUP", description = "See 'henge cluster status'.") long group,
      @Parameters(paramLabel = "MEMBER", description = "Who shall lead.") long member)
      throws IOException {
    server
        .send("POST", "/v1/cluster/groups/" + group + "/transfer?to=" + member, new byte[0])
        .expect(200);
    say("group " + group + " is led by member " + member);
    return 0;
  }

  @Command(
      name = "repair",
      header = "Compare the copies of eventual keyspaces, and make them equal.",
      description = {
        "Each member compares its copies with all others by their hash trees, and both sides get"
            + " what they lack. It goes on in the background anyway, a keyspace and a member at a"
            + " time; this does it now.",
        "Exit status: 0 when all copies are equal, else 1.",
      })
  int repair(
      @Mixin HttpTarget server,
      @Option(
              names = "--keyspace",
              paramLabel = "NAME",
              description = "Only this one. Default: every eventual keyspace.")
          @Nullable String keyspace)
      throws IOException {
    return new CopiesRepair(server, spec.commandLine().getOut()).run(keyspace);
  }

  /// How long a command waits for the cluster.
  static final class Patience {
    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        defaultValue = "600",
        description = "Wait at most so long; what was asked for goes on anyway. Default: 600.")
    private int seconds = 600;
  }

  /// Judges a status.
  private interface Condition {
    boolean holds(JsonNode status);
  }

  /// A node to ask how far it is: one that goes does not hear of its own end.
  private static HttpTarget notOf(long leaving, HttpTarget asked) throws IOException {
    JsonNode status = read(asked);
    if (status.path("self").asLong(0) == leaving) {
      for (JsonNode member : status.path("members")) {
        if (member.path("number").asLong(0) != leaving && member.path("answers").asBoolean(false)) {
          return asked.elsewhere(
              member.path("host").asString(""), member.path("respPort").asInt(0));
        }
      }
    }
    return asked;
  }

  private int awaitGone(HttpTarget server, long member, Patience patience) throws IOException {
    int status =
        await(
            server,
            patience,
            "member " + member + " has not handed everything over yet",
            now -> {
              for (JsonNode each : now.path("members")) {
                if (each.path("number").asLong(0) == member) {
                  return false;
                }
              }
              return isSettled(now);
            });
    say(
        "member "
            + member
            + " is out: its process can be stopped, its data directory is of no use");
    return status;
  }

  private int await(HttpTarget server, Patience patience, String otherwise, Condition condition)
      throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(patience.seconds).toNanos();
    String told = "";
    String trouble = "";
    while (System.nanoTime() < end) {
      JsonNode status;
      try {
        status = read(server);
        trouble = "";
      } catch (IOException | UserError notNow) {
        if (told.isEmpty()) {
          throw notNow;
        }
        // The node may be starting again, or be cut off; the cluster goes on without it.
        trouble = " (" + notNow.getMessage() + ")";
        LockSupport.parkNanos(POLL_NANOS);
        continue;
      }
      if (condition.holds(status)) {
        say("done, epoch " + status.path("epoch").asLong(0));
        return 0;
      }
      int moving = 0;
      for (JsonNode group : status.path("groups")) {
        moving += group.path("settled").asBoolean(true) ? 0 : 1;
      }
      String text =
          String.format(
              Locale.ROOT, "epoch %d, %d groups move", status.path("epoch").asLong(0), moving);
      if (!text.equals(told)) {
        say(text);
        told = text;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw UserError.failed(otherwise + trouble + "; 'henge cluster status' shows how far it is");
  }

  private static JsonNode read(HttpTarget server) throws IOException {
    return server.send("GET", "/v1/cluster", null).expect(200).json();
  }

  /// Whether the node that was asked left, and hears of nobody: what it tells is the past.
  private static boolean isCutOff(JsonNode status) {
    boolean leaving = false;
    boolean heard = false;
    for (JsonNode member : status.path("members")) {
      if (member.path("number").asLong(0) == status.path("self").asLong(0)) {
        leaving = member.path("state").asString("").equals("leaving");
      } else {
        heard |= member.path("answers").asBoolean(false);
      }
    }
    return leaving && !heard;
  }

  private static boolean isSettled(JsonNode status) {
    for (JsonNode group : status.path("groups")) {
      if (!group.path("settled").asBoolean(false)) {
        return false;
      }
    }
    return true;
  }

  private static String address(JsonNode member) {
    return member.path("host").asString("") + ":" + member.path("respPort").asInt(0);
  }

  private static String place(JsonNode member) {
    String rack = member.path("rack").asString("");
    return member.path("dataCentre").asString("") + (rack.isEmpty() ? "" : "/" + rack);
  }

  private static String numbers(JsonNode list) {
    List<String> numbers = new ArrayList<>();
    list.forEach(number -> numbers.add(number.asString("")));
    return String.join(" ", numbers);
  }

  private static String moving(JsonNode group) {
    return group.path("settled").asBoolean(true) ? "" : " -> " + numbers(group.path("target"));
  }

  /// `member:entries`, for those that are behind.
  private static String lag(JsonNode lag) {
    List<String> behind = new ArrayList<>();
    lag.properties()
        .forEach(each -> {
          if (each.getValue().asLong(0) > 0) {
            behind.add(each.getKey() + ":" + each.getValue().asLong(0));
          }
        });
    return String.join(" ", behind);
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
