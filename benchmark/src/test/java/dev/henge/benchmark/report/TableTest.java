package dev.henge.benchmark.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class TableTest {
  @Test
  void columnsLineUp() {
    var table = new Table("what", "a second");
    table.row(List.of("random get", "7"));
    table.row(List.of("put", "1,000,000"));
    assertEquals(
        """
        | what       |  a second |
        |------------|----------:|
        | random get |         7 |
        | put        | 1,000,000 |
        """,
        table.toString());
  }

  @Test
  void figuresAreMediansAndRatios() {
    assertEquals(3, Figures.median(DoubleStream.of(9, 1, 3)));
    assertEquals(2, Figures.median(DoubleStream.of(1, 3)));
    assertEquals("-", Figures.count(Figures.median(DoubleStream.empty())));
    assertEquals("1.50x", Figures.ratio(3, 2));
    assertEquals("64 MiB", Figures.mebibytes(64 << 20));
  }
}
