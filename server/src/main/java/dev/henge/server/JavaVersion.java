package dev.henge.server;

import java.io.IOException;

/// Which Java a node runs on.
final class JavaVersion {
  private static final int FEATURE = 25;

  /// Before this update G1 can corrupt pinned arrays (JDK-8377811).
  private static final int UPDATE_MIN = 3;

  private JavaVersion() {}

  /// @throws IOException that says which Java to use
  static void check(Runtime.Version version) throws IOException {
    boolean tooOld = version.feature() < FEATURE;
    boolean faulty =
        version.feature() == FEATURE && version.interim() == 0 && version.update() < UPDATE_MIN;
    if (tooOld || faulty) {
      throw new IOException(
          "Java "
              + version
              + " cannot run a node: use Java 25.0.3 or later"
              + (faulty ? " (25.0.0 to 25.0.2 can corrupt data in memory, JDK-8377811)" : ""));
    }
  }
}
