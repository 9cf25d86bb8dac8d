package dev.henge.server.cluster;

import dev.henge.base.Clock;
import dev.henge.consensus.group.ConsensusGroup;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus;
import dev.henge.consensus.group.ConsensusGroup.GroupStatus.Role;
import dev.henge.consensus.group.GroupRuntime;
import dev.henge.consensus.metadata.GroupRecord;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What leaders of groups do for the metadata: bring their group to its target and say so, and hand
/// leadership to whom the metadata prefers.
///
/// - Invariant: a change is confirmed only after the group has committed the target and the leader
///   has proven, by a round of heartbeats, that it leads in the term in which it saw that. A leader
///   that was replaced meanwhile cannot confirm what it remembers.
/// - Threads: [#look] on the cluster's thread; outcomes come on others.
final class Duties {
  private static final Logger LOG = LoggerFactory.getLogger(Duties.class);
  private static final Duration CONFIRM = Duration.ofSeconds(5);

  /// Between two tries to hand a group over: twice as long each time that it came back, as it does
  /// from a member whose disk is full.
  private static final Duration BETWEEN_TRANSFERS = Duration.ofSeconds(3);

  private static final Duration BETWEEN_TRANSFERS_MOST = Duration.ofMinutes(3);

  /// How far the preferred leader may be behind.
  private static final long BEHIND_MAX = 1000;

  private final long self;
  private final ClusterMap map;
  private final GroupRuntime runtime;
  private final MetadataClient client;
  private final Contacts contacts;
  private final Clock clock;

  /// The change of each group that is under way; a newer one is begun over it, since what it waits
  /// for may never come.
  private final Map<Long, Long> changing = new ConcurrentHashMap<>();

  // owned by the cluster's thread
  private final Map<Long, Transferred> transferred = new HashMap<>();
  private final Map<Long, Led> led = new HashMap<>();

  /// A group was first seen to be led here in `term`.
  private record Led(long term, long sinceNanos) {}

  /// A group was handed to the preferred member.
  private record Transferred(long atNanos, long waitNanos) {}

  Duties(
      long self,
      ClusterMap map,
      GroupRuntime runtime,
      MetadataClient client,
      Contacts contacts,
      Clock clock) {
    this.self = self;
    this.map = map;
    this.runtime = runtime;
    this.client = client;
    this.contacts = contacts;
    this.clock = clock;
  }

  /// Looks at every group that is led here.
  void look() {
    for (GroupRecord record : map.metadata().groups().values()) {
      ConsensusGroup group = runtime.group(record.id());
      if (group != null && group.status().role() == Role.LEADER) {
        if (!record.settled()) {
          approach(record, group);
        } else if (record.id() != Metadata.METADATA_GROUP) {
          prefer(record, group);
        }
      }
    }
  }

  private void approach(GroupRecord record, ConsensusGroup group) {
    Long underWay = changing.put(record.id(), record.change());
    if (underWay != null && underWay == record.change()) {
      return;
    }
    long term = group.status().term();
    group.changeMembers(
        record.target().voters(),
        record.target().learners(),
        new Outcome(record) {
          @Override
          public void done() {
            prove(record, group, term);
          }
        });
  }

  private void prove(GroupRecord record, ConsensusGroup group, long term) {
    group.read(
        ConsensusGroup.ReadLevel.LINEARIZABLE,
        term,
        new ConsensusGroup.ReadListener() {
          @Override
          public void ready(long appliedIndex, long nowMillis, long ageMillis) {
            confirm(record);
          }

          @Override
          public void refused(ConsensusGroup.Refusal refusal, long leader) {
            changing.remove(record.id(), record.change());
          }
        });
  }

  private void confirm(GroupRecord record) {
    var ignored =
        client
            .submit(new MetadataCommand.ConfirmTarget(record.id(), record.change()), CONFIRM)
            .whenComplete((outcome, error) -> {
              changing.remove(record.id(), record.change());
              if (error != null) {
                LOG.debug("group {}: not confirmed yet", record.id(), error);
              }
            });
  }

  private void prefer(GroupRecord record, ConsensusGroup group) {
    long preferred = record.preferredLeader();
    GroupStatus status = group.status();
    long now = clock.monotonicNanos();
    Transferred last = transferred.get(record.id());
    Led since = led.get(record.id());
    if (since == null || since.term != status.term()) {
      since = new Led(status.term(), now);
      led.put(record.id(), since);
    }
    if (preferred == self
        // Whoever led before may have handed over because it ends.
        || now - since.sinceNanos < BETWEEN_TRANSFERS.toNanos()
        || !record.confirmed().voters().contains(preferred)
        || !contacts.isReachable(preferred)
        || status.matched().getOrDefault(preferred, 0L) + BEHIND_MAX < status.lastIndex()
        || (last != null && now - last.atNanos < last.waitNanos)) {
      return;
    }
    long waitNanos = BETWEEN_TRANSFERS.toNanos();
    if (last != null && now - last.atNanos < 2 * BETWEEN_TRANSFERS_MOST.toNanos()) {
      // it came back: whoever got it cannot keep it
      waitNanos = Math.min(2 * last.waitNanos, BETWEEN_TRANSFERS_MOST.toNanos());
    }
    transferred.put(record.id(), new Transferred(now, waitNanos));
    group.transfer(preferred, new Outcome(record));
  }

  /// The end of what was begun; where it did not succeed, the next look begins it again.
  private class Outcome implements ConsensusGroup.OutcomeListener {
    private final GroupRecord record;

    Outcome(GroupRecord record) {
      this.record = record;
    }

    @Override
    public void done() {}

    @Override
    public void refused(ConsensusGroup.Refusal refusal, long leader) {
      changing.remove(record.id(), record.change());
    }

    @Override
    public void unknown() {
      changing.remove(record.id(), record.change());
    }
  }
}
