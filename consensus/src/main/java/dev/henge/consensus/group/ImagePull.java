package dev.henge.consensus.group;

import dev.henge.base.DiskFullException;
import dev.henge.consensus.raft.SnapshotMark;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Brings another member's image here, a chunk a request, and installs it.
///
/// A chunk that does not come is asked for again at the same position, for as long as its sender
/// keeps an image: so a connection may break and come back. An image that is gone, or finds the
/// disk full, is begun anew.
///
/// - Threads: the apply strand.
final class ImagePull implements AutoCloseable {
  private static final byte[] BEGINNING = {};

  /// Silence, in election timeouts, after which the sender is given up.
  private static final int SILENT_TIMEOUTS_MAX = 30;

  /// Images of one sender that may turn out to be gone or damaged before it is given up.
  private static final int BEGINNINGS_MAX = 5;

  private final long group;
  private final int resendTicks;
  private final Listener listener;

  private long source;
  private @Nullable SnapshotMark wanted;
  private StateMachine.@Nullable Installation installation;
  private @Nullable SnapshotMark mark;
  private long image;
  private byte[] position = BEGINNING;
  private int silentTicks;
  private int beginnings;

  /// Who is told, and sends.
  interface Listener {
    void request(long member, PeerMessage.SnapshotRequest request);

    /// The state machine's content is that of the image at `mark` now, durably.
    void installed(SnapshotMark mark);

    /// Nothing came of it; nothing has changed.
    void abandoned();
  }

  /// @param resendTicks after which an unanswered request is repeated
  ImagePull(long group, int resendTicks, Listener listener) {
    this.group = group;
    this.resendTicks = resendTicks;
    this.listener = listener;
  }

  boolean isUnderWay() {
    return wanted != null;
  }

  /// `member` has an image at `offered`, or a newer one. One that is being pulled and is as new
  /// goes on while its sender answers.
  void begin(long member, SnapshotMark offered) throws IOException {
    SnapshotMark coming = mark != null ? mark : wanted;
    if (coming != null && coming.index() >= offered.index() && silentTicks < resendTicks) {
      return;
    }
    close();
    source = member;
    wanted = offered;
    beginnings = 0;
    beginAnew();
  }

  /// A chunk has come; one that was not asked for is left alone.
  void chunk(StateMachine machine, long from, PeerMessage.SnapshotChunk chunk) throws IOException {
    if (wanted == null || from != source) {
      return;
    }
    if (chunk.image() == 0) {
      if (Arrays.equals(chunk.position(), position)) {
        beginAnew();
      }
      return;
    }
    if (!Arrays.equals(chunk.position(), position) || (image != 0 && chunk.image() != image)) {
      return;
    }
    var crc = new CRC32C();
    crc.update(chunk.bytes());
    if ((int) crc.getValue() != chunk.checksum()) {
      beginAnew();
      return;
    }
    silentTicks = 0;
    SnapshotMark complete = chunk.mark();
    boolean newer = machine.appliedIndex() < complete.index();
    try {
      if (installation == null) {
        image = chunk.image();
        mark = chunk.mark();
        installation = machine.install(chunk.mark());
      }
      installation.add(chunk.bytes());
      if (chunk.last() && newer) {
        installation.commit();
      }
    } catch (DiskFullException noSpace) {
      // Begun anew by a later tick, as if the answer had been lost.
      drop();
      return;
    }
    if (!chunk.last()) {
      position = chunk.next();
      request();
      return;
    }
    close();
    if (newer) {
      listener.installed(complete);
    } else {
      listener.abandoned();
    }
  }

  /// Time has passed. A silent sender that leads no more is given up soon: the leader that took its
  /// place offers an image of its own, which is listened to only then.
  ///
  /// @param leader of the group; 0 while nobody is known
  void tick(long leader) throws IOException {
    if (wanted == null) {
      return;
    }
    silentTicks++;
    int timeouts = leader == 0 || leader == source ? SILENT_TIMEOUTS_MAX : 1;
    if (silentTicks >= resendTicks * timeouts) {
      close();
      listener.abandoned();
    } else if (silentTicks % resendTicks == 0) {
      request();
    }
  }

  /// Gives up what is under way.
  @Override
  public void close() throws IOException {
    wanted = null;
    drop();
  }

  private void beginAnew() throws IOException {
    drop();
    if (++beginnings > BEGINNINGS_MAX) {
      close();
      listener.abandoned();
      return;
    }
    request();
  }

  private void drop() throws IOException {
    StateMachine.Installation open = installation;
    installation = null;
    mark = null;
    image = 0;
    position = BEGINNING;
    silentTicks = 0;
    if (open != null) {
      open.close();
    }
  }

  private void request() {
    SnapshotMark asked = wanted;
    if (asked != null) {
      listener.request(source, new PeerMessage.SnapshotRequest(group, asked, image, position));
    }
  }
}
