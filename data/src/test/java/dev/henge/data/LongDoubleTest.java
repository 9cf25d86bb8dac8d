package dev.henge.data;

import static dev.henge.data.ScratchGroup.string;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.math.BigDecimal;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// INCRBYFLOAT's arithmetic; every sum is what Redis 7.0.15 answered.
final class LongDoubleTest {
  @Test
  void sumsOfRedis() {
    assertSum("0.3", "0.1", "0.2");
    assertSum("10.6", "10.50", "0.1");
    assertSum("5200", "5.0e3", "2.0e2");
    assertSum("-0.0000000001", "3", "-3.0000000001");
    assertSum("0.00000000000000001", "0", "1e-17");
    assertSum("0", "0", "1e-18");
    assertSum("0", "-0", "0");
    assertSum("8", "0x1p3", "0");
    assertSum("5.5", ".5", "5.");
    assertSum("1234567890.22345677996054292", "1234567890.12345678", "0.1");
    assertSum("0.2", "0.3", "-0.1");
    assertSum("1000000000000000000.125", "1e18", "0.1");
    assertSum("100000000000000000000", "1e20", "0.3");
    assertSum("6", "+5", "1");
    assertSum("0", "0", "1e-4950");
  }

  @Test
  void hugeSumsOfRedis() {
    String sum = sum("1e300", "1");
    assertEquals("10000000000000000000089973240795591938705239442732", sum.substring(0, 50));
    assertEquals(301, sum.length());
    assertEquals("187386105690089424915104006144", sum.substring(sum.length() - 30));
    sum = sum("1e4930", "1e4932");
    assertEquals("10099999999999999999770561757631769137196045378362", sum.substring(0, 50));
    assertEquals(4933, sum.length());
    assertEquals("500224362191438453193717055488", sum.substring(sum.length() - 30));
  }

  @Test
  void whatIsNotFinite() {
    assertEquals("not finite", sum("1e4932", "1e4932"));
    assertEquals("not finite", sum("inf", "1"));
    assertEquals("not finite", sum("-Infinity", "inf"));
  }

  @Test
  void whatIsNoNumber() {
    for (String text :
        new String[] {
          "",
          " 1",
          "1 ",
          "nan",
          "1e",
          "e1",
          ".",
          "-",
          "1e400000",
          "1e-4960",
          "9e4932",
          "1.2.3",
          "0x",
          "0x1p",
          "one",
          "1e99999999999",
          "1_0",
          "0".repeat(6000),
        }) {
      assertNull(LongDouble.parse(text), text);
    }
  }

  /// Where a double is enough to hold operands and sum exactly, the sum is theirs.
  @Test
  void smallBinaryFractionsAreExact() {
    RandomTest.run(
        "fractions",
        2000,
        random -> {
          double first = random.nextInt() / 1024.0;
          double second = random.nextInt() / 1024.0;
          String expected = new BigDecimal(first + second).toPlainString();
          assertEquals(expected, sum(Double.toString(first), Double.toString(second)));
        });
  }

  private static void assertSum(String expected, String first, String second) {
    assertEquals(expected, sum(first, second));
  }

  private static String sum(String first, String second) {
    LongDouble left = Objects.requireNonNull(LongDouble.parse(first), first);
    LongDouble sum = left.plus(Objects.requireNonNull(LongDouble.parse(second), second));
    return sum.isFinite() ? string(sum.text()) : "not finite";
  }
}
