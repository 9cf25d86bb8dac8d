package dev.henge.simulation.workload;

import dev.henge.consensus.group.ConsensusGroup.ReadLevel;
import dev.henge.simulation.check.Action;
import dev.henge.simulation.world.World;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some clients, busy until told to stop; at the end every key is read once more, so that a write
/// that was acknowledged and lost is missed.
///
/// - Threads: the simulation's.
public final class Workload {
  private final World world;
  private final Service service;
  private final History history;
  private final Wishes wishes;
  private final int clientCount;
  private final long thinkMicrosMax;
  private int names;
  private boolean stopped;

  public Workload(
      World world, Service service, History history, int clientCount, long thinkMicrosMax) {
    this.world = world;
    this.service = service;
    this.history = history;
    this.wishes = new Wishes(world.random().split(), service::keyspaceCount);
    this.clientCount = clientCount;
    this.thinkMicrosMax = thinkMicrosMax;
  }

  public void begin() {
    for (int i = 0; i < clientCount; i++) {
      client(this::next).think();
    }
  }

  /// What is under way ends; nothing new begins.
  public void stop() {
    stopped = true;
  }

  /// Reads every key.
  ///
  /// @param done runs at the end
  public void readAll(Runnable done) {
    var left = new ArrayDeque<Task>();
    for (String key : history.keys()) {
      int slash = key.indexOf('/');
      left.add(
          Task.of(
              Integer.parseInt(key.substring(0, slash)),
              ReadLevel.LINEARIZABLE,
              key.substring(slash + 1),
              new Action.Get()));
    }
    int[] busy = {clientCount};
    for (int i = 0; i < clientCount; i++) {
      client(
              () -> {
                Task task = left.poll();
                if (task == null && --busy[0] == 0) {
                  done.run();
                }
                return task;
              })
          .think();
    }
  }

  /// Keys that were written to.
  public List<String> keys() {
    return history.keys();
  }

  private @Nullable Task next() {
    return stopped ? null : wishes.next();
  }

  private Client client(java.util.function.Supplier<@Nullable Task> tasks) {
    return new Client(world, service, history, () -> ++names, tasks, thinkMicrosMax);
  }
}
