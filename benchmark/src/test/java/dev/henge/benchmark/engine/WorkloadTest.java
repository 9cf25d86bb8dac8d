package dev.henge.benchmark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WorkloadTest {
  private static final int PAIRS = 10_000;

  private final Workload workload = new Workload(PAIRS);

  @Test
  void keysAreDistinctAndMissingOnesAreOthers() {
    byte[] key = new byte[Workload.KEY_BYTES];
    Set<String> seen = new HashSet<>();
    for (int index = 0; index < PAIRS; index++) {
      workload.key(index, key);
      assertTrue(seen.add(HexFormat.of().formatHex(key)));
      workload.missingKey(index, key);
      assertTrue(seen.add(HexFormat.of().formatHex(key)));
    }
  }

  @Test
  void aValueTellsItsKeyWhateverItsVersion() {
    byte[] value = new byte[Workload.VALUE_BYTES];
    workload.value(7, 3, value);
    workload.verify(7, value);
    assertThrows(IllegalStateException.class, () -> workload.verify(8, value));
    assertThrows(IllegalStateException.class, () -> workload.verify(7, null));
  }

  @Test
  void sequencesRepeatFromTheirSeedAndStayBelowTheCount() {
    Workload.Sequence first = workload.sequence(5);
    Workload.Sequence second = workload.sequence(5);
    for (int i = 0; i < PAIRS; i++) {
      long index = first.next();
      assertTrue(index >= 0 && index < PAIRS);
      assertEquals(index, second.next());
    }
  }

  @Test
  void aResultComesBackFromItsText() {
    var result = new Result(Line.SCAN, true, 12.5, 1, 2.25, Double.NaN);
    assertEquals(result, Result.decode(result.encode()).orElseThrow());
    assertTrue(Result.decode("progress\tseek + 10").isEmpty());
  }
}
