package dev.henge.consensus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.CorruptionException;
import dev.henge.base.FormatException;
import dev.henge.base.simulated.Seeds;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.consensus.group.GroupOptions;
import dev.henge.consensus.group.StateMachine.Chunk;
import dev.henge.consensus.group.StateMachine.Command;
import dev.henge.consensus.metadata.MetadataOutcome.Refusal;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The metadata as a replicated state: crashes, images, and the rules that no history may break.
final class MetadataStateMachineTest {
  private static final Path DIRECTORY = Path.of("/data");
  private static final Path FILE = DIRECTORY.resolve("METADATA");
  private static final String CLUSTER = "c".repeat(32);

  @Test
  void aCrashLeavesSomeEpochThatWasAndReplayLeadsToTheSame() throws IOException {
    for (long seed : Seeds.of("MetadataStateMachineTest.crash", 100)) {
      var random = new SplittableRandom(seed);
      List<Command> commands = history(random, 40);
      var disk = disk();
      Metadata expected;
      try (var whole = MetadataStateMachine.open(disk(), FILE)) {
        run(whole, commands, 0, commands.size());
        expected = whole.metadata();
      }
      int crashAt = random.nextInt(commands.size());
      MetadataStateMachine machine = MetadataStateMachine.open(disk, FILE);
      run(machine, commands, 0, crashAt);
      var after = disk.crash(random.nextLong());
      var again = MetadataStateMachine.open(after, FILE);
      assertEquals(machine.metadata(), again.metadata(), "applied is durable; seed " + seed);
      // The log replays from the applied index on: part of it was applied before.
      run(again, commands, (int) again.appliedIndex(), commands.size());
      assertEquals(expected, again.metadata(), "replay with -Dseed=" + seed);
    }
  }

  @Test
  void anImageCarriesAllToAnotherReplica() throws IOException {
    var random = new SplittableRandom(5);
    List<Command> commands = history(random, 30);
    var sender = MetadataStateMachine.open(disk(), FILE);
    run(sender, commands, 0, commands.size());
    var disk = disk();
    var receiver = MetadataStateMachine.open(disk, FILE);
    var epochs = new ArrayList<Long>();
    receiver.listen(metadata -> epochs.add(metadata.epoch()));
    var mark = new SnapshotMark(sender.appliedIndex(), 1, Configuration.ofVoters(List.of(1L, 2L)));
    try (var image = sender.image();
        var installation = receiver.install(mark)) {
      byte[] position = {};
      for (boolean last = false; !last; ) {
        Chunk chunk = image.chunk(position, 100);
        installation.add(chunk.bytes());
        position = chunk.next();
        last = chunk.last();
      }
      assertEquals(Metadata.EMPTY, receiver.metadata(), "before the commit nothing changes");
      installation.commit();
    }
    assertEquals(sender.metadata(), receiver.metadata());
    assertEquals(List.of(sender.metadata().epoch()), epochs);
    var again = MetadataStateMachine.open(disk, FILE);
    assertEquals(sender.metadata(), again.metadata());
    assertEquals(mark, again.installedMark());
    assertEquals(mark.index(), again.durableIndex());
    assertEquals(sender.nowMillis(), again.nowMillis());
    assertNull(sender.installedMark());
  }

  @Test
  void damageIsNamedAndAnUnknownCommandStops() throws IOException {
    var disk = disk();
    var machine = MetadataStateMachine.open(disk, FILE);
    run(machine, history(new SplittableRandom(1), 3), 0, 3);
    disk.rot(
        FILE,
        bytes -> {
          bytes[200] ^= 1;
          return bytes;
        });
    assertThrows(CorruptionException.class, () -> MetadataStateMachine.open(disk, FILE));
    byte[] future = MetadataFormat.encode(new MetadataCommand.MemberUp(1));
    future[4] = 99;
    assertThrows(
        FormatException.class, () -> machine.apply(List.of(new Command(9, 1, 0, 0, 0, future))));
  }

  @Test
  void aRemovedNodeStaysBarredAndClustersNeverMerge() {
    Metadata metadata = founded();
    metadata = changed(metadata, new MetadataCommand.AdmitMember(node(2)));
    metadata = changed(metadata, new MetadataCommand.MemberUp(2));
    metadata = changed(metadata, new MetadataCommand.LeaveMember(2, 0));
    metadata = changed(metadata, new MetadataCommand.RemoveMember(2));
    assertRefused(Refusal.BARRED, metadata, new MetadataCommand.AdmitMember(node(2)));
    assertRefused(Refusal.BARRED, metadata, new MetadataCommand.UpdateMember(2, node(2)));
    assertRefused(
        Refusal.ALREADY_FOUNDED,
        metadata,
        new MetadataCommand.FoundCluster("d".repeat(32), node(9), List.of(), 1024));
    metadata = changed(metadata, new MetadataCommand.AdmitMember(node(3)));
    assertTrue(metadata.members().containsKey(3L), "numbers are never reused");
  }

  @Test
  void whatIsInUseIsNotRemovedAndWhatIsOldIsRefused() {
    Metadata metadata = founded();
    metadata = changed(metadata, new MetadataCommand.AdmitMember(node(2)));
    metadata = changed(metadata, new MetadataCommand.MemberUp(2));
    metadata = changed(metadata, new MetadataCommand.ReplicateGroup(1));
    assertRefused(
        Refusal.STALE,
        metadata,
        new MetadataCommand.SetTarget(1, 2, Replicas.ofVoters(List.of(1L, 2L))));
    metadata = changed(metadata, new MetadataCommand.ConfirmTarget(1, 2));
    metadata =
        changed(metadata, new MetadataCommand.SetTarget(1, 2, Replicas.ofVoters(List.of(1L, 2L))));
    assertRefused(Refusal.STALE, metadata, new MetadataCommand.ConfirmTarget(1, 2));
    // Given up before it was confirmed: member 2 may hold a replica that counts all the same.
    metadata =
        changed(metadata, new MetadataCommand.SetTarget(1, 3, Replicas.ofVoters(List.of(1L))));
    metadata = changed(metadata, new MetadataCommand.LeaveMember(2, 0));
    assertRefused(Refusal.IN_USE, metadata, new MetadataCommand.RemoveMember(2));
    metadata = changed(metadata, new MetadataCommand.ConfirmTarget(1, 4));
    metadata = changed(metadata, new MetadataCommand.RemoveMember(2));
    assertRefused(Refusal.LAST_MEMBER, metadata, new MetadataCommand.LeaveMember(1, 0));
    assertRefused(
        Refusal.LAST_VOTER,
        metadata,
        new MetadataCommand.SetTarget(1, 4, Replicas.ofVoters(List.of())));
  }

  @Test
  void keyspacesAreDeclaredOnceAndTheirSlotsFindTheirGroups() {
    Metadata metadata = founded();
    var declare =
        new MetadataCommand.DeclareKeyspace(
            "users",
            KeyspaceDeclaration.DEFAULT.withGroups(2),
            1,
            GroupRecord.Form.REPLICATED,
            List.of(Replicas.ofVoters(List.of(1L)), Replicas.ofVoters(List.of(1L))));
    metadata = changed(metadata, declare);
    assertInstanceOf(
        MetadataOutcome.Unchanged.class, MetadataRules.apply(metadata, declare).outcome());
    assertRefused(
        Refusal.TOO_MANY,
        metadata,
        new MetadataCommand.DeclareKeyspace(
            "more", declare.declaration(), 1, declare.form(), declare.placement()));
    assertRefused(
        Refusal.DIFFERS,
        metadata,
        new MetadataCommand.DeclareKeyspace(
            "users", KeyspaceDeclaration.DEFAULT, 1, declare.form(), declare.placement()));
    assertRefused(
        Refusal.INVALID,
        metadata,
        new MetadataCommand.DeclareKeyspace(
            "more", KeyspaceDeclaration.DEFAULT, 2, declare.form(), declare.placement()));
    var routes = new Routes(metadata);
    int id = routes.keyspace("users").orElseThrow().id();
    assertEquals(2, at(routes, id, 0));
    assertEquals(2, at(routes, id, 8191));
    assertEquals(3, at(routes, id, 8192));
    assertEquals(3, at(routes, id, 16383));
    assertEquals(1, at(routes, Metadata.NO_KEYSPACE, 77));
    assertNull(routes.group(5000, 1));
  }

  /// Whoever asked, and whatever it knew when it did.
  @Test
  void whatReplicasDoNotServeIsRefusedWhereItIsDecided() {
    Metadata alone = founded();
    KeyspaceDeclaration usual = KeyspaceDeclaration.DEFAULT;
    for (Durability durability : List.of(Durability.INTERVAL, Durability.OS)) {
      KeyspaceDeclaration unsynced = declaration(durability, usual.valueBytesMax());
      assertRefused(Refusal.NOT_SERVED, alone, declare(unsynced, GroupRecord.Form.REPLICATED));
      changed(alone, declare(unsynced, GroupRecord.Form.LOCAL));
    }
    KeyspaceDeclaration large = declaration(Durability.FSYNC, GroupOptions.COMMAND_BYTES_MAX);
    assertRefused(Refusal.NOT_SERVED, alone, declare(large, GroupRecord.Form.REPLICATED));
    changed(alone, declare(large, GroupRecord.Form.LOCAL));
    // It was local when it was asked for, and a second member came first.
    Metadata two = changed(alone, new MetadataCommand.AdmitMember(node(2)));
    for (KeyspaceDeclaration local :
        List.of(declaration(Durability.OS, usual.valueBytesMax()), large)) {
      assertRefused(Refusal.NOT_SERVED, two, declare(local, GroupRecord.Form.LOCAL));
    }
    // One that is there already is there.
    KeyspaceDeclaration before = declaration(Durability.OS, usual.valueBytesMax());
    Metadata grown = changed(alone, declare(before, GroupRecord.Form.LOCAL));
    grown = changed(grown, new MetadataCommand.AdmitMember(node(2)));
    assertInstanceOf(
        MetadataOutcome.Unchanged.class,
        MetadataRules.apply(grown, declare(before, GroupRecord.Form.REPLICATED)).outcome());
  }

  private static KeyspaceDeclaration declaration(Durability durability, int valueBytesMax) {
    KeyspaceDeclaration usual = KeyspaceDeclaration.DEFAULT;
    return new KeyspaceDeclaration(
        usual.mode(),
        usual.engine(),
        durability,
        usual.ttlMillis(),
        usual.compression(),
        usual.groups(),
        usual.keyBytesMax(),
        valueBytesMax,
        usual.replication());
  }

  private static MetadataCommand declare(KeyspaceDeclaration declaration, GroupRecord.Form form) {
    return new MetadataCommand.DeclareKeyspace(
        "users", declaration, 8, form, List.of(Replicas.ofVoters(List.of(1L))));
  }

  private static long at(Routes routes, int keyspace, int slot) {
    return Objects.requireNonNull(routes.group(keyspace, slot)).id();
  }

  private static SimulatedDisk disk() throws IOException {
    var disk = new SimulatedDisk();
    disk.createDirectories(DIRECTORY);
    disk.syncDirectory(Path.of("/"));
    return disk;
  }

  private static Metadata founded() {
    return changed(
        Metadata.EMPTY, new MetadataCommand.FoundCluster(CLUSTER, node(1), List.of(), 1024));
  }

  private static Metadata changed(Metadata metadata, MetadataCommand command) {
    MetadataRules.Transition transition = MetadataRules.apply(metadata, command);
    assertEquals(
        metadata.epoch() + 1,
        assertInstanceOf(MetadataOutcome.Changed.class, transition.outcome()).epoch());
    return transition.metadata();
  }

  private static void assertRefused(Refusal refusal, Metadata metadata, MetadataCommand command) {
    MetadataRules.Transition transition = MetadataRules.apply(metadata, command);
    assertEquals(
        refusal, assertInstanceOf(MetadataOutcome.Refused.class, transition.outcome()).refusal());
    assertEquals(metadata, transition.metadata());
  }

  private static NodeDescription node(int n) {
    return new NodeDescription(
        String.format("%032x", n),
        new Address("127.0.0.1", 10 * n, 10 * n + 1, 10 * n + 2, 10 * n + 3),
        new Location("eu", "r" + n),
        1,
        n);
  }

  /// Commands as a log has them: an entry at each index, some applied in parts.
  private static List<Command> history(SplittableRandom random, int count) {
    var commands = new ArrayList<Command>();
    for (int i = 0; i < count; i++) {
      MetadataCommand command =
          i == 0
              ? new MetadataCommand.FoundCluster(CLUSTER, node(1), List.of(), 1024)
              : switch (random.nextInt(4)) {
                case 0 -> new MetadataCommand.AdmitMember(node(2 + random.nextInt(6)));
                case 1 -> new MetadataCommand.MemberUp(1 + random.nextInt(8));
                case 2 -> new MetadataCommand.LeaveMember(1 + random.nextInt(8), 0);
                default -> new MetadataCommand.RemoveMember(1 + random.nextInt(8));
              };
      commands.add(new Command(1 + i / 3, 1, i % 3, 1000 + i, i, MetadataFormat.encode(command)));
    }
    return commands;
  }

  /// Applies commands of indexes above the applied one, from the `from`th entry's on.
  private static void run(
      MetadataStateMachine machine, List<Command> commands, int fromIndex, int to)
      throws IOException {
    for (int i = 0; i < to; i++) {
      Command command = commands.get(i);
      if (command.index() > fromIndex) {
        assertEquals(1, machine.apply(List.of(command)).size());
        if (command.offset() == 2) {
          machine.advance(command.index(), 1);
        }
      }
    }
  }
}
