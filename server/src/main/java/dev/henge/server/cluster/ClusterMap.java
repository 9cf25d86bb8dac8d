package dev.henge.server.cluster;

import dev.henge.consensus.metadata.Address;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.Routes;
import dev.henge.replication.membership.Liveness;
import dev.henge.server.peer.PeerAddress;
import dev.henge.server.peer.PeerDirectory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest metadata that this node has, for whoever routes by it, and what the transport needs
/// of it.
///
/// - Threads: any; nothing blocks. Those who wait for an epoch are called on the thread that brings
///   it.
public final class ClusterMap implements PeerDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterMap.class);

  private volatile Routes routes = new Routes(Metadata.EMPTY);

  private volatile boolean removed;

  private volatile Runnable onRemoval = () -> {};

  // guarded by this
  private final TreeMap<Long, List<Runnable>> waiting = new TreeMap<>();
  private long heardEpoch;

  /// Whether this node was removed from its cluster, as another member has told it: for ever.
  public boolean isRemoved() {
    return removed;
  }

  /// It knows that already, and has it written down.
  void remainsRemoved() {
    removed = true;
    LOG.error("{}", Failures.REMOVED.message());
  }

  /// Runs `action`, which must not block, when this node hears that it was removed.
  void whenRemoved(Runnable action) {
    onRemoval = action;
  }

  /// The newest epoch's routes.
  public Routes routes() {
    return routes;
  }

  public Metadata metadata() {
    return routes.metadata();
  }

  /// The members that are up as far as `liveness` knows.
  Set<Long> live(Liveness liveness) {
    var live = new HashSet<>(metadata().members().keySet());
    live.removeIf(member -> !liveness.isUp(member));
    return live;
  }

  /// Runs `action` when this node has `epoch`: now, where it does. Whoever waits brings a deadline
  /// of its own.
  public void whenEpoch(long epoch, Runnable action) {
    synchronized (this) {
      if (metadata().epoch() < epoch) {
        waiting.computeIfAbsent(epoch, wanted -> new ArrayList<>()).add(action);
        return;
      }
    }
    action.run();
  }

  void follow(Metadata metadata) {
    var ready = new ArrayList<Runnable>();
    synchronized (this) {
      if (metadata.epoch() <= metadata().epoch()) {
        return;
      }
      routes = new Routes(metadata);
      var reached = waiting.headMap(metadata.epoch(), true);
      reached.values().forEach(ready::addAll);
      reached.clear();
    }
    ready.forEach(Runnable::run);
  }

  /// The newest epoch that any peer told of.
  public synchronized long heardEpoch() {
    return Math.max(heardEpoch, metadata().epoch());
  }

  @Override
  public @Nullable PeerAddress address(long member) {
    Optional<Member> found = metadata().member(member);
    if (found.isEmpty()) {
      return null;
    }
    Address address = found.get().node().address();
    return new PeerAddress(address.host(), address.peer());
  }

  @Override
  public Standing standing(long member, String nodeId) {
    Metadata metadata = metadata();
    if (metadata.barred().contains(nodeId)) {
      return Standing.BARRED;
    }
    Optional<Member> found = metadata.member(member);
    if (found.isEmpty()) {
      return member < metadata.nextMember() ? Standing.BARRED : Standing.UNKNOWN;
    }
    return found.get().node().id().equals(nodeId) ? Standing.MEMBER : Standing.IMPOSTOR;
  }

  @Override
  public long epoch() {
    return metadata().epoch();
  }

  @Override
  public void removed(long by) {
    if (!removed) {
      removed = true;
      LOG.error(
          "{}; member {} of cluster {} says so",
          Failures.REMOVED.message(),
          by,
          metadata().clusterId());
      onRemoval.run();
    }
  }

  @Override
  public synchronized void newerEpoch(long member, long epoch) {
    heardEpoch = Math.max(heardEpoch, epoch);
  }
}
