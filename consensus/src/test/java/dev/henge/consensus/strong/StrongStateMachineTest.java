package dev.henge.consensus.strong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.DiskFullException;
import dev.henge.base.FormatException;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.consensus.group.StateMachine;
import dev.henge.data.Condition;
import dev.henge.data.DatabaseIds;
import dev.henge.data.Expiry;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.Scope;
import dev.henge.data.StoredKey;
import dev.henge.storage.Access;
import dev.henge.storage.CompactionFilter;
import dev.henge.storage.Engine;
import dev.henge.storage.LogMode;
import dev.henge.storage.WriteBatch;
import dev.henge.storage.lsm.LsmEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a replica promises, one thing at a time.
final class StrongStateMachineTest {
  private static final Scope.Limits LIMITS = Scope.Limits.DEFAULT;

  private long index;

  @Test
  void aRequestThatIsSentAgainHappensOnceAlsoOverARestartAndOnAnotherReplica() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    var id = new RequestId(1, 2);
    var increment = new Operation.Increment(bytes("n"), 5, false);
    assertEquals(new Reply.Number(5), apply(replica, 1000, id, increment));
    assertEquals(new Reply.Number(5), apply(replica, 1001, id, increment));
    replica.machine.flush();
    replica.threads.runAll();
    replica.restart();
    assertEquals(new Reply.Number(5), apply(replica, 1002, id, increment));
    var other = new Replica(new SimulatedDisk());
    replica.sendImage(other, new Random(1));
    assertEquals(new Reply.Number(5), apply(other, 1003, id, increment));
    assertEquals(new Reply.Number(10), apply(other, 1004, new RequestId(1, 3), increment));
    for (int i = 0; i < Replica.BOUNDS.countMax(); i++) {
      apply(other, 1005, new RequestId(9, i), new Operation.Delete(List.of(bytes("other"))));
    }
    assertEquals(new Reply.Number(15), apply(other, 1006, id, increment), "forgotten by then");
    replica.close();
    other.close();
  }

  @Test
  void aReadWithARequestIdIsNotRemembered() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    var id = new RequestId(1, 2);
    assertEquals(Reply.NOTHING, apply(replica, 1, id, new Operation.Get(bytes("k"))));
    apply(replica, 2, null, set("k", "v", Expiry.NONE));
    assertEquals(value("v"), apply(replica, 3, id, new Operation.Get(bytes("k"))));
    replica.close();
  }

  @Test
  void whatIsReadIsWhatWasAppliedInTheDatabaseOfThen() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    apply(replica, 1, null, set("k", "v", new Expiry.In(100)));
    assertEquals(value("v"), read(replica, 0, new Operation.Get(bytes("k")), 100));
    assertEquals(Reply.NOTHING, read(replica, 0, new Operation.Get(bytes("k")), 101));
    Operation.Watch watch = replica.machine.evaluateWatch(bytes("k"), 0, 0, 50, Access.DISK);
    assertEquals(1, watch.revision());
    apply(replica, 2, null, new Operation.SwapDatabases(0, 1));
    assertEquals(Reply.NOTHING, read(replica, 0, new Operation.Get(bytes("k")), 50));
    assertEquals(value("v"), read(replica, 1, new Operation.Get(bytes("k")), 50));
    var step = new Operation.Step(-1, new Operation.Increment(bytes("n"), 1, false));
    var exec = new Operation.Transaction(List.of(step), List.of(watch));
    assertEquals(Reply.NOTHING, apply(replica, 3, null, exec));
    replica.close();
  }

  /// A compaction may run when commands that are applied, and not durable, have moved the time past
  /// an object's end; after a crash the log replays commands from before that end.
  @Test
  void compactionDropsNothingThatAReplayStillNeeds() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    apply(replica, 1000, null, set("k", "first", new Expiry.At(1100)));
    makeDurable(replica);
    apply(replica, 1010, null, set("other", "x", Expiry.NONE));
    replica.machine.flush();
    replica.threads.run(1); // flushed; the compaction that this calls for waits
    long durable = replica.machine.durableIndex();
    assertEquals(index, durable);
    List<StateMachine.Command> lost = new ArrayList<>();
    lost.add(command(1050, null, new Operation.Append(bytes("k"), bytes("second"))));
    lost.add(command(1060, null, new Operation.Persist(bytes("k"))));
    lost.add(command(5000, null, set("other", "y", Expiry.NONE)));
    replica.machine.apply(lost);
    replica.machine.advance(index, 1);
    replica.threads.runAll();
    replica.clockForward();
    replica.threads.runAll();
    long expected = replica.machine.contentHash();

    var found = new Replica(replica.disk.crash(1));
    assertEquals(durable, found.machine.appliedIndex());
    found.machine.apply(lost);
    found.machine.advance(index, 1);
    assertEquals(value("firstsecond"), read(found, 0, new Operation.Get(bytes("k")), 6000));
    assertEquals(expected, found.machine.contentHash());
    found.close();
    replica.close();
  }

  @Test
  void whatHasEndedByTheDurableTimeIsDropped() throws IOException {
    var filters = new ArrayList<CompactionFilter>();
    var replica = new Replica(new SimulatedDisk());
    StrongOptions usual = replica.options();
    replica.threads.promptly(replica.machine::close);
    replica.machine =
        StrongStateMachine.open(
            new StrongOptions(
                usual.disk(),
                usual.directory(),
                (directory, filter) -> {
                  filters.add(filter);
                  return usual.engines().open(directory, filter);
                },
                usual.background(),
                usual.room()));
    apply(replica, 1000, null, set("k", "v", new Expiry.At(1100)));
    assertFalse(drops(filters.getLast()), "not ended");
    apply(replica, 1200, null, set("l", "v", Expiry.NONE));
    assertFalse(drops(filters.getLast()), "ended, by a time that is not durable");
    makeDurable(replica);
    assertTrue(drops(filters.getLast()));
    replica.close();
  }

  /// Whether an object that ends at 1100 may go.
  private static boolean drops(CompactionFilter filter) {
    byte[] key = StoredKey.object(1, bytes("k"));
    byte[] object = {1, 1, 1, 0x4c, 4, 0, 0, 0, 0, 0, 0, 1, 'v'};
    return filter.isGarbage(key, 0, key.length, object, 0, object.length);
  }

  @Test
  void aFullDiskStopsTheReplicaUntilThereIsRoom() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    apply(replica, 1, null, set("n", "0", Expiry.NONE));
    replica.disk.capacity(replica.disk.usedBytes());
    List<StateMachine.Command> commands = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      commands.add(command(2, null, set("k" + i, "v".repeat(200), Expiry.NONE)));
      commands.add(command(2, null, new Operation.Increment(bytes("n"), 1, false)));
    }
    var answered = new AtomicInteger();
    IOException refused =
        assertThrows(
            IOException.class,
            () -> {
              for (int i = 0; i < commands.size(); i += 10) {
                replica.machine.apply(commands.subList(0, i + 10));
                answered.set(i + 10);
                replica.threads.runAll();
              }
            });
    assertTrue(refused instanceof DiskFullException, () -> "" + refused);
    replica.disk.capacity(Long.MAX_VALUE);
    List<Reply> replies = List.of();
    for (int attempt = 0; attempt < 50 && replies.isEmpty(); attempt++) {
      replica.clockForward();
      replica.threads.runAll();
      try {
        replies = replica.machine.apply(commands);
      } catch (IOException still) {
        // until the engine has looked again
      }
    }
    for (int i = answered.get() / 2; i < 60; i++) {
      assertEquals(new Reply.Number(i + 1), replies.get(2 * i + 1), "whatever was tried before");
    }
    assertEquals(
        value("60"), read(replica, 0, new Operation.Get(bytes("n")), 10), "each happened once");
    replica.close();
  }

  @Test
  void aCommandOfANewerVersionStopsTheReplicaByName() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    var command = new StateMachine.Command(1, 1, 0, 1, 1, new byte[] {9});
    var refusal =
        assertThrows(FormatException.class, () -> replica.machine.apply(List.of(command)));
    assertTrue(String.valueOf(refusal.getMessage()).contains("version 9"));
    assertEquals(0, replica.machine.appliedIndex());
    replica.close();
  }

  @Test
  void entriesWithoutCommandsBecomeDurableWhenAskedFor() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    apply(replica, 1, null, set("k", "v", Expiry.NONE));
    replica.machine.advance(10, 2);
    makeDurable(replica);
    assertEquals(10, replica.machine.durableIndex());
    var found = new Replica(replica.disk.crash(1));
    assertEquals(10, found.machine.appliedIndex());
    assertEquals(replica.machine.contentHash(), found.machine.contentHash());
    found.close();
    replica.close();
  }

  @Test
  void readersKeepTheEngineThatAnImageReplaces() throws IOException {
    var sender = new Replica(new SimulatedDisk());
    apply(sender, 1, null, set("k", "new", Expiry.NONE));
    long at = index;
    var receiver = new Replica(new SimulatedDisk());
    index = 0;
    apply(receiver, 1, null, set("old", "v", Expiry.NONE));
    index = at;
    try (StateMachine.Image before = receiver.machine.image()) {
      sender.sendImage(receiver, new Random(1));
      assertEquals(value("new"), read(receiver, 0, new Operation.Get(bytes("k")), 1));
      assertEquals(Reply.NOTHING, read(receiver, 0, new Operation.Get(bytes("old")), 1));
      String pairs =
          new String(before.chunk(new byte[0], 10_000).bytes(), StandardCharsets.ISO_8859_1);
      assertTrue(pairs.contains("old"));
      assertTrue(receiver.disk.exists(Replica.DIRECTORY.resolve("engine-1")));
    }
    receiver.threads.runAll();
    assertFalse(receiver.disk.exists(Replica.DIRECTORY.resolve("engine-1")));
    receiver.restart();
    assertEquals(value("new"), read(receiver, 0, new Operation.Get(bytes("k")), 1));
    sender.close();
    receiver.close();
    assertEquals(List.of(), receiver.disk.openFiles());
  }

  @Test
  void anImageThatIsNotWhatItsMarkSaysIsRefused() throws IOException {
    var sender = new Replica(new SimulatedDisk());
    apply(sender, 1, null, set("k", "v", Expiry.NONE));
    var receiver = new Replica(new SimulatedDisk());
    try (StateMachine.Image image = sender.machine.image();
        var installation = receiver.machine.install(Replica.mark(77))) {
      installation.add(image.chunk(new byte[0], 10_000).bytes());
      assertThrows(IOException.class, installation::commit);
    }
    assertNull(receiver.machine.installedMark());
    assertEquals(0, receiver.machine.appliedIndex());
    sender.close();
    receiver.close();
  }

  @Test
  void aLocalEngineBecomesAReplicaWhereItStands() throws IOException {
    var disk = new SimulatedDisk();
    var replica = new Replica(disk);
    Path local = Replica.PARENT.resolve("databases");
    try (Engine engine =
        LsmEngine.open(local, Replica.small(), disk, replica.clock, replica.threads)) {
      for (int i = 0; i < 50; i++) {
        byte[] object = {1, 1, 0, (byte) (i + 1), 'v'};
        var batch = new WriteBatch().put(StoredKey.object(1, bytes("k" + i)), object);
        engine.append(batch, LogMode.SYNCED);
      }
      engine.syncLog();
      disk.syncDirectory(Replica.PARENT);
    }
    Path directory = Replica.PARENT.resolve("founded");
    StrongOptions usual = replica.options();
    var options =
        new StrongOptions(disk, directory, usual.engines(), usual.background(), usual.room());
    replica.threads.promptly(replica.machine::close);
    replica.machine =
        replica.threads.promptly(() -> StrongStateMachine.found(options, local, 5000));
    assertEquals(1, replica.machine.appliedIndex());
    assertEquals(1, replica.machine.durableIndex());
    assertEquals(5000, replica.machine.nowMillis());
    assertEquals(new Reply.Number(50), read(replica, 0, new Operation.CountKeys(), 5000));
    index = 1;
    Reply reply = apply(replica, 5001, null, set("k0", "w", Expiry.NONE));
    assertTrue(reply instanceof Reply.Written written && written.revision() > 50);
    makeDurable(replica);

    var found = StrongStateMachine.open(options(options, disk.crash(3)));
    assertEquals(2, found.appliedIndex());
    assertEquals(replica.machine.contentHash(), found.contentHash());
    found.close();

    var ahead = new Replica(new SimulatedDisk());
    replica.sendImage(ahead, new Random(2));
    index = 2;
    apply(ahead, 6000, null, set("k1", "w", Expiry.NONE));
    ahead.sendImage(replica, new Random(2));
    replica.threads.runAll();
    assertFalse(disk.exists(local), "an image has replaced it");
    assertEquals(ahead.machine.contentHash(), replica.machine.contentHash());
    replica.close();
    ahead.close();
  }

  private static StrongOptions options(StrongOptions of, SimulatedDisk disk) throws IOException {
    var there = new Replica(new SimulatedDisk());
    there.close();
    return new StrongOptions(
        disk,
        of.directory(),
        (directory, filter) ->
            LsmEngine.open(directory, Replica.small(), disk, there.clock, there.threads),
        there.threads.pool("background", 1, 64),
        Room.INLINE);
  }

  @Test
  void aNamedKeyspaceKnowsNoDatabases() throws IOException {
    var replica = new Replica(new SimulatedDisk());
    int id = DatabaseIds.FIRST_NAMED;
    byte[] bytes = StrongCommand.ofKeyspace(id, null, LIMITS, set("k", "v", Expiry.NONE)).encode();
    replica.machine.apply(List.of(new StateMachine.Command(1, 1, 0, 1, 1, bytes)));
    replica.machine.advance(1, 1);
    var get = new Operation.Get(bytes("k"));
    assertEquals(value("v"), replica.machine.evaluateRead(get, id, -1, LIMITS, 1, 0, Access.DISK));
    assertEquals(Reply.NOTHING, read(replica, 0, get, 1));
    replica.close();
  }

  private static void makeDurable(Replica replica) throws IOException {
    replica.machine.flush();
    replica.threads.runAll();
    assertEquals(replica.machine.appliedIndex(), replica.machine.durableIndex());
  }

  /// The next entry, of one command.
  private Reply apply(Replica replica, long now, @Nullable RequestId id, Operation operation)
      throws IOException {
    Reply reply = replica.machine.apply(List.of(command(now, id, operation))).getFirst();
    replica.machine.advance(index, 1);
    return reply;
  }

  private StateMachine.Command command(long now, @Nullable RequestId id, Operation operation) {
    index++;
    byte[] bytes = StrongCommand.ofDatabase(0, id, LIMITS, operation).encode();
    return new StateMachine.Command(index, 1, 0, now, 1, bytes);
  }

  private static Reply read(Replica replica, int database, Operation operation, long now) {
    return replica.machine.evaluateRead(operation, 0, database, LIMITS, now, 0, Access.DISK);
  }

  private static Operation set(String key, String value, Expiry expiry) {
    return new Operation.Set(bytes(key), bytes(value), expiry, Condition.ALWAYS, false);
  }

  private static Reply value(String text) {
    return new Reply.Bytes(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
