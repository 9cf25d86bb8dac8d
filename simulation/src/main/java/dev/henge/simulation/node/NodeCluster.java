package dev.henge.simulation.node;

import dev.henge.base.CorruptionException;
import dev.henge.base.DiskFullException;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.data.Operation;
import dev.henge.server.cluster.NodeReport;
import dev.henge.simulation.Cluster;
import dev.henge.simulation.SimulationOptions;
import dev.henge.simulation.network.Links;
import dev.henge.simulation.network.Streams;
import dev.henge.simulation.world.Causes;
import dev.henge.simulation.world.Incarnation;
import dev.henge.simulation.world.Machine;
import dev.henge.simulation.world.World;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Machines with complete nodes on them, and machines to spare.
///
/// It begins as every cluster does: one node founds it, the others join. A supervisor starts nodes
/// that fail again; the [Operator] does the rest.
///
/// - Threads: the simulation's.
public final class NodeCluster implements Cluster {
  /// Machines besides those that the cluster begins with.
  private static final int SPARES = 2;

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration START_AGAIN = Duration.ofMillis(700);
  private static final Duration TROUBLE = Duration.ofSeconds(2);
  private static final Duration DRAIN = Duration.ofSeconds(3);
  private static final int ERRORS_MAX = 20;

  private final World world;
  private final SeededRandomness random;
  private final Streams streams;
  private final NodeMaking making;
  private final Site[] sites;
  private final NodeWitness witness;
  private final Operator operator;
  private final List<String> errors = new ArrayList<>();

  NodeCluster(
      World world,
      SimulationOptions options,
      Streams streams,
      NodeMaking making,
      NodeWitness witness) {
    this.world = world;
    this.random = world.random().split();
    this.streams = streams;
    this.making = making;
    this.witness = witness;
    this.sites = new Site[options.machines() + SPARES];
    for (int i = 0; i < sites.length; i++) {
      var site = new Site(i, new Machine(world, "m" + i));
      sites[i] = site;
      site.machine().onEnd(() -> ended(site));
    }
    this.operator = new Operator(this, world, options.machines());
  }

  /// What a keyspace is called that is not database 0.
  static String keyspaceName(int number) {
    return "space-" + number;
  }

  // ---- Cluster

  @Override
  public void found() {
    sites[0].use = Site.Use.MEMBER;
    boot(sites[0], Streams.port(0), 0);
    look();
  }

  @Override
  public void operate() {
    operator.begin();
  }

  @Override
  public List<String> unkept() {
    return operator.unkept();
  }

  @Override
  public boolean isSettled() {
    return operator.isIdle() && unsettled().isEmpty();
  }

  /// What is not yet as it should be at rest; empty when all is.
  private String unsettled() {
    Metadata newest = newest();
    for (Site site : sites) {
      NodeLife node = site.serving();
      if (site.use != Site.Use.MEMBER) {
        continue;
      }
      if (node == null || site.machine().running() == null) {
        return "machine " + site.number() + " serves nothing";
      }
      NodeReport report = node.report();
      if (!report.trouble().isEmpty()) {
        return "machine " + site.number() + ": " + report.trouble();
      }
      if (report.epoch() != newest.epoch()) {
        return "machine " + site.number() + " has epoch " + report.epoch();
      }
    }
    for (Member member : newest.members().values()) {
      if (member.state() != Member.State.UP) {
        return "member " + member.number() + " is " + member.state();
      }
    }
    for (GroupRecord group : newest.groups().values()) {
      String open = unsettled(group, newest);
      if (!open.isEmpty()) {
        return "group " + group.id() + ": " + open;
      }
    }
    return "";
  }

  private String unsettled(GroupRecord group, Metadata metadata) {
    boolean shared = metadata.members().size() > 1;
    if (!group.settled() || (shared && group.form() == GroupRecord.Form.LOCAL)) {
      return "target " + group.target() + " is not reached";
    }
    if (group.form() == GroupRecord.Form.LOCAL) {
      return "";
    }
    int voters = Math.min(3, metadata.members().size());
    if (group.confirmed().voters().size() < voters) {
      return "too few voters: " + group.confirmed();
    }
    Found leader = leaderOf(group.id());
    if (leader == null || leader.report().commitIndex() != leader.report().lastIndex()) {
      return "its leader: " + leader;
    }
    for (long member : group.confirmed().members()) {
      Site site = siteOf(member);
      NodeReport.GroupReport here = site == null ? null : reportOf(site, group.id());
      if (here == null || here.appliedIndex() != leader.report().lastIndex()) {
        return "member " + member + " holds " + here + " behind " + leader;
      }
    }
    return "";
  }

  @Override
  public String describe() {
    var text = new StringBuilder("not at rest: ").append(unsettled());
    text.append("\noperator: ").append(operator.describe());
    for (Site site : sites) {
      text.append("\nmachine ")
          .append(site.number())
          .append(" for ")
          .append(site.use)
          .append(" member ")
          .append(site.member)
          .append(site.machine().running() == null ? " (off)" : "");
      NodeLife node = site.serving();
      if (node != null) {
        text.append(": ").append(node.report());
      }
    }
    Metadata newest = newest();
    text.append("\nmembers ").append(newest.members().values());
    newest.groups().values().forEach(group -> text.append("\n").append(group));
    return text.toString();
  }

  @Override
  public List<String> differences(List<String> keys) {
    var found = new ArrayList<String>();
    Metadata newest = newest();
    for (Site site : members()) {
      NodeLife node = site.serving();
      if (node != null && !node.metadata().equals(newest)) {
        found.add("machine " + site.number() + " has other metadata: " + node.metadata());
      }
    }
    for (GroupRecord group : newest.dataGroups()) {
      var digests = new TreeMap<Integer, String>();
      for (long member : group.confirmed().members()) {
        Site site = siteOf(member);
        NodeLife node = site == null ? null : site.serving();
        if (site != null && node != null) {
          digest(site, node, group.id(), digests);
        }
      }
      if (digests.values().stream().distinct().count() > 1) {
        found.add("group " + group.id() + ": digests differ by machine: " + digests);
      }
    }
    found.addAll(operator.wrongs(newest));
    return found;
  }

  private void digest(Site site, NodeLife node, long group, Map<Integer, String> digests) {
    try {
      if (node.cluster().replica(group)
          instanceof dev.henge.server.cluster.Replica.Replicated replica) {
        digests.put(site.number(), "%016x".formatted(replica.reads().contentHash()));
      }
    } catch (RuntimeException unreadable) {
      // A bit that rotted in a table that nobody has read since: what was asked for was answered.
      if (!site.flipped) {
        error(
            "machine "
                + site.number()
                + " cannot read group "
                + group
                + ": "
                + Causes.text(unreadable));
      }
    }
  }

  @Override
  public List<String> internalErrors() {
    var all = new ArrayList<>(errors);
    all.addAll(witness.violations());
    for (Site site : sites) {
      NodeLife node = site.node;
      if (node != null) {
        node.life().errors().forEach(error -> all.add("a task ended with " + Causes.text(error)));
      }
    }
    return all;
  }

  @Override
  public Counts counts() {
    return new Counts(
        witness.elections(), witness.installs(), witness.changes(), operator.counts());
  }

  // ---- Service

  @Override
  public int machineCount() {
    return sites.length;
  }

  @Override
  public int keyspaceCount() {
    return operator.keyspaceCount();
  }

  @Override
  public void submit(
      int machine,
      int keyspace,
      Request request,
      Operation operation,
      ReadLevel level,
      Answer answer) {
    travel(() -> {
      Site site = sites[machine];
      NodeLife node = operator.occupies(site) ? null : site.serving();
      if (node == null) {
        travel(() -> answer.refused("nobody there", someone()));
        return;
      }
      try {
        node.execute(() -> node.submit(keyspace, request, operation, level, told(node, answer)));
      } catch (RejectedExecutionException busy) {
        travel(() -> answer.refused("busy", -1));
      }
    });
  }

  /// What a node answers arrives only from a process that lives.
  private Answer told(NodeLife node, Answer answer) {
    return new Answer() {
      @Override
      public void replied(dev.henge.data.Reply reply, long ageMillis) {
        send(() -> answer.replied(reply, ageMillis));
      }

      @Override
      public void refused(String reason, int leader) {
        if (reason.equals("DAMAGED")) {
          unreadable();
        }
        send(() -> answer.refused(reason, leader));
      }

      @Override
      public void unknown() {
        send(answer::unknown);
      }

      private void send(Runnable message) {
        if (node.isAlive()) {
          travel(message);
        }
      }
    };
  }

  private int someone() {
    List<Site> serving = serving();
    return serving.isEmpty() ? -1 : random.oneOf(serving).number();
  }

  private void travel(Runnable message) {
    world.after(Duration.ofNanos(random.between(50_000, 400_000)), message);
  }

  // ---- Target

  @Override
  public Machine machine(int number) {
    return sites[number].machine();
  }

  @Override
  public Links network() {
    return streams;
  }

  /// Links are between machines.
  @Override
  public long member(int machine) {
    return machine;
  }

  @Override
  public void start(int machine) {
    Site site = sites[machine];
    if (site.use != Site.Use.SPARE && !operator.occupies(site)) {
      List<Site> others =
          members().stream()
              .filter(other -> other != site && other.member > 0 && !operator.occupies(other))
              .toList();
      boot(
          site,
          Streams.port(machine),
          others.isEmpty() ? 0 : Streams.port(random.oneOf(others).number()));
    }
  }

  @Override
  public void stop(int machine) {
    Site site = sites[machine];
    NodeLife node = site.node;
    if (node == null || !node.isAlive()) {
      return;
    }
    boolean[] ended = {false};
    Runnable end =
        () -> {
          if (!ended[0] && node.isAlive()) {
            ended[0] = true;
            node.life().runNow(() -> close(node));
            if (node.isAlive()) {
              site.machine().stopped();
            }
            // Whoever wanted it back may have come while it was still handing over.
            world.after(Duration.ofMillis(random.between(100, 3_000)), () -> startAgain(site));
          }
        };
    world.after(DRAIN, end);
    var drained = node.cluster().drain().thenRun(() -> world.at(world.nowNanos(), end));
    assert drained != null;
  }

  private static void close(NodeLife node) {
    try {
      node.close();
    } catch (IOException e) {
      // A node that cannot sync at its end has not acknowledged what is lost.
    }
  }

  @Override
  public int leader(int keyspace) {
    List<GroupRecord> groups = groups(keyspace);
    Found leader = groups.isEmpty() ? null : leaderOf(random.oneOf(groups).id());
    return leader == null ? -1 : leader.site().number();
  }

  @Override
  public List<Integer> voters(int keyspace) {
    List<GroupRecord> groups = groups(keyspace);
    var machines = new ArrayList<Integer>();
    if (!groups.isEmpty()) {
      for (long member : random.oneOf(groups).confirmed().voters()) {
        Site site = siteOf(member);
        if (site != null) {
          machines.add(site.number());
        }
      }
    }
    return machines;
  }

  /// Nodes place replicas themselves: here a member is to leave, and then to stay after all.
  @Override
  public void changeMembers(int keyspace, List<Integer> voters, List<Integer> learners) {
    operator.waver();
  }

  @Override
  public void transfer(int keyspace, int machine) {
    List<GroupRecord> groups = groups(keyspace);
    if (!groups.isEmpty() && sites[machine].member > 0) {
      operator.transfer(random.oneOf(groups).id(), sites[machine].member);
    }
  }

  @Override
  public void replace(int machine) {
    operator.replaceLost(sites[machine]);
  }

  @Override
  public boolean isCaughtUp(int machine) {
    return mayBeDamaged(machine);
  }

  /// Only where two whole copies of everything are elsewhere, and nothing is being moved.
  @Override
  public boolean mayBeDamaged(int machine) {
    Site site = sites[machine];
    if (site.use == Site.Use.ZOMBIE) {
      return true;
    }
    return !operator.moves() && isWholeWithout(site);
  }

  /// Whether everything has two whole copies elsewhere, and will keep them: of three voters one may
  /// be lost, but not while another is about to leave.
  boolean isWholeWithout(Site site) {
    if (operator.isAwaited()) {
      return false;
    }
    for (Site other : members()) {
      if (other.serving() == null || other.flipped && other != site) {
        return false;
      }
    }
    for (GroupRecord group : newest().groups().values()) {
      Found leader = leaderOf(group.id());
      if (!group.settled() || group.confirmed().voters().size() < 3 || leader == null) {
        return false;
      }
      for (long voter : group.confirmed().voters()) {
        Site holder = siteOf(voter);
        NodeReport.GroupReport here = holder == null ? null : reportOf(holder, group.id());
        if (here == null || here.appliedIndex() + 50 < leader.report().commitIndex()) {
          return false;
        }
        // What moves members is known by all.
        if (group.id() == Metadata.METADATA_GROUP
            && here.appliedIndex() < leader.report().lastIndex()) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void damaged(int machine) {
    sites[machine].flipped = true;
  }

  // ---- what the operator uses

  Streams streams() {
    return streams;
  }

  Site[] sites() {
    return sites;
  }

  /// Machines on which a node of the cluster is to run.
  List<Site> members() {
    return List.of(sites).stream().filter(site -> site.use == Site.Use.MEMBER).toList();
  }

  /// Those of them whose node serves now.
  List<Site> serving() {
    return members().stream().filter(site -> site.serving() != null).toList();
  }

  /// The newest metadata that any node of the cluster has.
  Metadata newest() {
    return serving().stream()
        .map(site -> site.serving())
        .filter(node -> node != null)
        .map(NodeLife::metadata)
        .max(Comparator.comparingLong(Metadata::epoch))
        .orElse(Metadata.EMPTY);
  }

  /// Asks a node of the cluster that serves, whichever; nobody is asked where none does.
  ///
  /// @param answer hears what became of it, if the node lives to tell
  <T> void ask(Asking<T> question, Consumer<T> answer) {
    List<Site> serving = serving();
    NodeLife node = serving.isEmpty() ? null : random.oneOf(serving).serving();
    if (node == null) {
      return;
    }
    try {
      node.execute(() -> {
        var told =
            question
                .of(node.cluster())
                .whenComplete((outcome, error) -> {
                  if (error == null && node.isAlive()) {
                    answer.accept(outcome);
                  }
                });
        assert told != null;
      });
    } catch (RejectedExecutionException busy) {
      // asked again by whoever must know
    }
  }

  /// A question to a node.
  interface Asking<T> {
    CompletableFuture<T> of(dev.henge.server.cluster.Cluster cluster);
  }

  /// Starts a node on a machine where none runs. What keeps it from starting is looked into, and it
  /// is started again.
  void boot(Site site, int port, int join) {
    if (site.machine().running() != null) {
      return;
    }
    ended(site);
    Incarnation life = site.machine().boot();
    life.runNow(() -> {
      try {
        site.node =
            new NodeLife(
                life, site.machine(), site.number(), streams, making, port, join, random.split());
      } catch (IOException failed) {
        failedToStart(site, life, failed);
      }
    });
    if (site.node == null || site.node.life() != life) {
      life.errors().forEach(error -> error("a start ended with " + Causes.text(error)));
      if (life.isAlive()) {
        site.machine().kill();
        again(site);
      }
    }
  }

  void error(String text) {
    if (errors.size() < ERRORS_MAX) {
      errors.add("at %.3f s: %s".formatted(world.nowNanos() / 1e9, text));
    }
  }

  // ---- inside

  /// Who leads a group, by the newest term.
  private record Found(Site site, NodeReport.GroupReport report) {}

  private @Nullable Found leaderOf(long group) {
    Found best = null;
    for (Site site : members()) {
      NodeReport.GroupReport report = reportOf(site, group);
      if (report != null
          && report.role() == Role.LEADER
          && (best == null || report.term() > best.report().term())) {
        best = new Found(site, report);
      }
    }
    return best;
  }

  private static NodeReport.@Nullable GroupReport reportOf(Site site, long group) {
    NodeLife node = site.serving();
    if (node != null) {
      for (NodeReport.GroupReport report : node.report().groups()) {
        if (report.group() == group) {
          return report;
        }
      }
    }
    return null;
  }

  private @Nullable Site siteOf(long member) {
    for (Site site : sites) {
      if (site.use == Site.Use.MEMBER && site.member == member) {
        return site;
      }
    }
    return null;
  }

  private List<GroupRecord> groups(int keyspace) {
    Metadata newest = newest();
    if (keyspace == 0) {
      return newest.group(Metadata.DATABASES_GROUP).stream().toList();
    }
    return newest.keyspace(keyspaceName(keyspace)).stream()
        .flatMap(declared ->
            newest.dataGroups().stream().filter(group -> group.keyspace() == declared.id()))
        .toList();
  }

  private void again(Site site) {
    world.after(START_AGAIN, () -> startAgain(site));
  }

  private void startAgain(Site site) {
    if (site.machine().running() == null) {
      start(site.number());
    }
  }

  private void failedToStart(Site site, Incarnation life, IOException failure) {
    if (!life.isAlive()) {
      return;
    }
    site.machine().kill();
    if (Causes.include(CorruptionException.class, failure)) {
      giveUp(site, Causes.text(failure));
    } else if (!site.machine().diskFaults().hasFailed()
        && !Causes.include(DiskFullException.class, failure)) {
      error("machine " + site.number() + " did not start: " + Causes.text(failure));
    }
    again(site);
  }

  /// A node that is damaged is replaced by one with an empty disk, where there was a reason for the
  /// damage; where there was none, that is a bug.
  private void giveUp(Site site, String why) {
    if (!site.flipped) {
      error("machine " + site.number() + " is damaged, and no bit was flipped: " + why);
    }
    if (site.use == Site.Use.MEMBER) {
      site.machine().kill();
      operator.loseDisk(site);
    } else {
      site.use = Site.Use.SPARE;
      site.machine().kill();
      site.wipe();
    }
  }

  /// Somebody was told that what is stored cannot be read: nodes whose disk has rotted are looked
  /// after.
  private void unreadable() {
    boolean found = false;
    for (Site site : members()) {
      if (site.flipped) {
        found = true;
        world.at(
            world.nowNanos(),
            () -> {
              if (site.flipped && site.use == Site.Use.MEMBER) {
                giveUp(site, "unreadable");
              }
            });
      }
    }
    if (!found) {
      error("a client was told of damage, and no bit was flipped");
    }
  }

  private void look() {
    for (Site site : sites) {
      NodeLife node = site.node;
      if (node == null || !node.isAlive()) {
        continue;
      }
      if (node.member() > 0 && !operator.occupies(site)) {
        known(site, node);
      }
      Throwable refused = node.refusal();
      if (refused != null) {
        site.machine().kill();
        if (site.use == Site.Use.MEMBER) {
          if (Causes.include(CorruptionException.class, refused)) {
            giveUp(site, Causes.text(refused));
          } else if (!site.machine().diskFaults().hasFailed()
              && !Causes.include(DiskFullException.class, refused)) {
            error("machine " + site.number() + " was not let in: " + Causes.text(refused));
          }
        }
        again(site);
      } else if (node.isServing()) {
        NodeReport report = node.report();
        if (site.use == Site.Use.MEMBER && !operator.occupies(site)) {
          report.groups().forEach(group -> witness.saw(report.member(), group));
          witness.saw(node.metadata());
        }
        supervise(site, report.trouble());
      }
    }
    world.after(LOOK, this::look);
  }

  private void known(Site site, NodeLife node) {
    if (site.member != 0 && (site.member != node.member() || !site.id.equals(node.id()))) {
      error("machine " + site.number() + " was member " + site.member + ", is " + node.member());
    }
    site.member = node.member();
    site.id = node.id();
  }

  /// What somebody does who watches a node: starts it again when something in it has stopped.
  private void supervise(Site site, String trouble) {
    boolean stopped =
        trouble.contains("has stopped")
            || trouble.contains("have stopped")
            || trouble.contains("cannot be served");
    if (!stopped) {
      site.troubledSinceNanos = 0;
      return;
    }
    if (site.troubledSinceNanos == 0) {
      site.troubledSinceNanos = world.nowNanos();
    }
    if (world.nowNanos() - site.troubledSinceNanos > TROUBLE.toNanos()) {
      site.troubledSinceNanos = 0;
      if (trouble.contains("damaged")) {
        giveUp(site, trouble);
      } else {
        site.machine().kill();
        again(site);
      }
    }
  }

  /// The process is gone: what it held in memory is given back, unseen by anybody.
  private void ended(Site site) {
    NodeLife node = site.node;
    if (node == null || node.isAlive()) {
      return;
    }
    site.node = null;
    streams.ended(site.number(), node.life());
    node.life().errors().forEach(error -> error("a task ended with " + Causes.text(error)));
    try {
      node.close();
    } catch (IOException | RuntimeException | Error afterDeath) {
      // nobody is there to care
    }
  }
}
