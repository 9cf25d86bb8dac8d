package dev.henge.benchmark.report;

import java.util.List;

/// A table of what was measured beside what is promised, which knows whether all of it is kept.
public final class Promises {
  private final Table table = new Table("what", "measured", "promised", "kept");
  private boolean kept = true;

  /// Adds a figure of which nothing is promised.
  public void tell(String what, String measured) {
    table.row(List.of(what, measured, "", ""));
  }

  /// Adds a figure and the promise that it keeps or breaks.
  ///
  /// @param holds whether the promise is kept
  public void promise(String what, String measured, String promised, boolean holds) {
    kept &= holds;
    table.row(List.of(what, measured, promised, holds ? "yes" : "NO"));
  }

  /// Whether every promise was kept so far.
  public boolean kept() {
    return kept;
  }

  @Override
  public String toString() {
    return table.toString();
  }
}
