package dev.henge.storage;

import dev.henge.base.simulated.Seeds;
import java.io.IOException;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Engines against the model, over random histories and random options: one history, many option
/// sets, one answer.
///
/// Long runs: `mvn -pl storage -am -Dtest=ModelTest -Dsurefire.failIfNoSpecifiedTests=false
/// -Dmodel.runs=1000 verify`; one again: `-Dseed=N`.
@NullMarked
class ModelTest {
  private static final int OPTION_SETS = 5;

  @Test
  void theModelAgreesWithItself() throws IOException {
    for (long seed : Seeds.of("ModelTest.model", 1)) {
      History history = History.random(seed, History.Profile.model(1_000, false));
      new HistoryRunner(history, EngineMaker.model()).run();
    }
  }

  @Test
  void oneLoggedHistoryHasOneAnswerWhateverTheOptions() throws IOException {
    run("ModelTest.logged", false, Seeds.count("model.runs", 4));
  }

  @Test
  void oneUnloggedHistoryHasOneAnswerWhateverTheOptions() throws IOException {
    run("ModelTest.unlogged", true, Seeds.count("model.runs", 2));
  }

  private static void run(String name, boolean unlogged, int count) throws IOException {
    for (long seed : Seeds.of(name, count)) {
      History history = History.random(seed, History.Profile.model(2_500, unlogged));
      for (int i = 0; i < OPTION_SETS; i++) {
        new HistoryRunner(history, OptionSets.lsmRandom(seed + i)).run();
      }
    }
  }
}
