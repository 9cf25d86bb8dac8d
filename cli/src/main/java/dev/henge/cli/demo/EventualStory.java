package dev.henge.cli.demo;

import dev.henge.cli.process.LocalCluster;
import dev.henge.cli.process.ServerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/// The second part of `henge demo` on several nodes: a keyspace that takes writes whoever is cut
/// off, and forgets none of them.
///
/// Two writers are cut off from each other by stopping the nodes of the other side (SIGSTOP): that
/// is what a network that parts looks like to the side that goes on.
///
/// - Threads: one.
final class EventualStory {
  private static final String KEYSPACE = "baskets";
  private static final String BASKET = "basket:1";
  private static final int MISSED_COUNT = 1_000;

  /// Copies of each key, one on every node.
  static final int COPIES = 3;

  private static final int BACK_SECONDS = 60;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /// Takes the lines of the story.
  interface Teller {
    void say(String format, Object... arguments);
  }

  private final LocalCluster cluster;
  private final Teller teller;
  private int wrong;

  /// @param cluster three nodes, all running
  EventualStory(LocalCluster cluster, Teller teller) {
    this.cluster = cluster;
    this.teller = teller;
  }

  /// @return how many checks failed
  int run() throws IOException {
    teller.say("");
    teller.say("An eventual keyspace: three copies of each key, no leader, always writable.");
    try (EventualClient client = EventualClient.connect(cluster.node(0).respPort())) {
      client.create(KEYSPACE);
    }
    try (EventualClient left = client(0);
        EventualClient right = client(1)) {
      partition(left, right);
      missed(left);
    }
    return wrong;
  }

  /// Two writers who cannot see each other, and what readers see afterwards.
  private void partition(EventualClient left, EventualClient right) throws IOException {
    EventualClient.Written first = left.put(BASKET, "bread", COPIES);
    teller.say("%-20s basket = bread, on %d copies", "Written", first.copies());
    pauseAllBut(0, true);
    EventualClient.Written milk = left.put(BASKET, "bread, milk", first.context(), 1);
    pauseAllBut(0, false);
    cluster.node(0).pause(true);
    EventualClient.Written eggs;
    try {
      eggs = right.put(BASKET, "bread, eggs", first.context(), 1);
    } finally {
      cluster.node(0).pause(false);
    }
    teller.say(
        "%-20s one side writes \"bread, milk\" (%d copy), the other \"bread, eggs\" (%d copy)",
        "Parted", milk.copies(), eggs.copies());
    EventualClient.Read both = left.get(BASKET, COPIES);
    teller.say("%-20s %s", "Together again", String.join("  |  ", both.values()));
    check(
        Set.copyOf(both.values()).equals(Set.of("bread, milk", "bread, eggs")),
        "both writes are there, as siblings");
    left.put(BASKET, "bread, milk, eggs", both.context(), COPIES);
    EventualClient.Read merged = right.get(BASKET, COPIES);
    teller.say("%-20s %s", "Merged by a client", String.join("  |  ", merged.values()));
    check(merged.values().equals(List.of("bread, milk, eggs")), "the merged value is the only one");
  }

  /// A node that is down while others write, and has everything when it is back.
  private void missed(EventualClient client) throws IOException {
    int down = cluster.count() - 1;
    ServerProcess victim = cluster.node(down);
    victim.kill();
    long copies = 0;
    for (int i = 0; i < MISSED_COUNT; i++) {
      copies += client.put("order:" + i, "order " + i, 2).copies();
    }
    teller.say(
        "%-20s node %d; %,d writes meanwhile, each on %.0f copies, and a hint for it",
        "Killed", down, MISSED_COUNT, (double) copies / MISSED_COUNT);
    ServerProcess back = cluster.restart(down);
    teller.say(
        "%-20s node %d, process %d, ready after %,d ms",
        "Restarted", down, back.processId(), back.startMillis());
    long began = System.nanoTime();
    long end = began + TimeUnit.SECONDS.toNanos(BACK_SECONDS);
    Set<Integer> missing = new TreeSet<>();
    for (int i = 0; i < MISSED_COUNT; i++) {
      missing.add(i);
    }
    try (EventualClient there = client(down)) {
      while (!missing.isEmpty() && System.nanoTime() < end) {
        for (int i : new ArrayList<>(missing)) {
          // One copy is asked: the node's own.
          if (!there.get("order:" + i, 1).values().equals(List.of("order " + i))) {
            break;
          }
          missing.remove(i);
        }
        if (!missing.isEmpty()) {
          LockSupport.parkNanos(POLL_NANOS);
        }
      }
    }
    teller.say(
        "%-20s %,d of %,d after %,d ms, brought by hints",
        "Handed over",
        MISSED_COUNT - missing.size(),
        MISSED_COUNT,
        (System.nanoTime() - began) / 1_000_000);
    check(missing.isEmpty(), "its own copies hold what was written while it was away");
    JsonNode compared = cluster.repair(down, KEYSPACE);
    // A node that has just come back may not know yet that all others live.
    while (!compared.path("equal").asBoolean(false) && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL_NANOS);
      compared = cluster.repair(down, KEYSPACE);
    }
    boolean equal = compared.path("equal").asBoolean(false);
    teller.say(
        "%-20s %,d bytes of hashes compared, %,d keys moved%s",
        equal ? "Trees equal" : "Trees differ",
        compared.path("treeBytes").asLong(0),
        compared.path("keysSent").asLong(0) + compared.path("keysReceived").asLong(0),
        equal ? "" : ": " + compared.path("trouble").asString(""));
    check(equal, "the hash trees of all copies are equal");
  }

  private EventualClient client(int node) {
    EventualClient client = EventualClient.connect(cluster.node(node).respPort());
    client.select(KEYSPACE);
    return client;
  }

  private void pauseAllBut(int node, boolean paused) throws IOException {
    for (int i = 0; i < cluster.count(); i++) {
      if (i != node) {
        cluster.node(i).pause(paused);
      }
    }
  }

  private void check(boolean good, String promise) {
    teller.say("%-20s %s", good ? "Checked" : "WRONG", promise);
    wrong += good ? 0 : 1;
  }
}
