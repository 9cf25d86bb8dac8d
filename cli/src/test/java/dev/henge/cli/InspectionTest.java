package dev.henge.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.system.SystemDisk;
import dev.henge.base.system.SystemThreads;
import dev.henge.consensus.log.Durability;
import dev.henge.consensus.log.GroupLog;
import dev.henge.consensus.log.LogListener;
import dev.henge.consensus.log.LogOptions;
import dev.henge.consensus.log.LogStore;
import dev.henge.consensus.raft.Configuration;
import dev.henge.consensus.raft.Entry;
import dev.henge.consensus.raft.SnapshotMark;
import dev.henge.server.Server;
import dev.henge.server.config.NodeConfig;
import dev.henge.server.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `check` and `inspect` on the data directory of a node: beside it, after it, and damaged.
final class InspectionTest {
  @TempDir private Path directory;

  @Test
  void aNodesDirectoryIsCheckedAndItsObjectsAreFound() throws Exception {
    Path data = directory.resolve("data");
    try (Server server =
        Server.start(
            NodeConfig.builder()
                .set(Settings.DATA, data.toString())
                .set(Settings.PORT, 0)
                .build())) {
      String port = Integer.toString(server.httpPort() - 1);
      assertEquals(0, Run.henge("put", "hello", "world", "--port", port).status());
      assertEquals(0, Run.henge("put", "hello", "again", "--port", port).status());
      Run live = Run.henge("check", data.toString());
      assertEquals(0, live.status(), live.out() + live.err());
      assertTrue(live.out().contains("best effort"), live.out());
    }

    Run check = Run.henge("check", data.toString());
    assertEquals(0, check.status(), check.out() + check.err());
    assertTrue(check.out().contains("databases"), check.out());
    assertTrue(check.out().endsWith("no problems\n"), check.out());

    Run object = Run.henge("inspect", "object", data.toString(), "hello");
    assertEquals(0, object.status(), object.err());
    List<String> lines = object.out().lines().toList();
    assertTrue(lines.get(0).startsWith("keyspace 1 slot "), object.out());
    assertTrue(lines.get(1).contains("again"), object.out());
    assertTrue(lines.get(3).contains("world"), object.out());
    assertEquals(1, Run.henge("inspect", "object", data.toString(), "nobody").status());

    Path engine = data.resolve("databases");
    Run manifest = Run.henge("inspect", "manifest", engine.toString(), "--hex");
    assertTrue(manifest.out().contains("48 45 4e 47 45 4d 41 4e  magic"), manifest.out());
    Path log = withOperations(engine.resolve("wal"));
    Run wal = Run.henge("inspect", "wal", log.toString());
    assertTrue(wal.out().contains(" put "), wal.out());

    byte[] bytes = Files.readAllBytes(log);
    bytes[60] ^= 1; // in the first frame
    Files.write(log, bytes);
    Run damaged = Run.henge("check", data.toString());
    assertEquals(1, damaged.status());
    assertTrue(
        damaged.out().startsWith(log + " at offset 32: a whole frame expected"), damaged.out());
    Run past = Run.henge("inspect", "wal", log.toString());
    assertTrue(past.out().contains("DAMAGED"), past.out());
    assertTrue(past.out().contains("again"), past.out());
  }

  @Test
  void whatIsNoDataDirectoryIsRefused() {
    Run check = Run.henge("check", directory.toString());
    assertEquals(2, check.status());
    assertTrue(
        check.err().contains("is neither a node's data directory nor that of an engine or"),
        check.err());
    assertEquals(2, Run.henge("inspect", "sst", directory.resolve("none").toString()).status());
  }

  @Test
  void aRaftLogIsCheckedAndPrintedPastDamage() throws IOException {
    Path log = directory.resolve(LogStore.DIRECTORY);
    try (var threads = new SystemThreads((thread, failure) -> {});
        LogStore store = LogStore.open(new SystemDisk(), log, threads, LogOptions.DEFAULT)) {
      var mark = new SnapshotMark(0, 0, Configuration.ofVoters(List.of(1L)));
      GroupLog group = store.create(3, mark, LogListener.NONE);
      for (int i = 1; i <= 3; i++) {
        var entry = new Entry(i, 1, Entry.Kind.COMMANDS, ("entry " + i).getBytes(UTF_8));
        group.append(null, List.of(entry), Durability.SYNCED, LogListener.NONE);
      }
    }
    Run check = Run.henge("check", log.toString());
    assertEquals(0, check.status(), check.out() + check.err());
    assertTrue(check.out().startsWith("Raft log: 1 segments, 1 groups, "), check.out());

    Path segment = log.resolve("000000000001.raft");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[40] ^= 1; // in the head
    Files.write(segment, bytes);
    Run damaged = Run.henge("check", log.toString());
    assertEquals(1, damaged.status());
    assertTrue(damaged.out().startsWith(segment + " at offset 32: a whole frame"), damaged.out());
    Run past = Run.henge("inspect", "raft", log.toString());
    assertTrue(past.out().contains("DAMAGED"), past.out());
    assertTrue(past.out().contains("3 of term 1 COMMANDS \"entry 3\""), past.out());
  }

  private static Path withOperations(Path logs) throws IOException {
    try (Stream<Path> files = Files.list(logs)) {
      return files
          .filter(file -> Run.henge("inspect", "wal", file.toString()).out().contains("world"))
          .findFirst()
          .orElseThrow();
    }
  }
}
