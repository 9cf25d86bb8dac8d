package dev.henge.consensus.strong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.DiskOperation;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.consensus.group.StateMachine;
import dev.henge.data.DatabaseIds;
import dev.henge.data.Operation;
import dev.henge.data.Operations;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.data.codec.ReplyCodec;
import dev.henge.storage.Access;
import dev.henge.storage.LogMode;
import dev.henge.storage.ModelEngine;
import dev.henge.storage.Reader;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Random logs: the same answers as the local evaluation, the same content on every replica,
/// whatever happened to it on the way.
final class StrongRandomTest {
  private interface Case {
    void run(Random random, long seed) throws IOException;
  }

  private static void run(String name, int rounds, Case test) {
    for (long seed : Seeds.of(name, rounds)) {
      try {
        test.run(new Random(seed), seed);
      } catch (Throwable failure) {
        throw new AssertionError(name + " fails, again with -Dseed=" + seed, failure);
      }
    }
  }

  @Test
  void aReplicaAnswersAsTheLocalEvaluation() {
    run(
        "strong: answers",
        25,
        (random, seed) -> {
          var log = new RandomLog(random, 120);
          var replica = new Replica(new SimulatedDisk());
          List<Reply> replies = replica.apply(log, 1, log.lastIndex());
          List<Reply> expected = evaluated(log);
          for (int i = 0; i < expected.size(); i++) {
            assertEquals(text(expected.get(i)), text(replies.get(i)), "command " + i);
          }
          assertEquals(expected.size(), replies.size());
          replica.close();
        });
  }

  /// Where a page ends depends on which expired objects a compaction has dropped.
  private static String text(Reply reply) {
    return switch (reply) {
      case Reply.ScanPage page -> "page";
      case Reply.Many many -> many.items().stream().map(StrongRandomTest::text).toList().toString();
      default -> reply.toString();
    };
  }

  /// The log's commands on a model engine, each request id once.
  private static List<Reply> evaluated(RandomLog log) throws IOException {
    var engine = new ModelEngine();
    Map<RequestId, Reply> answers = new HashMap<>();
    List<RequestId> order = new ArrayList<>();
    List<Reply> replies = new ArrayList<>();
    long revision = 0;
    for (long index = 1; index <= log.lastIndex(); index++) {
      for (StateMachine.Command command : log.commands(index)) {
        StrongCommand request = StrongCommand.decode(command.bytes());
        revision++;
        RequestId id = request.requestId();
        Reply known = id == null ? null : answers.get(id);
        if (known != null) {
          replies.add(known);
          continue;
        }
        var batch = new WriteBatch();
        Reply reply;
        try (Reader reader = engine.latest(Access.DISK)) {
          int[] ids = DatabaseIds.load(reader);
          long chance = ContentHash.mix(command.seed() + command.offset());
          var scope =
              new Scope(
                  ids[request.database()],
                  ids,
                  command.nowMillis(),
                  chance,
                  revision,
                  request.limits());
          reply = Operations.apply(request.operation(), scope, reader, batch);
        }
        if (!batch.isEmpty()) {
          engine.append(batch, LogMode.NONE);
        }
        replies.add(reply);
        if (id != null && request.operation().writes()) {
          remember(id, request.operation(), reply, answers, order);
        }
      }
    }
    return replies;
  }

  private static void remember(
      RequestId id,
      Operation operation,
      Reply reply,
      Map<RequestId, Reply> answers,
      List<RequestId> order) {
    boolean walks =
        operation instanceof Operation.Transaction transaction
            && transaction.steps().stream().anyMatch(step -> step.operation().scans());
    Reply kept =
        walks && reply instanceof Reply.Many
            ? new Reply.Failure(
                "APPLIED",
                "the transaction was done before; an answer with keys drawn or walked is not kept")
            : reply;
    answers.put(id, kept);
    order.add(id);
    while (order.size() > Replica.BOUNDS.countMax()
        || bytes(answers, order) > Replica.BOUNDS.bytesMax() && order.size() > 1) {
      answers.remove(order.removeFirst());
    }
  }

  private static long bytes(Map<RequestId, Reply> answers, List<RequestId> order) {
    long sum = 0;
    for (RequestId id : order) {
      sum += ReplyCodec.encode(answers.getOrDefault(id, Reply.NOTHING)).length;
    }
    return sum;
  }

  @Test
  void replicasAgreeWhateverTheirBatchesFlushesRestartsAndImages() {
    run(
        "strong: agreement",
        25,
        (random, seed) -> {
          var log = new RandomLog(random, 200);
          var plain = new Replica(new SimulatedDisk());
          plain.apply(log, 1, log.lastIndex());
          long expected = plain.machine.contentHash();

          var first = new Replica(new SimulatedDisk());
          var second = new Replica(new SimulatedDisk());
          first.wander(log, 50 + random.nextInt(100), random);
          second.wander(log, random.nextInt(50), random);
          if (random.nextBoolean()) {
            second.restart();
          }
          long appliedBefore = first.machine.appliedIndex();
          first.sendImage(second, random);
          assertEquals(appliedBefore, second.machine.appliedIndex());
          assertEquals(first.machine.contentHash(), second.machine.contentHash());
          assertEquals(first.machine.nowMillis(), second.machine.nowMillis());
          assertEquals(Replica.mark(appliedBefore), second.machine.installedMark());
          first.wander(log, log.lastIndex(), random);
          second.wander(log, log.lastIndex(), random);
          assertEquals(expected, first.machine.contentHash());
          assertEquals(expected, second.machine.contentHash());
          assertEquals(Replica.mark(appliedBefore), second.machine.installedMark());
          for (Replica replica : List.of(plain, first, second)) {
            replica.close();
            assertEquals(List.of(), replica.disk.openFiles());
          }
        });
  }

  /// After each change to the disk, sometimes: what would be found after a power loss there must
  /// hold what was called durable, and come to the same end by the log.
  @Test
  void aCrashAnywhereIsMadeGoodByTheLog() {
    run("strong: crashes", 5, StrongRandomTest::crash);
  }

  private static void crash(Random random, long seed) throws IOException {
    var log = new RandomLog(random, 100);
    var plain = new Replica(new SimulatedDisk());
    plain.apply(log, 1, log.lastIndex());
    long expected = plain.machine.contentHash();

    var disk = new SimulatedDisk();
    var replica = new Replica(disk);
    var losses = new SplittableRandom(seed);
    long[] durable = {0};
    int[] checked = {0};
    disk.observe(
        new SimulatedDisk.Observer() {
          @Override
          public void after(DiskOperation operation) {
            if (!operation.kind().changesTheDisk() || losses.nextInt(100) >= 20) {
              return;
            }
            checked[0]++;
            String context = "a power loss at " + operation;
            try {
              var found = new Replica(disk.crash(losses.nextLong()));
              long applied = found.machine.appliedIndex();
              assertTrue(
                  applied >= durable[0], () -> context + ": " + applied + " of " + durable[0]);
              found.catchUp(log, log.lastIndex());
              assertEquals(expected, found.machine.contentHash(), context);
              found.close();
            } catch (IOException | RuntimeException e) {
              throw new AssertionError(context, e);
            }
          }
        });
    while (replica.machine.appliedIndex() < log.lastIndex()) {
      long to = Math.min(log.lastIndex(), replica.machine.appliedIndex() + 1 + random.nextInt(20));
      replica.wander(log, to, random);
      durable[0] = Math.max(durable[0], replica.machine.durableIndex());
      if (random.nextInt(6) == 0 && to < log.lastIndex()) {
        var ahead = new Replica(new SimulatedDisk());
        long ahead0 = to + 1 + random.nextInt((int) (log.lastIndex() - to));
        ahead.apply(log, 1, ahead0);
        ahead.sendImage(replica, random);
        durable[0] = ahead0;
        ahead.close();
      }
      replica.threads.run(random.nextInt(3));
    }
    assertEquals(expected, replica.machine.contentHash());
    replica.close();
    assertTrue(checked[0] > 5, "only " + checked[0] + " losses were looked at");
  }
}
