package dev.henge.server.cluster;

import dev.henge.base.Slots;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Routes;
import dev.henge.data.Operation;
import dev.henge.data.Reply;
import dev.henge.data.ScanPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One client of strong keyspaces: finds the groups that an operation is for, and keeps the order
/// of what the client asks of each.
///
/// - An operation whose keys lie in one group goes there as it is. MGET, DEL, UNLINK, EXISTS and
///   TOUCH over several groups are scattered, and so is what is about a whole keyspace; anything
///   else over several groups is refused with `CROSSSLOT`.
/// - Threads: one at a time.
public final class StrongSession {
  /// Lanes that a client may have: one for each group that it has used.
  private static final int LANES_MAX = 1024;

  private final StrongClient client;
  private final Map<Long, StrongLane> lanes = new HashMap<>(2);
  private long writtenGroup = -1;
  private volatile long writtenIndex;

  StrongSession(StrongClient client) {
    this.client = client;
  }

  /// Has `call` done; the listener may be called before this returns.
  public void submit(StrongCall call, StrongClient.Listener listener) {
    Routes routes = client.groups().routes();
    List<GroupRecord> groups = routes.groups(call.routeId());
    Operation operation = call.operation();
    if (groups.isEmpty()) {
      listener.answered(nowhere(call, routes), 0, 0);
    } else if (groups.size() == 1) {
      send(call, groups.getFirst().id(), operation, listener);
    } else {
      List<byte[]> keys = OperationKeys.of(operation);
      if (keys.isEmpty()) {
        whole(call, groups, listener);
      } else {
        keyed(call, routes, keys, listener);
      }
    }
  }

  /// How `keys` stand, for a later transaction.
  ///
  /// @param watched takes the watches, or why there are none
  public void watch(StrongCall call, List<byte[]> keys, Watched watched) {
    Routes routes = client.groups().routes();
    long group = -1;
    for (byte[] key : keys) {
      GroupRecord holder = routes.group(call.routeId(), Slots.of(key));
      if (holder == null || (group >= 0 && group != holder.id())) {
        watched.refused(holder == null ? nowhere(call, routes) : Failures.CROSS_SLOT);
        return;
      }
      group = holder.id();
    }
    StrongRequest request = call.to(group, StrongRequest.Kind.WATCH, new Operation.GetMany(keys));
    lane(group)
        .submit(
            request,
            call.timeoutMillis(),
            (reply, index, ageMillis) -> watched(call, keys, reply, watched));
  }

  /// Hears how keys stand.
  public interface Watched {
    void watches(List<Operation.Watch> watches);

    void refused(Reply.Failure why);
  }

  /// Who holds this client's newest acknowledged write durably, as [StrongRequest.Kind#HOLDERS] has
  /// it; of a client that has written nothing, who holds anything of the call's keyspace.
  public void holders(StrongCall call, StrongClient.Listener listener) {
    long group = writtenGroup;
    if (group < 0) {
      Routes routes = client.groups().routes();
      List<GroupRecord> groups = routes.groups(call.routeId());
      if (groups.isEmpty()) {
        listener.answered(nowhere(call, routes), 0, 0);
        return;
      }
      group = groups.getFirst().id();
    }
    StrongRequest asked = call.to(group, StrongRequest.Kind.HOLDERS, call.operation());
    lane(group)
        .submit(
            new StrongRequest(
                asked.group(),
                asked.kind(),
                asked.keyspaceId(),
                asked.database(),
                asked.limits(),
                asked.operation(),
                Consistency.LINEARIZABLE,
                null,
                Math.max(1, writtenIndex)),
            call.timeoutMillis(),
            listener);
  }

  private void send(StrongCall call, long group, Operation part, StrongClient.Listener listener) {
    if (part.writes()) {
      if (writtenGroup != group) {
        writtenGroup = group;
        writtenIndex = 0;
      }
      lane(group)
          .submit(
              call.to(group, StrongRequest.Kind.COMMAND, part),
              call.timeoutMillis(),
              (reply, index, ageMillis) -> {
                writtenIndex = Math.max(writtenIndex, index);
                listener.answered(reply, index, ageMillis);
              });
    } else {
      lane(group)
          .submit(call.to(group, StrongRequest.Kind.READ, part), call.timeoutMillis(), listener);
    }
  }

  /// Why there is no group for a call.
  private static Reply.Failure nowhere(StrongCall call, Routes routes) {
    return routes.ring(call.routeId()) == null ? Failures.UNAVAILABLE : Failures.NOT_STRONG;
  }

  private StrongLane lane(long group) {
    if (lanes.size() >= LANES_MAX) {
      lanes.clear();
    }
    return lanes.computeIfAbsent(group, id -> new StrongLane(client));
  }

  private void keyed(
      StrongCall call, Routes routes, List<byte[]> keys, StrongClient.Listener listener) {
    if (call.operation() instanceof Operation.Transaction transaction
        && transaction.steps().stream()
            .anyMatch(step -> OperationKeys.of(step.operation()).isEmpty())) {
      listener.answered(Failures.CROSS_SLOT, 0, 0);
      return;
    }
    Map<Long, List<Integer>> byGroup = new TreeMap<>();
    for (int i = 0; i < keys.size(); i++) {
      GroupRecord group = routes.group(call.routeId(), Slots.of(keys.get(i)));
      if (group == null) {
        listener.answered(nowhere(call, routes), 0, 0);
        return;
      }
      byGroup.computeIfAbsent(group.id(), id -> new ArrayList<>()).add(i);
    }
    if (byGroup.size() == 1) {
      send(call, byGroup.keySet().iterator().next(), call.operation(), listener);
      return;
    }
    switch (call.operation()) {
      case Operation.GetMany many -> {
        Reply[] values = new Reply[keys.size()];
        var part = new AtomicInteger();
        var gather =
            new Gather(byGroup.size(), listener, replies -> new Reply.Many(List.of(values)));
        byGroup.forEach((group, places) ->
            send(
                call,
                group,
                new Operation.GetMany(places.stream().map(keys::get).toList()),
                gather.part(part.getAndIncrement(), reply -> place(reply, places, values))));
      }
      case Operation.Delete delete -> sum(call, byGroup, keys, listener, Operation.Delete::new);
      case Operation.CountExisting count ->
          sum(call, byGroup, keys, listener, Operation.CountExisting::new);
      default -> listener.answered(Failures.CROSS_SLOT, 0, 0);
    }
  }

  private interface OfKeys {
    Operation make(List<byte[]> keys);
  }

  private void sum(
      StrongCall call,
      Map<Long, List<Integer>> byGroup,
      List<byte[]> keys,
      StrongClient.Listener listener,
      OfKeys operation) {
    var gather = new Gather(byGroup.size(), listener, Gather::sum);
    int part = 0;
    for (Map.Entry<Long, List<Integer>> one : byGroup.entrySet()) {
      List<byte[]> some = one.getValue().stream().map(keys::get).toList();
      send(call, one.getKey(), operation.make(some), gather.part(part++, reply -> {}));
    }
  }

  /// What is about a whole keyspace of several groups, in the order of their slots.
  private void whole(StrongCall call, List<GroupRecord> groups, StrongClient.Listener listener) {
    switch (call.operation()) {
      case Operation.Scan scan -> scan(call, scan, groups, listener);
      case Operation.RandomKey random ->
          random(
              call,
              groups,
              (int) Long.remainderUnsigned(client.chance(), groups.size()),
              groups.size(),
              listener);
      case Operation.CountKeysInSlot count -> {
        for (GroupRecord group : groups) {
          if (count.slot() >= group.slotFrom() && count.slot() < group.slotTo()) {
            send(call, group.id(), count, listener);
          }
        }
      }
      case Operation.CountKeys count -> everywhere(call, groups, listener, Gather::sum);
      case Operation.Flush flush -> everywhere(call, groups, listener, replies -> Reply.OK);
      case Operation.Keys keys -> everywhere(call, groups, listener, Gather::joined);
      default -> listener.answered(Failures.CROSS_SLOT, 0, 0);
    }
  }

  private void everywhere(
      StrongCall call,
      List<GroupRecord> groups,
      StrongClient.Listener listener,
      Gather.Merge merge) {
    var gather = new Gather(groups.size(), listener, merge);
    for (int i = 0; i < groups.size(); i++) {
      send(call, groups.get(i).id(), call.operation(), gather.part(i, reply -> {}));
    }
  }

  private void scan(
      StrongCall call,
      Operation.Scan scan,
      List<GroupRecord> groups,
      StrongClient.Listener listener) {
    for (GroupRecord group : groups) {
      if (scan.from().slot() < group.slotTo()) {
        send(
            call,
            group.id(),
            scan,
            (reply, index, ageMillis) ->
                listener.answered(
                    reply instanceof Reply.ScanPage page
                            && page.next() == null
                            && group.slotTo() < Slots.COUNT
                        ? new Reply.ScanPage(page.keys(), new ScanPosition(group.slotTo(), null))
                        : reply,
                    index,
                    ageMillis));
        return;
      }
    }
    listener.answered(new Reply.ScanPage(List.of(), null), 0, 0);
  }

  /// A key of the group at `at`, or of one behind it where that one is empty.
  private void random(
      StrongCall call, List<GroupRecord> groups, int at, int left, StrongClient.Listener listener) {
    new StrongLane(client)
        .submit(
            call.to(groups.get(at % groups.size()).id(), StrongRequest.Kind.READ, call.operation()),
            call.timeoutMillis(),
            (reply, index, ageMillis) -> {
              if (reply instanceof Reply.Nothing && left > 1) {
                random(call, groups, at + 1, left - 1, listener);
              } else {
                listener.answered(reply, index, ageMillis);
              }
            });
  }

  private static void place(Reply reply, List<Integer> places, @Nullable Reply[] values) {
    if (reply instanceof Reply.Many(List<Reply> items)) {
      for (int i = 0; i < places.size(); i++) {
        values[places.get(i)] = items.get(i);
      }
    }
  }

  private static void watched(StrongCall call, List<byte[]> keys, Reply reply, Watched watched) {
    switch (reply) {
      case Reply.Many(List<Reply> numbers) when numbers.size() == 2 * keys.size() -> {
        List<Operation.Watch> watches = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
          watches.add(
              new Operation.Watch(
                  call.keyspace().database(),
                  (int) number(numbers.get(2 * i)),
                  keys.get(i),
                  number(numbers.get(2 * i + 1))));
        }
        watched.watches(watches);
      }
      case Reply.Failure failure -> watched.refused(failure);
      default -> watched.refused(Failures.UNAVAILABLE);
    }
  }

  private static long number(Reply reply) {
    return reply instanceof Reply.Number(long value) ? value : 0;
  }
}
