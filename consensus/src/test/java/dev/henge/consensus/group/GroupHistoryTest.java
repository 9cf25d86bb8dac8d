package dev.henge.consensus.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.Seeds;
import dev.henge.consensus.raft.RaftOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Random histories: nodes crash, are cut off and come back, leaders hand over, members change,
/// messages are lost and overtake each other, logs are cut and images pulled. Then everything
/// heals, and every command must have the fate that its proposer was told.
final class GroupHistoryTest {
  private static final long GROUP = 1;

  @Test
  void everyFateIsTrue() throws IOException {
    int done = 0;
    for (long seed : Seeds.of("GroupHistoryTest", Seeds.count("history.runs", 60))) {
      try {
        var history = new History(seed);
        history.run();
        done += history.acknowledged + history.reads;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("replay with -Dseed=" + seed, e);
      }
    }
    // In one history alone it may be that nobody could do anything.
    assertTrue(done > 0 || Long.getLong("seed") != null, "something was done");
  }

  private static final class History {
    private final Random random;
    private final Cluster cluster;
    private final List<Cluster.Fate> fates = new ArrayList<>();
    private final boolean changesMembers;
    private int acknowledged;
    private int reads;
    private int commandCount;

    History(long seed) throws IOException {
      random = new Random(seed);
      cluster = new Cluster(random.nextLong());
      changesMembers = random.nextInt(3) == 0;
      boolean leases = random.nextBoolean();
      cluster.lossPercent = random.nextBoolean() ? 0 : random.nextInt(15);
      cluster.delayMillisMax = random.nextBoolean() ? 1 : 1 + random.nextInt(40);
      long logBytes = random.nextBoolean() ? 1 << 20 : 1000 + random.nextInt(3000);
      int quiesceTicks = random.nextBoolean() ? 0 : 5;
      cluster.options =
          cluster
              .options
              .with(
                  new GroupOptions.Timing(
                      Cluster.TICK,
                      new RaftOptions(10, 1, 1024, 1 << 14, 8, 1 << 20, 1000, quiesceTicks, leases),
                      30,
                      50))
              .with(
                  new GroupOptions.Bounds(
                      4096, 200, 1 << 16, 200, 1 << 16, 600, logBytes, 1 << 30));
      cluster.found(3, 1);
      if (changesMembers) {
        cluster.add(4).createEmpty(GROUP);
      }
    }

    void run() throws IOException {
      int steps = 150 + random.nextInt(250);
      for (int i = 0; i < steps; i++) {
        step();
        cluster.run(Duration.ofMillis(random.nextInt(60)));
      }
      heal();
      judge();
    }

    private void step() throws IOException {
      Cluster.Node node = cluster.node(1 + random.nextInt(cluster.nodes.size()));
      switch (random.nextInt(20)) {
        case 0 -> {
          long down = cluster.nodes.values().stream().filter(each -> !each.isUp()).count();
          if (node.isUp() && down < 2) {
            node.crash();
          }
        }
        case 1, 2 -> {
          if (!node.isUp()) {
            node.start();
          }
        }
        case 3 -> {
          if (cluster.cutOff.isEmpty()) {
            cluster.cutOff.add(node.member);
          }
        }
        case 4, 5 -> cluster.cutOff.clear();
        case 6 -> {
          if (node.isUp() && random.nextInt(3) == 0) {
            node.group(GROUP).transfer(1 + random.nextInt(3), new Ignored());
          }
        }
        case 7 -> changeMembers();
        case 8 -> {
          if (node.isUp()) {
            node.machine(GROUP).flush();
          }
        }
        case 9 -> {
          Cluster.Node leader = cluster.leader(GROUP);
          if (leader != null && random.nextInt(4) == 0) {
            leader.crash();
          }
        }
        default -> {
          propose(node);
          Cluster.Node leader = cluster.leader(GROUP);
          if (leader != null) {
            propose(leader);
            read(leader);
          }
        }
      }
    }

    private void propose(Cluster.Node node) {
      for (int i = random.nextInt(6); i > 0 && node.isUp(); i--) {
        fates.add(node.propose(GROUP, "c" + commandCount++ + "-" + "x".repeat(random.nextInt(60))));
      }
    }

    private void read(Cluster.Node node) {
      long known = fates.stream().filter(Cluster.Fate::isApplied).count();
      var level =
          random.nextBoolean()
              ? ConsensusGroup.ReadLevel.LINEARIZABLE
              : ConsensusGroup.ReadLevel.LEADER;
      node.group(GROUP)
          .read(
              level,
              0,
              new ConsensusGroup.ReadListener() {
                @Override
                public void ready(long appliedIndex, long nowMillis, long ageMillis) {
                  reads++;
                  int seen = node.machine(GROUP).content().size();
                  if (seen < known) {
                    throw new AssertionError(
                        level + " read sees " + seen + " of " + known + " acknowledged commands");
                  }
                }

                @Override
                public void refused(ConsensusGroup.Refusal refusal, long leader) {}
              });
    }

    private void changeMembers() {
      Cluster.Node leader = cluster.leader(GROUP);
      if (!changesMembers || leader == null) {
        return;
      }
      var voters = new TreeSet<Long>();
      var learners = new TreeSet<Long>();
      for (long member : cluster.nodes.keySet()) {
        if (random.nextInt(4) != 0) {
          voters.add(member);
        } else {
          learners.add(member);
        }
      }
      if (voters.size() >= 2) {
        leader.group(GROUP).changeMembers(voters, learners, new Ignored());
      }
    }

    private void heal() throws IOException {
      cluster.cutOff.clear();
      cluster.lossPercent = 0;
      cluster.delayMillisMax = 1;
      for (Cluster.Node node : cluster.nodes.values()) {
        if (!node.isUp()) {
          node.start();
        }
      }
      cluster.put(GROUP, "last");
      cluster.until(
          "everybody holds the last command",
          () ->
              cluster.nodes.values().stream()
                  .filter(node -> isMember(node))
                  .allMatch(node -> node.machine(GROUP).content().contains("last")));
      cluster.until(
          "every command has a fate",
          () -> fates.stream().noneMatch(fate -> fate.isOpen() && !fate.orphaned()));
    }

    private boolean isMember(Cluster.Node node) {
      Cluster.Node leader = cluster.leader(GROUP);
      return leader != null && leader.group(GROUP).status().configuration().contains(node.member);
    }

    private void judge() {
      List<String> content = cluster.awaitLeader(GROUP).machine(GROUP).content();
      for (Cluster.Node node : cluster.nodes.values()) {
        assertEquals(List.of(), node.failures, "node " + node.member);
        if (isMember(node)) {
          assertEquals(content, node.machine(GROUP).content(), "node " + node.member);
        }
      }
      Map<String, Integer> places = new HashMap<>();
      for (int i = 0; i < content.size(); i++) {
        Integer before = places.put(content.get(i), i);
        assertTrue(before == null || content.get(i).equals("last"), content.get(i) + " twice");
      }
      for (Cluster.Fate fate : fates) {
        Integer place = places.get(fate.command);
        if (fate.isApplied()) {
          acknowledged++;
          assertEquals(fate.reply, place, fate.command);
        } else if (fate.isRefused()) {
          assertTrue(place == null, fate + " and yet it is there");
        }
      }
    }
  }

  private static final class Ignored implements ConsensusGroup.OutcomeListener {
    @Override
    public void done() {}

    @Override
    public void refused(ConsensusGroup.Refusal refusal, long leader) {}

    @Override
    public void unknown() {}
  }
}
