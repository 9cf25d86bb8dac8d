package dev.henge.simulation.replica;

import dev.henge.base.CorruptionException;
import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus;
import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.simulation.Cluster;
import dev.henge.simulation.check.Action;
import dev.henge.simulation.network.SimulatedNetwork;
import dev.henge.simulation.workload.Translation;
import dev.henge.simulation.world.Causes;
import dev.henge.simulation.world.Machine;
import dev.henge.simulation.world.World;
import dev.henge.storage.EngineException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Machines with replicas of some groups, one for each keyspace; an operator changes members.
///
/// - Threads: the simulation's.
public final class ReplicaCluster implements Cluster {
  private static final Duration LOOK = Duration.ofMillis(25);
  private static final Duration START_AGAIN = Duration.ofMillis(700);

  private final World world;
  private final SeededRandomness random;
  private final SimulatedNetwork network;
  private final ReplicaNode.Making making;
  private final int keyspaces;
  private final Site[] sites;
  private final Witness witness = new Witness();
  private final Map<Long, Integer> machineOf = new TreeMap<>();
  private final List<String> errors = new ArrayList<>();
  private long nextMember = 1;

  /// A machine and what runs on it.
  private static final class Site {
    final int number;
    final Machine machine;
    long member;
    @Nullable ReplicaNode node;

    Site(int number, Machine machine) {
      this.number = number;
      this.machine = machine;
    }
  }

  ReplicaCluster(
      World world,
      SimulatedNetwork network,
      ReplicaNode.Making making,
      int machines,
      int keyspaces) {
    this.world = world;
    this.random = world.random().split();
    this.network = network;
    this.making = making;
    this.keyspaces = keyspaces;
    this.sites = new Site[machines];
    for (int i = 0; i < machines; i++) {
      var site = new Site(i, new Machine(world, "m" + i));
      sites[i] = site;
      admit(site);
      site.machine.onEnd(() -> ended(site));
    }
  }

  // ---- Cluster

  @Override
  public void found() {
    var voters = new TreeSet<Long>();
    for (int i = 0; i < Math.min(3, sites.length); i++) {
      voters.add(sites[i].member);
    }
    var marks = new TreeMap<Long, SnapshotMark>();
    for (long group = 1; group <= keyspaces; group++) {
      marks.put(group, new SnapshotMark(0, 0, Configuration.ofVoters(voters)));
    }
    for (Site site : sites) {
      open(site, voters.contains(site.member) ? marks : Map.of());
    }
    look();
  }

  @Override
  public boolean isSettled() {
    for (int keyspace = 0; keyspace < keyspaces; keyspace++) {
      GroupStatus leader = leaderStatus(keyspace);
      if (leader == null
          || leader.configuration().isJoint()
          || leader.commitIndex() != leader.lastIndex()) {
        return false;
      }
      for (long member : leader.configuration().members()) {
        GroupStatus status = status(machineOf.getOrDefault(member, -1), keyspace);
        if (status == null || status.appliedIndex() != leader.lastIndex()) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public String describe() {
    var text = new StringBuilder();
    for (Site site : sites) {
      for (int keyspace = 0; keyspace < keyspaces; keyspace++) {
        text.append("machine ")
            .append(site.number)
            .append(" member ")
            .append(site.member)
            .append(site.machine.running() == null ? " (off)" : "")
            .append(" group ")
            .append(keyspace + 1)
            .append(": ")
            .append(status(site.number, keyspace))
            .append('\n');
      }
      if (site.node != null) {
        site.node.failures().forEach(cause -> text.append("  failed: ").append(cause).append('\n'));
      }
    }
    return text.toString();
  }

  @Override
  public List<String> differences(List<String> keys) {
    var found = new ArrayList<String>();
    for (int keyspace = 0; keyspace < keyspaces; keyspace++) {
      var digests = new TreeMap<Integer, String>();
      for (int machine : members(keyspace)) {
        ReplicaNode node = sites[machine].node;
        if (node != null) {
          digests.put(machine, "%016x".formatted(node.state(keyspace + 1).digest()));
        }
      }
      if (new TreeSet<>(digests.values()).size() > 1) {
        found.add("group " + (keyspace + 1) + ": digests differ by machine: " + digests);
      }
    }
    for (String key : keys) {
      int keyspace = Integer.parseInt(key.substring(0, key.indexOf('/')));
      String name = key.substring(key.indexOf('/') + 1);
      var operation = Translation.operation(name, new Action.Get());
      String first = null;
      for (int machine : members(keyspace)) {
        ReplicaNode node = sites[machine].node;
        if (node == null) {
          continue;
        }
        ReplicatedState state = node.state(keyspace + 1);
        String here = Translation.answer(state.read(operation, state.nowMillis()));
        if (first != null && !first.equals(here)) {
          found.add(
              "key " + key + ": machine " + machine + " holds " + here + ", another " + first);
        }
        first = first == null ? here : first;
      }
    }
    return found;
  }

  @Override
  public List<String> internalErrors() {
    var all = new ArrayList<>(errors);
    all.addAll(witness.violations());
    for (Site site : sites) {
      if (site.node != null) {
        keepErrors(site.node, all);
      }
    }
    return all;
  }

  @Override
  public Counts counts() {
    return new Counts(
        witness.elections(), witness.installs(), witness.changes(keyspaces), Map.of());
  }

  // ---- Service

  @Override
  public int machineCount() {
    return sites.length;
  }

  @Override
  public int keyspaceCount() {
    return keyspaces;
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
      ReplicaNode node = sites[machine].node;
      if (node == null || !node.isAlive()) {
        travel(() -> answer.refused("nobody there", -1));
        return;
      }
      ConsensusGroup group = node.group(keyspace + 1);
      if (group == null) {
        travel(() -> answer.refused("no such group", -1));
        return;
      }
      try {
        node.callers()
            .execute(() -> {
              if (operation.writes()) {
                write(node, group, keyspace, request, operation, answer);
              } else {
                read(node, group, keyspace, operation, level, answer);
              }
            });
      } catch (RejectedExecutionException busy) {
        travel(() -> answer.refused("busy", -1));
      }
    });
  }

  private void write(
      ReplicaNode node,
      ConsensusGroup group,
      int keyspace,
      Request request,
      Operation operation,
      Answer answer) {
    ReplicatedState state = node.state(keyspace + 1);
    group.propose(
        state.command(request, operation),
        0,
        new ConsensusGroup.ProposalListener() {
          @Override
          public void applied(long index, Object reply) {
            send(node, () -> answer.replied(state.reply(reply), 0));
          }

          @Override
          public void refused(Refusal refusal, long leader) {
            send(node, () -> answer.refused(refusal.name(), machineOf.getOrDefault(leader, -1)));
          }

          @Override
          public void unknown() {
            send(node, answer::unknown);
          }
        });
  }

  private void read(
      ReplicaNode node,
      ConsensusGroup group,
      int keyspace,
      Operation operation,
      ReadLevel level,
      Answer answer) {
    ReplicatedState state = node.state(keyspace + 1);
    group.read(
        level,
        0,
        new ConsensusGroup.ReadListener() {
          @Override
          public void ready(long appliedIndex, long nowMillis, long ageMillis) {
            if (node.isAlive()) {
              try {
                Reply reply = state.read(operation, nowMillis);
                send(node, () -> answer.replied(reply, ageMillis));
              } catch (EngineException unreadable) {
                node.failures().add(unreadable.getCause());
                send(node, () -> answer.refused("cannot read", -1));
              }
            }
          }

          @Override
          public void refused(Refusal refusal, long leader) {
            send(node, () -> answer.refused(refusal.name(), machineOf.getOrDefault(leader, -1)));
          }
        });
  }

  private void send(ReplicaNode node, Runnable message) {
    if (node.isAlive()) {
      travel(message);
    }
  }

  private void travel(Runnable message) {
    world.after(Duration.ofNanos(random.between(50_000, 400_000)), message);
  }

  // ---- Target

  @Override
  public Machine machine(int number) {
    return sites[number].machine;
  }

  @Override
  public SimulatedNetwork network() {
    return network;
  }

  @Override
  public long member(int machine) {
    return sites[machine].member;
  }

  @Override
  public void start(int machine) {
    open(sites[machine], Map.of());
  }

  @Override
  public void stop(int machine) {
    Site site = sites[machine];
    ReplicaNode node = site.node;
    if (node == null || !node.isAlive()) {
      return;
    }
    node.life()
        .runNow(() -> {
          try {
            node.close();
          } catch (IOException e) {
            // A node that cannot sync at its end has not acknowledged what is lost.
          }
        });
    if (node.isAlive()) {
      site.machine.stopped();
    }
  }

  @Override
  public int leader(int keyspace) {
    int best = -1;
    long term = -1;
    for (Site site : sites) {
      GroupStatus status = status(site.number, keyspace);
      if (status != null && status.role() == GroupStatus.Role.LEADER && status.term() > term) {
        best = site.number;
        term = status.term();
      }
    }
    return best;
  }

  @Override
  public List<Integer> voters(int keyspace) {
    GroupStatus status = leaderStatus(keyspace);
    return status == null ? List.of() : machines(status.configuration().voters());
  }

  @Override
  public void changeMembers(int keyspace, List<Integer> voters, List<Integer> learners) {
    atLeader(
        keyspace, group -> group.changeMembers(memberSet(voters), memberSet(learners), nobody()));
  }

  @Override
  public void transfer(int keyspace, int machine) {
    atLeader(keyspace, group -> group.transfer(sites[machine].member, nobody()));
  }

  @Override
  public void replace(int machine) {
    Site site = sites[machine];
    long old = site.member;
    machineOf.remove(old);
    admit(site);
    for (int keyspace = 0; keyspace < keyspaces; keyspace++) {
      replace(keyspace, old, site.member);
    }
  }

  @Override
  public boolean isCaughtUp(int machine) {
    for (int keyspace = 0; keyspace < keyspaces; keyspace++) {
      GroupStatus leader = leaderStatus(keyspace);
      GroupStatus here = status(machine, keyspace);
      if (leader == null || here == null || here.role() == GroupStatus.Role.STOPPED) {
        return false;
      }
      boolean member = leader.configuration().contains(sites[machine].member);
      if (member && here.appliedIndex() + 50 < leader.commitIndex()) {
        return false;
      }
      boolean goneMember =
          leader.configuration().members().stream().anyMatch(any -> !machineOf.containsKey(any));
      if (goneMember) {
        return false;
      }
    }
    return true;
  }

  // ---- inside

  private void admit(Site site) {
    site.member = nextMember++;
    machineOf.put(site.member, site.number);
  }

  /// The operator asks again and again until the old member is gone.
  private void replace(int keyspace, long old, long fresh) {
    GroupStatus status = leaderStatus(keyspace);
    boolean done = false;
    if (status != null && !status.configuration().isJoint()) {
      Configuration now = status.configuration();
      done = !now.contains(old);
      if (!done) {
        var voters = new TreeSet<>(now.voters());
        var learners = new TreeSet<>(now.learners());
        if (voters.remove(old)) {
          voters.add(fresh);
          learners.remove(fresh);
        }
        learners.remove(old);
        atLeader(keyspace, group -> group.changeMembers(voters, learners, nobody()));
      }
    }
    if (!done) {
      world.after(Duration.ofMillis(random.between(300, 900)), () -> replace(keyspace, old, fresh));
    }
  }

  private void open(Site site, Map<Long, SnapshotMark> founding) {
    if (site.machine.running() != null) {
      return;
    }
    var node = new ReplicaNode(site.machine.boot());
    site.node = node;
    try {
      node.open(
          making, site.machine, network, witness, site.member, keyspaces, founding, random.split());
    } catch (IOException failed) {
      startAnew(site, node, failed);
    } catch (RuntimeException | Error failed) {
      if (node.isAlive()) {
        errors.add("machine " + site.number + " did not open: " + Causes.text(failed));
        site.machine.kill();
      }
    }
  }

  /// What a supervisor does with a node that failed: starts it again. What is damaged is given up,
  /// and comes back empty under a new identity.
  private void startAnew(Site site, ReplicaNode node, Throwable failure) {
    if (!node.isAlive()) {
      return;
    }
    site.machine.kill();
    if (Causes.include(CorruptionException.class, failure)) {
      site.machine.replaceDisk();
      replace(site.number);
    }
    world.after(START_AGAIN, () -> start(site.number));
  }

  /// The process is gone: what it held in memory is given back, unseen by anybody.
  private void ended(Site site) {
    ReplicaNode node = site.node;
    if (node == null || node.isAlive()) {
      return;
    }
    site.node = null;
    network.detach(
        site.member, Duration.ofMillis(random.between(1, random.chance(30) ? 3_000 : 5)));
    keepErrors(node, errors);
    try {
      node.close();
    } catch (IOException | RuntimeException | Error afterDeath) {
      // nobody is there to care
    }
  }

  private static void keepErrors(ReplicaNode node, List<String> target) {
    node.life().errors().forEach(error -> target.add("a task ended with " + Causes.text(error)));
    for (Throwable cause : node.failures()) {
      if (cause instanceof RuntimeException || cause instanceof Error) {
        target.add("a replica ended with " + Causes.text(cause));
      }
    }
  }

  private void look() {
    for (Site site : sites) {
      ReplicaNode node = site.node;
      if (node != null && node.isAlive() && !node.failures().isEmpty()) {
        startAnew(site, node, node.failures().getFirst());
      }
      for (int keyspace = 0; keyspace < keyspaces; keyspace++) {
        GroupStatus status = status(site.number, keyspace);
        if (status != null) {
          witness.saw(keyspace + 1, site.member, status);
        }
      }
    }
    world.after(LOOK, this::look);
  }

  private @Nullable GroupStatus status(int machine, int keyspace) {
    ReplicaNode node = machine < 0 ? null : sites[machine].node;
    ConsensusGroup group = node == null || !node.isAlive() ? null : node.group(keyspace + 1);
    return group == null ? null : group.status();
  }

  private @Nullable GroupStatus leaderStatus(int keyspace) {
    return status(leader(keyspace), keyspace);
  }

  private List<Integer> members(int keyspace) {
    GroupStatus status = leaderStatus(keyspace);
    return status == null ? List.of() : machines(status.configuration().members());
  }

  private List<Integer> machines(SortedSet<Long> members) {
    return members.stream().map(machineOf::get).filter(Objects::nonNull).toList();
  }

  private SortedSet<Long> memberSet(List<Integer> machines) {
    var set = new TreeSet<Long>();
    machines.forEach(machine -> set.add(sites[machine].member));
    return set;
  }

  private void atLeader(int keyspace, Consumer<ConsensusGroup> request) {
    int leader = leader(keyspace);
    ReplicaNode node = leader < 0 ? null : sites[leader].node;
    if (node != null) {
      ConsensusGroup group = node.group(keyspace + 1);
      if (group != null) {
        try {
          node.callers().execute(() -> request.accept(group));
        } catch (RejectedExecutionException busy) {
          // asked again by whoever must know
        }
      }
    }
  }

  private static ConsensusGroup.OutcomeListener nobody() {
    return new ConsensusGroup.OutcomeListener() {
      @Override
      public void done() {}

      @Override
      public void refused(Refusal refusal, long leader) {}

      @Override
      public void unknown() {}
    };
  }
}
