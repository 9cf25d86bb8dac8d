package dev.henge.benchmark.engine;

/// What is measured, in the order in which it is done.
enum Line {
  FILL("random fill"),
  FILL_SETTLED("random fill, until compacted"),
  OVERWRITE("overwrite"),
  GET("random get"),
  MISSING("missing get"),
  SCAN("seek + 10"),
  READ_WHILE_WRITING("get while writing"),
  PACED_WRITER("its writer, at a set pace");

  private final String title;

  Line(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
