package dev.henge.replication.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.base.simulated.Seeds;
import org.junit.jupiter.api.Test;

/// Claims of "The phi Accrual Failure Detector", section 4, and what we depart in.
final class AccrualTest {
  private static final long SECOND = 1_000_000_000;

  private final Accrual accrual = new Accrual(8, SECOND / 4);

  AccrualTest() {
    accrual.remap(new int[] {-1, -1}, 2 * SECOND, 0);
  }

  /// Phi is the decimal logarithm of how unlikely later news is, as of the normal distribution.
  @Test
  void phiIsThatOfTheNormalDistribution() {
    assertEquals(0.301, Accrual.phi(0), 0.01 * 0.301);
    assertEquals(1.643, Accrual.phi(2), 0.01 * 1.643);
    assertEquals(2.870, Accrual.phi(3), 0.01 * 2.870);
    assertEquals(6.543, Accrual.phi(5), 0.01 * 6.543);
    assertEquals(9.006, Accrual.phi(6), 0.01 * 9.006);
  }

  /// The more regular the news, the sooner silence is doubted.
  @Test
  void eachMemberIsJudgedByItsOwnHistory() {
    var random = new SeededRandomness(1);
    long steady = 0;
    long unsteady = 0;
    for (int i = 0; i < 200; i++) {
      steady += SECOND;
      accrual.heard(0, steady);
      unsteady += random.between(SECOND / 10, 4 * SECOND);
      accrual.heard(1, unsteady);
    }
    assertFalse(accrual.isDoubtful(0, steady + 2 * SECOND, 1));
    assertTrue(accrual.isDoubtful(0, steady + 3 * SECOND, 1));
    assertFalse(accrual.isDoubtful(1, unsteady + 5 * SECOND, 1));
    assertTrue(accrual.isDoubtful(1, unsteady + 12 * SECOND, 1));
    assertTrue(accrual.phi(0, steady + 3 * SECOND) > accrual.phi(1, unsteady + 3 * SECOND));
  }

  /// News of one rhythm is never doubted within it, whatever the rhythm.
  @Test
  void aRhythmIsLearned() {
    for (long seed : Seeds.of("aRhythmIsLearned", 20)) {
      var random = new SeededRandomness(seed);
      long rhythm = random.between(SECOND / 10, 60 * SECOND);
      accrual.remap(new int[] {-1}, 2 * SECOND, 0);
      long now = 0;
      for (int i = 0; i < 100; i++) {
        now += random.between(rhythm * 8 / 10, rhythm * 12 / 10);
        if (i > Accrual.WINDOW) {
          assertFalse(accrual.isDoubtful(0, now, 1), "seed " + seed);
        }
        accrual.heard(0, now);
      }
      assertTrue(accrual.isDoubtful(0, now + 3 * rhythm + 2 * SECOND, 1), "seed " + seed);
    }
  }

  @Test
  void phiRisesAndThePatientWaitLonger() {
    for (int i = 1; i <= 50; i++) {
      accrual.heard(0, i * SECOND);
    }
    double before = -1;
    for (long silent = 0; silent < 5 * SECOND; silent += SECOND / 10) {
      double phi = accrual.phi(0, 50 * SECOND + silent);
      assertTrue(phi >= before);
      assertEquals(phi > 8, accrual.isDoubtful(0, 50 * SECOND + silent, 1), "at " + silent);
      before = phi;
    }
    assertTrue(accrual.isDoubtful(0, 53 * SECOND, 1));
    assertFalse(accrual.isDoubtful(0, 53 * SECOND, 2));
  }

  /// One long outage does not make the detector slow for good.
  @Test
  void anOutageIsNoHabit() {
    for (int i = 1; i <= 50; i++) {
      accrual.heard(0, i * SECOND);
    }
    accrual.heard(0, 3600 * SECOND);
    assertTrue(accrual.isDoubtful(0, 3600 * SECOND + 6 * SECOND, 1));
  }

  @Test
  void whoStaysAMemberKeepsItsHistory() {
    for (int i = 1; i <= 50; i++) {
      accrual.heard(1, i * SECOND);
    }
    double phi = accrual.phi(1, 52 * SECOND);
    accrual.remap(new int[] {1, -1}, 9 * SECOND, 51 * SECOND);
    assertEquals(phi, accrual.phi(0, 52 * SECOND));
    assertFalse(accrual.isDoubtful(1, 60 * SECOND, 1));
  }
}
