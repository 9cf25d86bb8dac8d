package dev.henge.replication.handoff;

import dev.henge.replication.causality.Dot;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Version;
import dev.henge.replication.causality.VersionVector;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.quorum.RemoteReplicas;
import java.nio.charset.StandardCharsets;

/// Copies for tests.
final class Copies {
  /// Counts what it hears.
  static class Heard implements RemoteReplicas.Stored {
    int stored;
    int refused;
    int lost;

    @Override
    public void stored() {
      stored++;
    }

    @Override
    public void refused() {
      refused++;
    }

    @Override
    public void lost() {
      lost++;
    }
  }

  private Copies() {}

  static Versions written(long replica, long counter, int valueBytes) {
    return Versions.NONE.write(
        VersionVector.EMPTY,
        Version.string(new Dot(replica, counter), 1, 0, 0, new byte[valueBytes]));
  }

  static byte[] stored(long replica, long counter, int valueBytes) {
    return StoredVersions.encode(written(replica, counter, valueBytes));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
