package dev.henge.replication.quorum;

import dev.henge.base.Slots;
import dev.henge.replication.causality.StoredVersions;
import dev.henge.replication.causality.Versions;
import dev.henge.replication.quorum.Coordinator.Round;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// One read: as many copies as asked for, and one more where somebody is slow or fails. When all
/// that were asked have answered, those that know less than all together are told.
///
/// - Threads: any; guarded by itself. The answer is given outside the guard.
final class ReadRound {
  /// What a copy answered.
  private record Copy(long member, Versions versions) {}

  private final Coordinator coordinator;
  private final Round round;
  private final Level level;
  private final Consumer<Answer> done;
  private final long[] owners;
  private final Tally tally;

  /// Live owners, the nearest first.
  private final List<Long> candidates;

  // guarded by this
  private final List<Copy> copies = new ArrayList<>(3);
  private Versions merged = Versions.NONE;
  private int asked;
  private int waiting;
  private boolean answered;

  ReadRound(Coordinator coordinator, Round round, Level level, Consumer<Answer> done) {
    this.coordinator = coordinator;
    this.round = round;
    this.level = level;
    this.done = done;
    Placement placement = coordinator.parts().placement();
    this.owners = placement.owners(keyspaceId(), Slots.of(round.key()));
    this.tally = tally();
    this.candidates = candidates(placement);
  }

  void begin() {
    int first = 0;
    Tally enough = tally();
    while (first < candidates.size() && !enough.isMet()) {
      enough.confirm(candidates.get(first++));
    }
    if (!enough.isMet()) {
      done.accept(new Answer.Unavailable(tally.wanted(), enough.count()));
      return;
    }
    synchronized (this) {
      asked = first;
      waiting = first;
    }
    for (int i = first - 1; i >= 0; i--) {
      ask(candidates.get(i));
    }
  }

  synchronized boolean isDone() {
    return answered;
  }

  /// Where the answer is still open: one more copy is asked, where there is one.
  void askAnother() {
    long next;
    synchronized (this) {
      if (answered || asked == candidates.size()) {
        return;
      }
      next = candidates.get(asked++);
      waiting++;
    }
    ask(next);
  }

  private void ask(long member) {
    if (member == coordinator.parts().self()) {
      coordinator.locally(
          access -> round.owned().replica().read(round.key(), access),
          versions -> fetched(member, versions),
          failed -> failed());
      return;
    }
    coordinator
        .parts()
        .remote()
        .fetch(
            member,
            keyspaceId(),
            round.key(),
            coordinator.leftMillis(round),
            new RemoteReplicas.Fetched() {
              @Override
              public void fetched(Versions versions) {
                ReadRound.this.fetched(member, versions);
              }

              @Override
              public void failed() {
                ReadRound.this.failed();
              }
            });
  }

  private void fetched(long member, Versions versions) {
    Answer answer = null;
    boolean last;
    synchronized (this) {
      copies.add(new Copy(member, versions));
      merged = versions(versions);
      tally.confirm(member);
      last = --waiting == 0;
      if (!answered && tally.isMet()) {
        answered = true;
        answer = new Answer.Found(merged, tally.count());
      }
    }
    if (answer != null) {
      done.accept(answer);
    }
    if (last) {
      repair();
    }
  }

  private Versions versions(Versions more) {
    Versions both = merged.isNone() ? more : merged.merge(more);
    return round.owned().replica().options().latestWins() ? both.latest() : both;
  }

  private void failed() {
    askAnother();
    boolean last;
    Answer answer = null;
    synchronized (this) {
      last = --waiting == 0;
      if (last && !answered) {
        answered = true;
        answer = new Answer.Unavailable(tally.wanted(), tally.count());
      }
    }
    if (answer != null) {
      done.accept(answer);
    }
    if (last) {
      repair();
    }
  }

  /// Tells those that know less; nobody waits for it.
  private void repair() {
    List<Copy> behind = new ArrayList<>(0);
    Versions all;
    synchronized (this) {
      all = merged;
      for (Copy copy : copies) {
        if (!copy.versions.equals(all)) {
          behind.add(copy);
        }
      }
    }
    if (behind.isEmpty()) {
      return;
    }
    byte[] stored = StoredVersions.encode(all);
    for (Copy copy : behind) {
      if (copy.member == coordinator.parts().self()) {
        coordinator.locally(
            access -> round.owned().replica().merge(round.key(), all, access),
            outcome -> {},
            failed -> {});
      } else {
        coordinator
            .parts()
            .remote()
            .merge(
                copy.member,
                keyspaceId(),
                round.key(),
                stored,
                coordinator.leftMillis(round),
                Unheard.INSTANCE);
      }
    }
  }

  private List<Long> candidates(Placement placement) {
    long self = coordinator.parts().self();
    String here = placement.dataCentre(self);
    List<Long> live = new ArrayList<>(owners.length);
    List<Long> elsewhere = new ArrayList<>(0);
    for (long owner : owners) {
      if (owner == self) {
        live.addFirst(owner);
      } else if (coordinator.parts().liveness().isUp(owner)) {
        (placement.dataCentre(owner).equals(here) ? live : elsewhere).add(owner);
      }
    }
    live.addAll(elsewhere);
    return live;
  }

  private Tally tally() {
    Placement placement = coordinator.parts().placement();
    return new Tally(level, owners, placement, placement.dataCentre(coordinator.parts().self()));
  }

  private int keyspaceId() {
    return round.owned().keyspaceId();
  }
}
