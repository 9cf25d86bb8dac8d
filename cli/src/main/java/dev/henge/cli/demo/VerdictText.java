package dev.henge.cli.demo;

/// Prints a [Verdict], a line for each fate.
final class VerdictText {
  private VerdictText() {}

  /// Gets one line.
  interface Printer {
    void say(String format, Object... arguments);
  }

  static void print(Verdict verdict, Printer out) {
    out.say("");
    line(out, "acknowledged, and there", verdict.count(Verdict.Fate.KEPT));
    line(out, "acknowledged, and LOST", verdict.count(Verdict.Fate.LOST));
    line(out, "not acknowledged, there as a whole", verdict.count(Verdict.Fate.APPLIED));
    line(
        out, "not acknowledged, the old value as a whole", verdict.count(Verdict.Fate.NOT_APPLIED));
    line(out, "not sent, the old value", verdict.count(Verdict.Fate.UNTOUCHED));
    line(out, "TORN: neither old nor new", verdict.count(Verdict.Fate.TORN));
    verdict.complaints().forEach(complaint -> out.say("  %s", complaint));
  }

  private static void line(Printer out, String what, long count) {
    out.say("%-50s %,9d", what, count);
  }
}
