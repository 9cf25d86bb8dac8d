package dev.henge.base.simulated;

import java.util.stream.LongStream;

/// The seeds of a random test: fresh ones by default, so that every build looks elsewhere; one
/// given seed with `-Dseed=N`.
public final class Seeds {
  private Seeds() {}

  /// `count` seeds, printed; or the one given by `-Dseed`.
  public static long[] of(String test, int count) {
    Long given = Long.getLong("seed");
    long[] seeds =
        given != null
            ? new long[] {given}
            : LongStream.generate(Seeds::fresh).limit(count).toArray();
    System.out.println(test + ": seeds from " + seeds[0] + ", " + seeds.length + " runs");
    return seeds;
  }

  /// The count given by property `name`, or `usual`.
  public static int count(String name, int usual) {
    return Integer.getInteger(name, usual);
  }

  private static long fresh() {
    return java.util.concurrent.ThreadLocalRandom.current().nextLong() & 0xffff_ffffL;
  }
}
