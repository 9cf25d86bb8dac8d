package dev.henge.server.cluster;

import dev.henge.base.Randomness;
import dev.henge.base.Threads;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import dev.henge.consensus.metadata.KeyspaceMode;
import dev.henge.consensus.strong.GroupReads;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.server.store.Group;
import dev.henge.server.store.GroupMovedException;
import dev.henge.server.store.Keyspace;
import dev.henge.server.store.WriteMark;
import dev.henge.storage.Access;
import dev.henge.storage.Engine;
import dev.henge.storage.EngineException;
import dev.henge.storage.NotInMemoryException;
import dev.henge.storage.WriteRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/// Has requests done by the replica that this node holds, for its own clients and for other nodes.
///
/// - Threads: any; what may block runs on the workers.
final class StrongExecution {
  private final Groups groups;
  private final Randomness randomness;
  private final Threads.Pool workers;
  private final LocalCommands commands;

  StrongExecution(Groups groups, Randomness randomness, Threads.Pool workers) {
    this.groups = groups;
    this.randomness = randomness;
    this.workers = workers;
    this.commands = new LocalCommands(workers);
  }

  /// Looks after what had to wait. Called from time to time.
  void tick() {
    commands.resume();
  }

  /// @param term in which this replica must lead; 0 for any
  void execute(StrongRequest request, long term, Attempt attempt) {
    switch (groups.replica(request.group())) {
      case null -> attempt.moved(0);
      case Replica.Local(Group group) -> {
        if (request.kind() == StrongRequest.Kind.COMMAND) {
          command(request, group, attempt);
        } else {
          onWorker(() -> local(request, group, attempt), attempt);
        }
      }
      case Replica.Replicated replica -> {
        switch (request.kind()) {
          case COMMAND -> propose(request, term, replica.group(), attempt);
          case READ, WATCH -> read(request, term, replica, attempt);
          case HOLDERS -> holders(request, replica.group(), attempt);
        }
      }
    }
  }

  private static void propose(
      StrongRequest request, long term, ConsensusGroup group, Attempt attempt) {
    group.propose(
        StrongWire.command(request).encode(),
        term,
        new ConsensusGroup.ProposalListener() {
          @Override
          public void applied(long index, Object reply) {
            attempt.answered((Reply) reply, index, 0);
          }

          @Override
          public void refused(Refusal refusal, long leader) {
            refuse(refusal, leader, attempt);
          }

          @Override
          public void unknown() {
            attempt.unknown();
          }
        });
  }

  private void read(StrongRequest request, long term, Replica.Replicated replica, Attempt attempt) {
    replica
        .group()
        .read(
            request.consistency().level(),
            term,
            new ConsensusGroup.ReadListener() {
              @Override
              public void ready(long appliedIndex, long nowMillis, long ageMillis) {
                var reading =
                    new Reading(
                        request, replica.reads(), appliedIndex, nowMillis, ageMillis, attempt);
                if (request.operation().scans()) {
                  reading.later();
                  return;
                }
                try {
                  reading.now();
                } catch (NotInMemoryException elsewhere) {
                  reading.later();
                }
              }

              @Override
              public void refused(Refusal refusal, long leader) {
                refuse(refusal, leader, attempt);
              }
            });
  }

  private static void holders(StrongRequest request, ConsensusGroup group, Attempt attempt) {
    ConsensusGroup.GroupStatus status = group.status();
    if (status.role() != ConsensusGroup.GroupStatus.Role.LEADER) {
      attempt.moved(status.leader());
      return;
    }
    long own = 0;
    long others = 0;
    for (Map.Entry<Long, Long> matched : status.matched().entrySet()) {
      if (matched.getValue() >= request.index()) {
        boolean leader = matched.getKey() == status.leader();
        own += leader ? 1 : 0;
        others += leader ? 0 : 1;
      }
    }
    attempt.answered(holders(own, others), request.index(), 0);
  }

  private static void refuse(Refusal refusal, long leader, Attempt attempt) {
    switch (refusal) {
      case NOT_LEADER, TRANSFERRING -> attempt.moved(leader);
      case OVERLOADED, BUSY -> attempt.refused(Failures.OVERLOADED);
      case TOO_LARGE -> attempt.refused(Failures.TOO_LARGE);
      case DISK_FULL -> attempt.refused(Failures.DISK_FULL);
      case STOPPED -> attempt.moved(leader);
    }
  }

  /// Another node asks the one that holds all of a group to do something.
  private void command(StrongRequest request, Group group, Attempt attempt) {
    if (!commands.add(() -> tryLocal(request, group, attempt))) {
      attempt.refused(Failures.OVERLOADED);
    }
  }

  /// @return false where the engine wants writers to wait: to be tried again, before what is behind
  private static boolean tryLocal(StrongRequest request, Group group, Attempt attempt) {
    try {
      local(request, group, attempt);
    } catch (StalledException wait) {
      return false;
    } catch (EngineException damaged) {
      attempt.refused(Failures.damaged(String.valueOf(damaged.getMessage())));
    }
    return true;
  }

  /// On a worker.
  private static void local(StrongRequest request, Group group, Attempt attempt) {
    var keyspace =
        new Keyspace("", request.database(), request.keyspaceId(), KeyspaceMode.STRONG, group);
    var mark = new WriteMark();
    try {
      Reply reply =
          switch (request.kind()) {
            case COMMAND, READ ->
                group.evaluate(
                    request.operation(),
                    keyspace,
                    request.limits(),
                    request.operation().writes() ? request.requestId() : null,
                    mark,
                    Access.DISK);
            case WATCH -> {
              List<Operation.Watch> watches = new ArrayList<>();
              for (byte[] key : watched(request)) {
                watches.add(group.watch(keyspace, key, mark, Access.DISK));
              }
              yield watchReply(watches);
            }
            case HOLDERS -> {
              Engine engine = group.engine();
              yield holders(engine.durableSequence() >= engine.lastSequence() ? 1 : 0, 0);
            }
          };
      group.whenAcknowledged(
          mark.sequence(),
          new Engine.AcknowledgeListener() {
            @Override
            public void acknowledged() {
              attempt.answered(reply, 0, 0);
            }

            @Override
            public void unknown(WriteRefusedException stopped) {
              attempt.unknown();
            }
          });
    } catch (GroupMovedException moved) {
      attempt.moved(0);
    } catch (WriteRefusedException refused) {
      if (refused.reason() == WriteRefusedException.Reason.STALLED) {
        throw StalledException.INSTANCE;
      }
      attempt.refused(Failures.of(refused));
    }
  }

  private static Reply holders(long own, long others) {
    return new Reply.Many(List.of(new Reply.Number(own), new Reply.Number(others)));
  }

  /// The engine wants writers to wait.
  private static final class StalledException extends RuntimeException {
    static final StalledException INSTANCE = new StalledException();

    private StalledException() {
      super("wait for room", null, false, false);
    }
  }

  /// Keys of a request of kind `WATCH`.
  static List<byte[]> watched(StrongRequest request) {
    return request.operation() instanceof Operation.GetMany(List<byte[]> keys) ? keys : List.of();
  }

  static Reply watchReply(List<Operation.Watch> watches) {
    List<Reply> numbers = new ArrayList<>();
    for (Operation.Watch watch : watches) {
      numbers.add(new Reply.Number(watch.keyspaceId()));
      numbers.add(new Reply.Number(watch.revision()));
    }
    return new Reply.Many(numbers);
  }

  private void onWorker(Runnable task, Attempt attempt) {
    try {
      workers.execute(() -> {
        try {
          task.run();
        } catch (EngineException damaged) {
          attempt.refused(Failures.damaged(String.valueOf(damaged.getMessage())));
        }
      });
    } catch (RejectedExecutionException full) {
      attempt.refused(Failures.OVERLOADED);
    }
  }

  /// A read that may begin.
  private final class Reading {
    private final StrongRequest request;
    private final GroupReads reads;
    private final long index;
    private final long now;
    private final long ageMillis;
    private final Attempt attempt;

    Reading(
        StrongRequest request,
        GroupReads reads,
        long index,
        long nowMillis,
        long ageMillis,
        Attempt attempt) {
      this.request = request;
      this.reads = reads;
      this.index = index;
      this.now = nowMillis;
      this.ageMillis = ageMillis;
      this.attempt = attempt;
    }

    /// On this thread, with what is in memory.
    void now() {
      Reply reply;
      try {
        reply =
            request.kind() == StrongRequest.Kind.WATCH
                ? watch((key, id, database) ->
                    reads.evaluateWatch(key, id, database, now, Access.MEMORY))
                : reads.evaluateRead(
                    request.operation(),
                    request.keyspaceId(),
                    request.database(),
                    request.limits(),
                    now,
                    0,
                    Access.MEMORY);
      } catch (EngineException damaged) {
        attempt.refused(Failures.damaged(String.valueOf(damaged.getMessage())));
        return;
      }
      attempt.answered(reply, index, ageMillis);
    }

    /// On a worker, on the state as it is now: a read that the same client has sent behind this one
    /// may be answered before, and sees no less.
    void later() {
      GroupReads.State state;
      try {
        state = reads.pin();
      } catch (EngineException closed) {
        attempt.moved(0);
        return;
      }
      Runnable task =
          () -> {
            try (state) {
              Reply reply =
                  request.kind() == StrongRequest.Kind.WATCH
                      ? watch((key, id, database) -> state.evaluateWatch(key, id, database, now))
                      : state.evaluateRead(
                          request.operation(),
                          request.keyspaceId(),
                          request.database(),
                          request.limits(),
                          now,
                          request.operation().scans() ? randomness.nextLong() : 0);
              attempt.answered(reply, index, ageMillis);
            } catch (EngineException damaged) {
              attempt.refused(Failures.damaged(String.valueOf(damaged.getMessage())));
            }
          };
      try {
        workers.execute(task);
      } catch (RejectedExecutionException full) {
        state.close();
        attempt.refused(Failures.OVERLOADED);
      }
    }

    private interface Watching {
      Operation.Watch watch(byte[] key, int keyspaceId, int database);
    }

    private Reply watch(Watching watching) {
      List<Operation.Watch> watches = new ArrayList<>();
      for (byte[] key : watched(request)) {
        watches.add(watching.watch(key, request.keyspaceId(), request.database()));
      }
      return watchReply(watches);
    }
  }
}
