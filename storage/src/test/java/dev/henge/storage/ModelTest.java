package dev.henge.storage;

import java.io.IOException;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Engines against the model, over random histories and random options: one history, many option sets,
/// one answer.
///
/// Long runs: `mvn -pl storage -am -Dtest=ModelTest -Dsurefire.failIfNoSpecifiedTests=false
/// -Dmodel.runs=1000 verify`; one again: `-Dseed=N`.
@NullMarked
class ModelTest {
  @Test
  void theModelAgreesWithItself() throws IOException {
    for (long seed : Seeds.of("ModelTest", 2)) {
      History history = History.random(seed, History.Profile.model(2_000, false));
      new HistoryRunner(history, EngineMaker.model()).run();
    }
  }
}
