package dev.henge.simulation.replica;

import dev.henge.base.Disk;
import dev.henge.base.DiskFile;
import dev.henge.consensus.group.RaftFactory;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Raft;
import dev.henge.consensus.raft.Ready;
import dev.henge.data.ExpiredObjects;
import dev.henge.simulation.workload.Service;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.jspecify.annotations.NullMarked;

/// Mistakes that consensus implementations have made, each as something else in the place of one
/// part.
@NullMarked
final class PlantedBugs {
  private PlantedBugs() {}

  /// A leader is elected and appends nothing: what earlier leaders left is never committed.
  static final RaftFactory NO_NO_OP =
      (options, self, hardState, log, configurations, recovering, randomness) ->
          new Raft(options, self, hardState, log, configurations, recovering, randomness) {
            @Override
            protected boolean beginsTermWithNoOp() {
              return false;
            }
          };

  /// Two candidates get a vote in one term.
  static final RaftFactory VOTES_TWICE =
      (options, self, hardState, log, configurations, recovering, randomness) ->
          new Raft(options, self, hardState, log, configurations, recovering, randomness) {
            @Override
            protected boolean voteIsFreeFor(long candidate) {
              return true;
            }
          };

  /// A candidate whose log lacks committed entries gets votes.
  static final RaftFactory VOTES_FOR_OLD_LOGS =
      (options, self, hardState, log, configurations, recovering, randomness) ->
          new Raft(options, self, hardState, log, configurations, recovering, randomness) {
            @Override
            protected boolean isUpToDate(long lastIndex, long lastTerm) {
              return true;
            }
          };

  /// Two sets of voters change without a majority of both.
  static final RaftFactory NO_JOINT_MAJORITY =
      (options, self, hardState, log, configurations, recovering, randomness) ->
          new Raft(options, self, hardState, log, configurations, recovering, randomness) {
            @Override
            protected Configuration deciding() {
              Configuration joint = super.deciding();
              return joint.isJoint() ? Configuration.ofVoters(joint.voters()) : joint;
            }
          };

  /// What is in the log is applied before it is committed.
  static final RaftFactory APPLIES_BEFORE_COMMIT =
      (options, self, hardState, log, configurations, recovering, randomness) ->
          new Raft(options, self, hardState, log, configurations, recovering, randomness) {
            @Override
            public Ready ready() {
              Ready right = super.ready();
              return new Ready(
                  right.writeNumber(),
                  right.hardState(),
                  right.entries(),
                  right.messages(),
                  right.durableMessages(),
                  lastIndex(),
                  right.readStates(),
                  right.fetches(),
                  right.installSnapshot());
            }
          };

  /// The raft log says that it is durable, and never syncs.
  static Disk logIsNeverSynced(Disk disk) {
    return (Disk)
        Proxy.newProxyInstance(
            PlantedBugs.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (proxy, method, arguments) -> {
              Object result = call(disk, method, arguments);
              boolean ofLog =
                  method.getName().equals("open") && arguments[0].toString().contains("/log/");
              return ofLog ? withoutSync((DiskFile) result) : result;
            });
  }

  private static DiskFile withoutSync(DiskFile file) {
    return (DiskFile)
        Proxy.newProxyInstance(
            PlantedBugs.class.getClassLoader(),
            new Class<?>[] {DiskFile.class},
            (proxy, method, arguments) ->
                method.getName().equals("sync") ? null : call(file, method, arguments));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /// Answers of requests are neither in images nor in what survives a restart: a second try is done
  /// again.
  static final class ForgetsRequests extends MapState {
    ForgetsRequests(Table table, Disk disk, Path directory) throws IOException {
      super(table, disk, directory);
    }

    @Override
    protected byte[] encode() throws IOException {
      LinkedHashMap<Service.Request, String> kept = requests;
      requests = new LinkedHashMap<>();
      try {
        return super.encode();
      } finally {
        requests = kept;
      }
    }
  }

  /// What is written down claims to be older than it is: entries are applied again.
  static final class ForgetsItsIndex extends MapState {
    ForgetsItsIndex(Table table, Disk disk, Path directory) throws IOException {
      super(table, disk, directory);
    }

    @Override
    protected long writtenIndex() {
      return Math.max(0, appliedIndex() - 3);
    }

    @Override
    protected boolean remembersRequests() {
      return false;
    }
  }

  /// Compactions drop what has ended by the machine's own clock.
  static final ReplicatedState.Factory EXPIRES_BY_OWN_CLOCK =
      (group, disk, directory, threads, clock) ->
          StrongState.open(
              group,
              disk,
              directory,
              threads,
              clock,
              right -> new ExpiredObjects(clock::wallMillis));
}
