package dev.henge.consensus.raft;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/// Cores that do what a script says, one event at a time, and tell everything they want done.
///
/// Commands: see `README.md` beside the scripts.
@NullUnmarked // a crashed replica has no core
final class ScriptedGroup {
  private static final int STEPS_MAX = 2_000;

  private static final class Node {
    final MemoryLog log;
    @Nullable Raft raft;
    boolean recovering;
    Ready.@Nullable InstallSnapshot wanted;
    final Map<Long, List<Message>> durableMessages = new HashMap<>();

    Node(MemoryLog log) {
      this.log = log;
    }
  }

  private final SimulatedGroup.Maker maker;
  private final Map<Long, Node> nodes = new TreeMap<>();
  private final List<Message> network = new ArrayList<>();
  private final StringBuilder output = new StringBuilder();
  private RaftOptions options = options(0, false);
  private boolean tells = true;

  ScriptedGroup(SimulatedGroup.Maker maker) {
    this.maker = maker;
  }

  private static RaftOptions options(int quiesceTicks, boolean leases) {
    return new RaftOptions(10, 1, 100, 2_000, 4, 400, 3, quiesceTicks, leases);
  }

  Raft raft(long id) {
    return nodes.get(id).raft;
  }

  /// Runs one command.
  ///
  /// @return what came of it
  String run(String line) {
    output.setLength(0);
    String[] words = line.trim().split("\\s+");
    long id = words.length > 1 && words[1].matches("\\d+") ? Long.parseLong(words[1]) : 0;
    switch (words[0]) {
      case "group" -> group(words);
      case "tick" -> tick(id, words.length > 2 ? Integer.parseInt(words[2]) : 1);
      case "campaign" -> campaign(id);
      case "elect" -> elect(id);
      case "propose" -> propose(id, Arrays.copyOfRange(words, 2, words.length));
      case "read" -> say(id, raft(id).readIndex(Long.parseLong(words[2])));
      case "members" ->
          say(id, raft(id).changeMembers(set(words, "voters"), set(words, "learners")));
      case "transfer" -> say(id, raft(id).transfer(Long.parseLong(words[2])));
      case "lease" -> tell(id + (raft(id).mayReadByLease() ? ": may" : ": may not"));
      case "sync" -> nodes.keySet().forEach(node -> sync(node, id));
      case "deliver" -> deliver(words.length > 1 ? words[1] : "*");
      case "drop" -> network.removeIf(message -> matches(message, words[1]));
      case "settle" -> settle(words.length > 1 ? words[1] : "");
      case "crash" -> crash(id);
      case "restart" -> start(id);
      case "damage" -> {
        crash(id);
        nodes.get(id).log.damage(Integer.parseInt(words[2]));
        nodes.get(id).recovering = true;
      }
      case "compact" -> compact(id, Long.parseLong(words[2]));
      case "install" -> install(id);
      case "unreachable" -> raft(id).unreachable(Long.parseLong(words[2]));
      case "describe" -> nodes.values().forEach(this::describe);
      case "log" -> log(id);
      default -> throw new IllegalArgumentException(line);
    }
    nodes.keySet().forEach(this::work);
    return output.isEmpty() ? "(nothing)\n" : output.toString();
  }

  private static TreeSet<Long> set(String[] words, String name) {
    var set = new TreeSet<Long>();
    for (String word : words) {
      if (word.startsWith(name + "=") && word.length() > name.length() + 1) {
        for (String member : word.substring(name.length() + 1).split(",")) {
          set.add(Long.parseLong(member));
        }
      }
    }
    return set;
  }

  private void group(String[] words) {
    List<String> given = Arrays.asList(words);
    options = options(given.contains("quiesces") ? 5 : 0, given.contains("leases"));
    var configuration =
        new Configuration(set(words, "voters"), new TreeSet<>(), set(words, "learners"));
    configuration.members().forEach(id -> nodes.put(id, new Node(new MemoryLog(configuration, 3))));
    set(words, "blank")
        .forEach(id -> nodes.put(id, new Node(new MemoryLog(Configuration.NONE, 3))));
    nodes.keySet().forEach(this::start);
  }

  private void start(long id) {
    Node node = nodes.get(id);
    // Patience is electionTicks + id: the lowest campaigns first.
    node.raft = maker.make(options, id, node.log, node.recovering, () -> 2 * id);
  }

  private void crash(long id) {
    Node node = nodes.get(id);
    node.raft = null;
    node.durableMessages.clear();
    node.log.crash();
  }

  private void tick(long id, int count) {
    for (int i = 0; i < count; i++) {
      raft(id).tick();
      work(id);
    }
  }

  private void campaign(long id) {
    for (int i = 0; i < 40 && raft(id).role() == Raft.Role.FOLLOWER; i++) {
      raft(id).tick();
    }
  }

  /// A whole election, told in one line.
  private void elect(long id) {
    for (Node node : nodes.values()) {
      if (node.raft != null && node.raft.self() != id && node.raft.role() != Raft.Role.LEADER) {
        for (int i = 0; i < 10; i++) {
          node.raft.tick();
        }
      }
    }
    tells = false;
    campaign(id);
    settle("");
    tells = true;
    tell(id + ": " + raft(id).role() + " of term " + raft(id).term());
  }

  private void propose(long id, String[] texts) {
    var commands = new ArrayList<byte[]>();
    for (String text : texts) {
      commands.add(text.getBytes(StandardCharsets.UTF_8));
    }
    Proposed proposed = raft(id).propose(commands);
    tell(
        id
            + ": "
            + proposed.outcome()
            + (proposed.outcome() == Outcome.ACCEPTED
                ? " " + proposed.term() + "/" + proposed.index()
                : ""));
  }

  private void sync(long id, long only) {
    Node node = nodes.get(id);
    while ((only == 0 || only == id) && node.raft != null && node.log.hasWrites()) {
      long number = node.log.sync();
      network.addAll(node.durableMessages.remove(number));
      node.raft.persisted(number);
      work(id);
    }
  }

  /// @param which `*`, `2->*`, `*->3`, `1->2`, with a type behind a colon: `1->2:Append`
  private static boolean matches(Message message, String which) {
    String[] parts = which.split(":");
    if (parts.length > 1 && !message.getClass().getSimpleName().equals(parts[1])) {
      return false;
    }
    if (parts[0].equals("*")) {
      return true;
    }
    String[] ends = parts[0].split("->");
    return (ends[0].equals("*") || Long.parseLong(ends[0]) == message.from())
        && (ends[1].equals("*") || Long.parseLong(ends[1]) == message.to());
  }

  /// Delivers what is under way now, in order.
  private void deliver(String which) {
    List<Message> now = network.stream().filter(message -> matches(message, which)).toList();
    network.removeAll(now);
    for (Message message : now) {
      Node to = nodes.get(message.to());
      if (to.raft != null) {
        to.raft.step(message);
        work(message.to());
      }
    }
  }

  /// Delivers and syncs until nothing is left to do, without those named (`without=3`).
  private void settle(String without) {
    TreeSet<Long> cut = set(new String[] {without}, "without");
    nodes.keySet().forEach(this::work);
    for (int step = 0; step < STEPS_MAX; step++) {
      network.removeIf(message -> cut.contains(message.to()) || cut.contains(message.from()));
      boolean writes =
          nodes.values().stream().anyMatch(node -> node.raft != null && node.log.hasWrites());
      if (network.isEmpty() && !writes) {
        return;
      }
      nodes.keySet().forEach(id -> sync(id, 0));
      deliver("*");
    }
    throw new IllegalStateException("never settles");
  }

  private void compact(long id, long index) {
    Node node = nodes.get(id);
    var mark = new SnapshotMark(index, node.log.term(index), node.raft.configurationAt(index));
    node.log.compact(mark);
  }

  private void install(long id) {
    Node node = nodes.get(id);
    SnapshotMark mark = nodes.get(node.wanted.from()).log.mark();
    sync(id, id);
    node.log.begin(mark);
    node.raft.snapshotInstalled(mark);
    node.wanted = null;
  }

  private void work(long id) {
    Node node = nodes.get(id);
    while (node.raft != null && node.raft.hasReady()) {
      handle(id, node, node.raft.ready());
    }
    node.recovering = node.raft == null ? node.recovering : node.raft.isRecovering();
  }

  private void handle(long id, Node node, Ready ready) {
    if (ready.writes()) {
      node.log.handOver(ready);
      node.durableMessages.put(ready.writeNumber(), ready.durableMessages());
      HardState state = ready.hardState();
      tell(
          id
              + ": writes"
              + (state == null ? "" : " term " + state.term() + " vote " + state.vote())
              + (ready.entries().isEmpty() ? "" : " " + list(ready.entries())));
      ready.durableMessages().forEach(message -> tell("  then " + text(message)));
    } else {
      ready.durableMessages().forEach(message -> tell(text(message)));
      network.addAll(ready.durableMessages());
    }
    ready.messages().forEach(message -> tell(text(message)));
    network.addAll(ready.messages());
    node.raft.applied(ready.commitIndex());
    for (Ready.ReadState read : ready.readStates()) {
      tell(id + ": read " + read.context() + " at " + read.index());
    }
    for (Ready.Fetch fetch : ready.fetches()) {
      tell(id + ": fetches " + fetch.from() + ".." + fetch.to());
      node.raft.fetched(node.log.load(fetch.from(), fetch.to(), 200));
    }
    if (ready.installSnapshot() != null) {
      node.wanted = ready.installSnapshot();
      tell(id + ": wants the image at " + node.wanted.mark().index() + " of " + node.wanted.from());
    }
  }

  private void say(long id, Outcome outcome) {
    tell(id + ": " + outcome);
  }

  private void tell(String line) {
    if (tells) {
      output.append(line).append('\n');
    }
  }

  private void describe(Node node) {
    tell(node.raft == null ? "crashed" : node.raft.describe());
  }

  private void log(long id) {
    MemoryLog log = nodes.get(id).log;
    tell(id + ": " + list(log.load(log.mark().index() + 1, log.lastIndex(), Long.MAX_VALUE)));
  }

  private static String list(List<Entry> entries) {
    return entries.stream()
        .map(entry ->
            entry.term()
                + "/"
                + entry.index()
                + (entry.kind() == Entry.Kind.COMMANDS
                    ? " " + new String(entry.bytes(), StandardCharsets.UTF_8)
                    : " " + entry.kind()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /// `1->2 Append term 1 ...`.
  private static String text(Message message) {
    String what =
        switch (message) {
          case Message.Append m ->
              "behind "
                  + m.previousTerm()
                  + "/"
                  + m.previousIndex()
                  + " "
                  + list(m.entries())
                  + " commit "
                  + m.commit();
          case Message.AppendReply m ->
              m.accepted()
                  ? "holds " + m.index()
                  : "refuses " + m.index() + " hint " + m.hintTerm() + "/" + m.hintIndex();
          case Message.PreVote m -> "log " + m.lastTerm() + "/" + m.lastIndex();
          case Message.PreVoteReply m -> m.granted() ? "yes" : "no";
          case Message.Vote m ->
              "log " + m.lastTerm() + "/" + m.lastIndex() + (m.transfer() ? " transfer" : "");
          case Message.VoteReply m -> m.granted() ? "yes" : "no";
          case Message.Heartbeat m -> "commit " + m.commit() + " round " + m.round();
          case Message.HeartbeatReply m -> "round " + m.round();
          case Message.SnapshotOffer m -> "mark " + m.mark().term() + "/" + m.mark().index();
          case Message.TimeoutNow m -> "";
          case Message.Quiesce m -> "commit " + m.commit();
        };
    return (message.from()
            + "->"
            + message.to()
            + " "
            + message.getClass().getSimpleName()
            + " term "
            + message.term()
            + " "
            + what)
        .trim();
  }
}
