package dev.henge.server.eventual;

import dev.henge.base.ring.SlotTable;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.RingRecord;
import dev.henge.consensus.metadata.Routes;
import dev.henge.replication.quorum.Placement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Owners as the newest metadata here has them.
///
/// - Threads: any.
final class RingPlacement implements Placement {
  private static final long[] NOBODY = {};

  /// What all requests of one epoch ask for.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Members(Routes of, long[] up, long[] all, Map<Long, String> dataCentres) {}

  private final Supplier<Routes> routes;
  private volatile Members members;

  RingPlacement(Supplier<Routes> routes) {
    this.routes = routes;
    this.members = members(routes.get());
  }

  @Override
  public long[] owners(int keyspaceId, int slot) {
    RingRecord ring = routes.get().ring(keyspaceId);
    if (ring == null) {
      return NOBODY;
    }
    // A slot of a data centre with too few members has gaps at its end.
    long[] owners = ring.current().servers(slot);
    return owners.length > 0 && owners[owners.length - 1] == 0
        ? Arrays.stream(owners).filter(owner -> owner != 0).toArray()
        : owners;
  }

  @Override
  public long[] joining(int keyspaceId, int slot) {
    RingRecord ring = routes.get().ring(keyspaceId);
    SlotTable next = ring == null ? null : ring.next();
    if (ring == null || next == null) {
      return NOBODY;
    }
    return Arrays.stream(next.servers(slot))
        .filter(member -> member != 0 && !ring.owns(member, slot))
        .toArray();
  }

  @Override
  public long[] members() {
    return current().up;
  }

  @Override
  public long[] everybody() {
    return current().all;
  }

  @Override
  public long change(int keyspaceId) {
    RingRecord ring = routes.get().ring(keyspaceId);
    return ring == null ? 0 : ring.change();
  }

  @Override
  public String dataCentre(long member) {
    return current().dataCentres.getOrDefault(member, "");
  }

  private Members current() {
    Members known = members;
    Routes now = routes.get();
    if (known.of != now) {
      known = members(now);
      members = known;
    }
    return known;
  }

  private static Members members(Routes routes) {
    Map<Long, String> dataCentres = new HashMap<>();
    for (Member member : routes.metadata().members().values()) {
      dataCentres.put(member.number(), member.node().location().dataCentre());
    }
    long[] up =
        routes.metadata().members().values().stream()
            .filter(member -> member.state() == Member.State.UP)
            .mapToLong(Member::number)
            .toArray();
    long[] all = dataCentres.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    return new Members(routes, up, all, dataCentres);
  }
}
