package dev.henge.benchmark.engine;

import java.util.Optional;

/// One line measured once, in the form in which a child process tells it to its parent.
///
/// @param fits whether the engine's cache held all the data
/// @param operationsPerSecond of all threads together
/// @param cores processor time of the whole process by elapsed time, background work included
record Result(
    Line line,
    boolean fits,
    double operationsPerSecond,
    double microsP50,
    double microsP99,
    double cores) {
  private static final String MARK = "result";

  String encode() {
    return String.join(
        "\t",
        MARK,
        line.name(),
        Boolean.toString(fits),
        Double.toString(operationsPerSecond),
        Double.toString(microsP50),
        Double.toString(microsP99),
        Double.toString(cores));
  }

  /// Empty when `text` is something else that the child said.
  static Optional<Result> decode(String text) {
    String[] fields = text.split("\t", -1);
    if (fields.length != 7 || !fields[0].equals(MARK)) {
      return Optional.empty();
    }
    return Optional.of(
        new Result(
            Line.valueOf(fields[1]),
            Boolean.parseBoolean(fields[2]),
            Double.parseDouble(fields[3]),
            Double.parseDouble(fields[4]),
            Double.parseDouble(fields[5]),
            Double.parseDouble(fields[6])));
  }
}
