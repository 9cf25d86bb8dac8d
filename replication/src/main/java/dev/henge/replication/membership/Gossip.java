package dev.henge.replication.membership;

import dev.henge.base.Invariant;
import dev.henge.base.Randomness;
import dev.henge.replication.membership.GossipMessage.Heartbeats;
import dev.henge.replication.membership.GossipMessage.Probe;
import dev.henge.replication.membership.GossipMessage.ProbeAnswer;
import dev.henge.replication.membership.GossipMessage.ProbeFor;
import dev.henge.replication.membership.GossipMessage.ProbeTaken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who lives, as one member believes: a member list with heartbeats, told to a few random members
/// at every tick. It decides nothing about who is a member or owns what.
///
/// 1. A tick raises this node's own heartbeat and sends a part of the list to a few.
/// 2. News of a member is a heartbeat newer than the one that is known. A silence that its history
///    makes very unlikely ([Accrual]) is doubted: the member is probed, directly and through
///    others.
/// 3. Two rounds without an answer: the member is [MemberState#SUSPECTED] here, and accused.
/// 4. Accusations travel with the heartbeats. A member is [MemberState#DOWN] when two members, or
///    all others where fewer are not down, accuse it at the newest heartbeat known. Any newer
///    heartbeat ends all of that.
/// 5. A node that did not run on time, or whose helpers are silent too, distrusts itself
///    ([LocalHealth]): it is more patient, and after a pause takes back what it said.
///
/// - Shape: 70 bytes a member; a tick costs one comparison for each member and a message to a few.
/// - Invariants: (1) an accusation counts only at exactly the newest heartbeat known of the
///   accused; (2) nobody is DOWN by one accuser alone, unless it is the only one left.
/// - Threads: one at a time; nothing blocks. Messages are handed out, never sent.
/// - Source: van Renesse, Minsky, Hayden, "A Gossip-Style Failure Detection Service" (1998), with
///   SWIM's probes and Lifeguard's doubt of oneself.
public final class Gossip {
  /// Random draws for one target before a message is saved instead.
  private static final int DRAWS_MAX = 8;

  /// So few members for each target that a turn of the list from a random place draws well enough.
  private static final int FEW = 2;

  // immutable
  private final long self;
  private final GossipOptions options;
  private final Randomness randomness;

  // owned by the caller's thread
  private final MemberList list = new MemberList();
  private final Accrual accrual;
  private final LocalHealth health;
  private final Accusations accusations = new Accusations();
  private final Probes probes = new Probes();
  private MemberState[] states = new MemberState[0];
  private boolean[] suspected = new boolean[0];
  private boolean[] broken = new boolean[0];
  private int here;
  private int down;
  private int notUp;
  private long incarnation;
  private long heartbeat;
  private long changes;

  /// @param incarnation rises with every start of the node
  public Gossip(
      long self, long incarnation, GossipOptions options, Randomness randomness, long nowNanos) {
    this.self = self;
    this.incarnation = incarnation;
    this.options = options;
    this.randomness = randomness;
    long interval = options.interval().toNanos();
    accrual = new Accrual(options.phi(), interval / 4);
    health = new LocalHealth(interval, nowNanos);
    members(new long[] {self}, nowNanos);
  }

  /// The members are these from now on, as the metadata has them. Of who is new nothing is known,
  /// and it is presumed to live.
  ///
  /// @param members ascending, with this node; shared, never changed
  public void members(long[] members, long nowNanos) {
    MemberState[] oldStates = states;
    boolean[] oldSuspected = suspected;
    boolean[] oldBroken = broken;
    int[] before = list.remap(members);
    here = list.place(self);
    Invariant.check(here >= 0, "this node is a member");
    // As if every entry had to wait for its turn in the messages that come here.
    long turns = members.length / ((long) options.entryCount() * options.fanout());
    accrual.remap(
        before, options.interval().toNanos() * (2 + 4 * turns), health.listening(nowNanos));
    states = new MemberState[before.length];
    suspected = new boolean[before.length];
    broken = new boolean[before.length];
    down = 0;
    notUp = 0;
    for (int i = 0; i < before.length; i++) {
      states[i] = before[i] < 0 ? MemberState.UP : oldStates[before[i]];
      suspected[i] = before[i] >= 0 && oldSuspected[before[i]];
      broken[i] = before[i] >= 0 && oldBroken[before[i]];
      down += states[i] == MemberState.DOWN ? 1 : 0;
      notUp += states[i] == MemberState.UP ? 0 : 1;
    }
    accusations.retain(list);
    probes.retain(list);
    beat();
    judgeAll();
    changes++;
  }

  /// An interval has passed.
  public List<Outgoing> tick(long nowNanos) {
    var out = new ArrayList<Outgoing>();
    boolean late = health.tick(nowNanos);
    long now = health.listening(nowNanos);
    if (late) {
      takeBack(now);
    }
    beat();
    decideProbes(out);
    doubt(now, out);
    judgeAll();
    tell(out);
    return out;
  }

  /// The way from here to `member` broke. It is routed around until it is heard itself, and asked
  /// whether it lives; nobody is told before that.
  public List<Outgoing> broken(long member) {
    var out = new ArrayList<Outgoing>();
    int place = list.place(member);
    if (place >= 0 && place != here) {
      broken[place] = true;
      judge(place);
      if (mayProbe(place)) {
        ask(probes.begin(member), out);
      }
    }
    return out;
  }

  /// A message from another member.
  public List<Outgoing> receive(long from, GossipMessage message, long nowNanos) {
    var out = new ArrayList<Outgoing>();
    int sender = list.place(from);
    if (sender < 0 || sender == here) {
      return out;
    }
    health.heard();
    if (broken[sender]) {
      broken[sender] = false;
      judge(sender);
    }
    long now = health.listening(nowNanos);
    switch (message) {
      case Heartbeats heard -> {
        for (int i = 0; i < heard.members().length; i++) {
          merge(heard.members()[i], heard.incarnations()[i], heard.heartbeats()[i], now);
        }
        heard.accusations().forEach(this::accused);
      }
      case Probe probe -> {
        beat();
        out.add(
            new Outgoing(
                from,
                new ProbeAnswer(probe.number(), probe.asker(), self, incarnation, heartbeat)));
      }
      case ProbeFor probe -> {
        if (list.place(probe.target()) >= 0 && probe.target() != self) {
          out.add(new Outgoing(from, new ProbeTaken(probe.number())));
          out.add(new Outgoing(probe.target(), new Probe(probe.number(), from)));
        }
      }
      case ProbeTaken taken -> probes.taken(taken.number());
      case ProbeAnswer answer -> {
        merge(answer.member(), answer.incarnation(), answer.heartbeat(), now);
        // What comes from the member itself is passed on, and nothing that was passed on before.
        if (answer.asker() != self && answer.member() == from && list.place(answer.asker()) >= 0) {
          out.add(new Outgoing(answer.asker(), answer));
        }
      }
    }
    return out;
  }

  /// What is believed of `member`; who is none is down.
  public MemberState state(long member) {
    int place = list.place(member);
    return place < 0 ? MemberState.DOWN : states[place];
  }

  /// What is believed of each member, as [#state]; a copy.
  public Map<Long, MemberState> states() {
    Map<Long, MemberState> all = HashMap.newHashMap(states.length);
    for (int i = 0; i < states.length; i++) {
      all.put(list.number(i), states[i]);
    }
    return all;
  }

  /// Rises whenever the answer of [#state] may have changed for any member.
  public long changes() {
    return changes;
  }

  /// How unlikely the member's silence is: see [Accrual].
  public double phi(long member, long nowNanos) {
    int place = list.place(member);
    return place < 0 || place == here ? 0 : accrual.phi(place, health.listening(nowNanos));
  }

  /// Members of whom anything was ever heard, this one among them.
  public int knownCount() {
    int known = 0;
    for (int i = 0; i < list.size(); i++) {
      known += list.isKnown(i) ? 1 : 0;
    }
    return known;
  }

  /// One line for people and traces.
  public String describe() {
    var text = new StringBuilder("member " + self);
    for (int i = 0; i < list.size(); i++) {
      text.append(' ').append(list.number(i)).append('=').append(states[i]);
      text.append('@').append(list.incarnation(i)).append('.').append(list.heartbeat(i));
    }
    return text.toString();
  }

  private void beat() {
    heartbeat++;
    list.raise(here, incarnation, heartbeat);
  }

  private void merge(long member, long itsIncarnation, long itsHeartbeat, long now) {
    int place = list.place(member);
    if (place < 0 || !list.isNewer(place, itsIncarnation, itsHeartbeat)) {
      return;
    }
    if (place == here) {
      outbid(itsIncarnation, itsHeartbeat);
      return;
    }
    list.raise(place, itsIncarnation, itsHeartbeat);
    if (states[place] != MemberState.DOWN && !suspected[place]) {
      accrual.heard(place, now);
    } else {
      accrual.excuse(place, now);
    }
    probes.end(member);
    suspected[place] = false;
    accusations.clear(member);
    judge(place);
  }

  /// Others know more of this node than it has said: an earlier start of it, whose number of
  /// incarnations was lost with its disk's last writes.
  private void outbid(long itsIncarnation, long itsHeartbeat) {
    incarnation = itsIncarnation;
    heartbeat = itsHeartbeat;
    beat();
  }

  private void accused(Accusation accusation) {
    int place = list.place(accusation.accused());
    if (place < 0 || list.place(accusation.accuser()) < 0 || accusation.accuser() == self) {
      return;
    }
    if (place == here) {
      if (!list.isNewer(here, accusation.incarnation(), accusation.heartbeat())) {
        return;
      }
      outbid(accusation.incarnation(), accusation.heartbeat());
      return;
    }
    if (list.isNewer(place, accusation.incarnation(), accusation.heartbeat())) {
      // The accuser heard more of it, some time ago. That is no sign of life now, but others have
      // to
      // agree on this heartbeat.
      list.raise(place, accusation.incarnation(), accusation.heartbeat());
      accusations.clear(accusation.accused());
      if (suspected[place]) {
        accusations.add(accusation.accused(), self);
      }
    }
    if (list.incarnation(place) == accusation.incarnation()
        && list.heartbeat(place) == accusation.heartbeat()) {
      accusations.add(accusation.accused(), accusation.accuser());
    }
    judge(place);
  }

  /// After a pause: it was this node that was silent.
  private void takeBack(long now) {
    probes.clear();
    for (int i = 0; i < list.size(); i++) {
      accrual.excuse(i, now);
      if (suspected[i]) {
        suspected[i] = false;
        accusations.withdraw(list.number(i), self);
        judge(i);
      }
    }
  }

  private void decideProbes(List<Outgoing> out) {
    for (Probes.Probe probe : probes.unanswered(health.patience())) {
      if (probe.asked > 0 && probe.taken == 0) {
        health.unheard();
      }
      if (probe.rounds < Probes.ROUNDS) {
        ask(probe, out);
      } else {
        probes.end(probe.member);
        int place = list.place(probe.member);
        suspected[place] = true;
        accusations.add(probe.member, self);
        judge(place);
      }
    }
  }

  private void doubt(long now, List<Outgoing> out) {
    int size = list.size();
    int first = randomness.nextInt(size);
    for (int i = 0; i < size && !probes.isFull(); i++) {
      int place = first + i < size ? first + i : first + i - size;
      if (accrual.isDoubtful(place, now, health.patience()) && mayProbe(place)) {
        ask(probes.begin(list.number(place)), out);
      }
    }
  }

  private boolean mayProbe(int place) {
    return place != here
        && !suspected[place]
        && states[place] != MemberState.DOWN
        && !probes.isFull()
        && !probes.contains(list.number(place));
  }

  private void ask(Probes.Probe probe, List<Outgoing> out) {
    long[] helpers = draw(Probes.HELPERS, list.place(probe.member));
    probes.beginRound(probe, helpers.length);
    out.add(new Outgoing(probe.member, new Probe(probe.number, self)));
    for (long helper : helpers) {
      out.add(new Outgoing(helper, new ProbeFor(probe.number, probe.member)));
    }
  }

  private void judgeAll() {
    for (long accused : accusations.accused()) {
      judge(list.place(accused));
    }
  }

  private void judge(int place) {
    int accusers = accusations.count(list.number(place));
    boolean isDown = states[place] == MemberState.DOWN;
    int others = list.size() - 1 - (isDown ? down - 1 : down);
    if (accusers > 0 && accusers >= Math.min(2, others)) {
      become(place, MemberState.DOWN);
    } else {
      boolean avoided = suspected[place] || broken[place];
      become(place, avoided ? MemberState.SUSPECTED : MemberState.UP);
    }
  }

  private void become(int place, MemberState state) {
    MemberState was = states[place];
    if (was != state) {
      states[place] = state;
      down += (state == MemberState.DOWN ? 1 : 0) - (was == MemberState.DOWN ? 1 : 0);
      notUp += (state == MemberState.UP ? 0 : 1) - (was == MemberState.UP ? 0 : 1);
      changes++;
    }
  }

  /// A part of the list for some who live, and for one who does not seem to: it may be back, or
  /// believe the same of this node.
  private void tell(List<Outgoing> out) {
    for (long target : draw(options.fanout(), here)) {
      out.add(new Outgoing(target, heartbeats()));
    }
    if (notUp > 0) {
      int skipped = randomness.nextInt(notUp);
      for (int i = 0; i < list.size(); i++) {
        if (states[i] != MemberState.UP && skipped-- == 0) {
          out.add(new Outgoing(list.number(i), heartbeats()));
        }
      }
    }
  }

  private Heartbeats heartbeats() {
    int[] places = list.select(here, options.entryCount());
    var members = new long[places.length];
    var incarnations = new long[places.length];
    var counts = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      members[i] = list.number(places[i]);
      incarnations[i] = list.incarnation(places[i]);
      counts[i] = list.heartbeat(places[i]);
    }
    return new Heartbeats(
        members, incarnations, counts, accusations.select(list, options.accusationCount()));
  }

  /// Up to `count` different members that are up, but for this one and the one at `but`.
  private long[] draw(int count, int but) {
    int size = list.size();
    var drawn = new long[count];
    int found = 0;
    // Few members are all gone through; of many, some draws find enough.
    boolean few = size <= FEW * count;
    int first = randomness.nextInt(size);
    for (int i = 0; i < (few ? size : count * DRAWS_MAX) && found < count; i++) {
      int place = few ? (first + i) % size : randomness.nextInt(size);
      if (place != here && place != but && states[place] == MemberState.UP) {
        boolean twice = false;
        for (int j = 0; j < found; j++) {
          twice |= drawn[j] == list.number(place);
        }
        if (!twice) {
          drawn[found++] = list.number(place);
        }
      }
    }
    return Arrays.copyOf(drawn, found);
  }
}
