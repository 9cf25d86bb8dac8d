package dev.henge.storage.lsm.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.henge.base.CorruptionException;
import dev.henge.base.simulated.SimulatedDisk;
import dev.henge.storage.WriteBatch;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What recovery has taken over is attested from then on: rot in it is damage, not a torn tail.
class LogAdoptionTest {
  private static final Path LOG = Path.of("/wal");

  private final SimulatedDisk disk = new SimulatedDisk();

  @Test
  void rotInTheLastFrameOfAnAdoptedSegmentIsRefused() throws IOException {
    disk.createDirectories(LOG);
    try (var log = new CommitLog(disk, LOG, 1, 4096)) {
      var batch = new WriteBatch().put(new byte[] {'k'}, new byte[] {'v'});
      log.place(batch.array(), batch.byteCount(), 1, 1);
      log.write(log.take());
      log.sync();
    }
    recover(disk);
    SimulatedDisk rotten = disk.killProcess();
    int inOperations = LogLayout.FILE_HEADER_BYTES + LogLayout.FRAME_HEADER_BYTES + 2;
    rotten.flipBit(LOG.resolve(LogLayout.fileName(1)), inOperations * 8L);
    var damage = assertThrows(CorruptionException.class, () -> recover(rotten));
    assertEquals(LogLayout.FILE_HEADER_BYTES, damage.offset());
  }

  private static void recover(SimulatedDisk from) throws IOException {
    LogRecovery.replay(from, LOG, 1, (bytes, offset, end, firstSequence) -> firstSequence)
        .open(4096)
        .close();
  }
}
