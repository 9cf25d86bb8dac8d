package dev.henge.replication.quorum;

import dev.henge.base.Slots;
import dev.henge.replication.quorum.Coordinator.Round;
import dev.henge.replication.replica.Change;
import dev.henge.replication.replica.Outcome;
import dev.henge.storage.Engine;
import dev.henge.storage.WriteRefusedException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One write, from this node's copy to all others.
///
/// An owner that is not up, or does not answer, gets a hint: with somebody who stands in for it,
/// which counts as its copy where the quorum is sloppy, or with this node, which never does.
///
/// - Threads: any; guarded by itself. The answer is given outside the guard.
final class WriteRound {
  private final Coordinator coordinator;
  private final Round round;
  private final Level level;
  private final Consumer<Answer> done;
  private final int slot;
  private final long[] owners;
  private final Tally tally;

  // guarded by this
  private int waiting;
  private int hints;
  private int standIns;
  private boolean answered;
  private Outcome.@Nullable Done local;

  WriteRound(Coordinator coordinator, Round round, Level level, Consumer<Answer> done) {
    this.coordinator = coordinator;
    this.round = round;
    this.level = level;
    this.done = done;
    this.slot = Slots.of(round.key());
    this.owners = coordinator.parts().placement().owners(round.owned().keyspaceId(), slot);
    this.tally = tally();
  }

  void begin(Change change) {
    Tally reachable = tally();
    boolean owner = false;
    int spare = round.owned().sloppy() && level.kind() != Level.Kind.ALL ? liveStandIns() : 0;
    for (long member : owners) {
      owner |= member == self();
      if (isUp(member) || spare-- > 0) {
        reachable.confirm(member);
      }
    }
    if (!owner || !reachable.isMet()) {
      done.accept(new Answer.Unavailable(tally.wanted(), reachable.count()));
      return;
    }
    coordinator.locally(
        access -> round.owned().replica().write(round.key(), change, access), this::written, done);
  }

  private void written(Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      done.accept(Coordinator.refused(refused));
      return;
    }
    var mine = (Outcome.Done) outcome;
    long[] joining = coordinator.parts().placement().joining(round.owned().keyspaceId(), slot);
    synchronized (this) {
      local = mine;
      waiting = owners.length;
    }
    for (long member : owners) {
      if (member != self()) {
        if (isUp(member)) {
          send(member, mine.stored());
        } else {
          substitute(member, mine.stored());
        }
      }
    }
    for (long member : joining) {
      if (member != self()) {
        remote().merge(member, keyspaceId(), round.key(), mine.stored(), left(), Unheard.INSTANCE);
      }
    }
    round.owned().replica().engine().whenAcknowledged(mine.sequence(), new Own());
  }

  private void send(long member, byte[] stored) {
    remote()
        .merge(
            member,
            keyspaceId(),
            round.key(),
            stored,
            Math.max(1, left() / 2),
            new RemoteReplicas.Stored() {
              @Override
              public void stored() {
                settled(member, false);
              }

              @Override
              public void refused() {
                substitute(member, stored);
              }

              @Override
              public void lost() {
                substitute(member, stored);
              }
            });
  }

  /// Somebody else, or else this node, keeps what `owner` cannot take now.
  private void substitute(long owner, byte[] stored) {
    long standIn = round.owned().sloppy() ? nextStandIn() : self();
    boolean counts = standIn != self() && level.kind() != Level.Kind.ALL;
    remote()
        .hint(
            standIn,
            owner,
            keyspaceId(),
            round.key(),
            stored,
            left(),
            new RemoteReplicas.Stored() {
              @Override
              public void stored() {
                settled(counts ? owner : 0, counts);
              }

              @Override
              public void refused() {
                settled(0, false);
              }

              @Override
              public void lost() {
                settled(0, false);
              }
            });
  }

  /// One of those that were waited for is settled.
  ///
  /// @param owner whose copy counts now; 0 for none
  private void settled(long owner, boolean hinted) {
    Answer answer = null;
    synchronized (this) {
      waiting--;
      if (owner != 0) {
        tally.confirm(owner);
        hints += hinted ? 1 : 0;
      }
      Outcome.Done mine = local;
      if (!answered && mine != null) {
        if (tally.isMet()) {
          answered = true;
          answer = new Answer.Written(mine.versions(), mine.before(), tally.count(), hints);
        } else if (waiting == 0) {
          answered = true;
          answer = new Answer.Unknown(tally.wanted(), tally.count());
        }
      }
    }
    if (answer != null) {
      done.accept(answer);
    }
  }

  /// The next live member that is no owner; this node where there is none left.
  private synchronized long nextStandIn() {
    long[] members = coordinator.parts().placement().members();
    while (standIns < members.length) {
      long member = members[(slot + standIns++) % members.length];
      if (!isOwner(member) && isUp(member)) {
        return member;
      }
    }
    return self();
  }

  private int liveStandIns() {
    int count = 0;
    for (long member : coordinator.parts().placement().members()) {
      count += !isOwner(member) && isUp(member) ? 1 : 0;
    }
    return count;
  }

  private boolean isOwner(long member) {
    for (long owner : owners) {
      if (owner == member) {
        return true;
      }
    }
    return false;
  }

  private boolean isUp(long member) {
    return member == self() || coordinator.parts().liveness().isUp(member);
  }

  private Tally tally() {
    Placement placement = coordinator.parts().placement();
    return new Tally(level, owners, placement, placement.dataCentre(self()));
  }

  private RemoteReplicas remote() {
    return coordinator.parts().remote();
  }

  private long self() {
    return coordinator.parts().self();
  }

  private int keyspaceId() {
    return round.owned().keyspaceId();
  }

  private long left() {
    return coordinator.leftMillis(round);
  }

  /// Hears of this node's own copy.
  private final class Own implements Engine.AcknowledgeListener {
    @Override
    public void acknowledged() {
      settled(self(), false);
    }

    @Override
    public void unknown(WriteRefusedException stopped) {
      settled(0, false);
    }
  }
}
