package dev.henge.simulation.node;

import dev.henge.base.simulated.SeededRandomness;
import dev.henge.consensus.metadata.KeyspaceDeclaration;
import dev.henge.consensus.metadata.Member;
import dev.henge.consensus.metadata.Metadata;
import dev.henge.consensus.metadata.MetadataCommand;
import dev.henge.server.store.DeclareOutcome;
import dev.henge.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whoever runs the cluster: has nodes join, leave, replaced, makes keyspaces and moves leaders, at
/// bad moments. What a seed promises of it must come about.
///
/// Each thing is a [Plan] that is looked at from time to time and asks again for what it wants, of
/// any node, until the metadata has it.
///
/// - Threads: the simulation's.
final class Operator {
  private static final Duration LOOK = Duration.ofMillis(200);

  /// Until a question that nobody has answered is asked again.
  private static final Logger LOG = LoggerFactory.getLogger(Operator.class);

  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /// No request is carried on for so long.
  private static final Duration FORGOTTEN = Duration.ofSeconds(15);

  /// A request that was answered has no other try of it under way after so long.
  private static final Duration ANSWERED = Duration.ofSeconds(3);

  private static final int KEYSPACE = 1;

  /// What can be promised besides what every run has.
  private enum Extra {
    JOIN,
    REMOVE,
    REPLACE,
    WIPE,
    MEET
  }

  /// Something under way.
  interface Plan {
    /// Does what is next.
    ///
    /// @return whether it is over
    boolean look();
  }

  private final NodeCluster cluster;
  private final World world;
  private final SeededRandomness random;
  private final int size;
  private final TreeMap<String, Long> counts = new TreeMap<>();
  private final List<String> promised = new ArrayList<>();
  private final List<Plan> plans = new ArrayList<>();
  private final List<Plan> waiting = new ArrayList<>();
  private final TreeSet<String> gone = new TreeSet<>();
  private final List<Asked> asked = new ArrayList<>();
  private final List<Meeting> meetings = new ArrayList<>();
  private int pending;
  private int keyspaces = 1;

  Operator(NodeCluster cluster, World world, int size) {
    this.cluster = cluster;
    this.world = world;
    this.random = world.random().split();
    this.size = size;
  }

  /// Draws what is to come about, and when.
  void begin() {
    for (int i = 1; i < size; i++) {
      var joining = new Joining(cluster.sites()[i], "joined");
      later(between(200, 6_000), () -> undertake(joining));
    }
    promise("joined", size - 1);
    promise("keyspaces", 1);
    int groups = random.oneOf(List.of(1, 2, 3));
    later(
        random.chance(25) ? between(50, 200) : between(2_000, 30_000),
        () -> undertake(new Creation(groups)));
    promise("transferred", 1);
    later(between(12_000, 40_000), () -> undertake(new Handover()));
    var extras = new ArrayList<>(List.of(Extra.values()));
    Collections.rotate(extras, random.nextInt(extras.size()));
    int count = 2 + random.nextInt(2);
    for (Extra extra : extras.subList(0, count)) {
      promise(extra);
      later(between(10_000, 45_000), () -> waiting.add(plan(extra)));
    }
    look();
  }

  private void promise(Extra extra) {
    switch (extra) {
      case JOIN -> promise("joined late", 1);
      case REMOVE -> {
        promise("removed", 1);
        promise("zombies barred", 1);
      }
      case REPLACE -> promise("replaced", 1);
      case WIPE -> promise("wiped", 1);
      case MEET -> promise("met", 1);
    }
  }

  private void promise(String name, int times) {
    for (int i = 0; i < times; i++) {
      promised.add(name);
    }
  }

  private Plan plan(Extra extra) {
    return switch (extra) {
      case JOIN -> new Joining(null, "joined late");
      case REMOVE -> new Removal();
      case REPLACE -> new Replacement();
      case WIPE -> new Wiping();
      case MEET -> {
        var meeting = new Meeting(cluster, world, this);
        meetings.add(meeting);
        yield meeting;
      }
    };
  }

  private void later(Duration delay, Runnable action) {
    pending++;
    world.after(
        delay,
        () -> {
          pending--;
          action.run();
        });
  }

  private Duration between(int low, int high) {
    return Duration.ofMillis(random.between(low, high));
  }

  private void undertake(Plan plan) {
    LOG.info("begun: {}", plan);
    plans.add(plan);
  }

  private void look() {
    // One at a time moves members; whoever lost a disk does not wait.
    if (!waiting.isEmpty() && plans.isEmpty() && isGrown()) {
      undertake(waiting.removeFirst());
    }
    for (Plan plan : List.copyOf(plans)) {
      if (plan.look()) {
        LOG.info("done: {}", plan);
        plans.remove(plan);
      }
    }
    if (plans.isEmpty()) {
      clearUp();
    }
    world.after(LOOK, this::look);
  }

  /// A change that was asked for and called off may have come about all the same, late.
  private void clearUp() {
    Metadata newest = cluster.newest();
    for (Member member : newest.members().values()) {
      if (member.state() == Member.State.LEAVING) {
        undertake(new Wavering(member.number()));
        return;
      }
      boolean known =
          cluster.members().stream()
              .anyMatch(site -> site.member == member.number() || site.member == 0);
      if (!known) {
        undertake(new Forgetting(member));
        return;
      }
    }
    for (Site site : cluster.members()) {
      if (newest.epoch() > 0
          && site.member > 0
          && site.member < newest.nextMember()
          && newest.member(site.member).isEmpty()) {
        joinAgain(site);
        return;
      }
    }
    if (counts.getOrDefault("joined", 0L) >= size - 1
        && newest.epoch() > 0
        && newest.members().size() < Math.min(3, size)
        && spare() != null) {
      // One was removed late and all the same: nobody else brings another.
      undertake(new Joining(null, "joined again"));
    }
  }

  /// A node was removed that should not have been: its machine gets another.
  private void joinAgain(Site site) {
    gone.add(site.id);
    retire(site);
    undertake(new Joining(site, "joined again"));
  }

  private boolean isGrown() {
    return up(cluster.newest()) >= Math.min(3, size) && counts.getOrDefault("joined", 0L) > 1;
  }

  private static int up(Metadata metadata) {
    return (int)
        metadata.members().values().stream()
            .filter(member -> member.state() == Member.State.UP)
            .count();
  }

  int keyspaceCount() {
    return keyspaces;
  }

  /// Whether nothing is under way and nothing is to come.
  boolean isIdle() {
    return plans.isEmpty() && waiting.isEmpty() && pending == 0;
  }

  /// Whether members are being moved.
  boolean moves() {
    return !plans.isEmpty();
  }

  /// Whether members may yet go or stay by what was asked for before.
  boolean isAwaited() {
    asked.removeIf(Asked::isOver);
    return !asked.isEmpty();
  }

  /// Whether another process has a site for the moment.
  boolean occupies(Site site) {
    return meetings.stream().anyMatch(meeting -> meeting.occupies(site));
  }

  Map<String, Long> counts() {
    return Collections.unmodifiableMap(counts);
  }

  void count(String name) {
    counts.merge(name, 1L, Long::sum);
    world.trace().add(name);
  }

  /// What was promised and has not come about.
  List<String> unkept() {
    var open = new ArrayList<String>();
    for (String name : new TreeSet<>(promised)) {
      long times = Collections.frequency(promised, name);
      long come = counts.getOrDefault(name, 0L);
      if (come < times) {
        open.add(name + " " + come + " of " + times);
      }
    }
    return open;
  }

  String describe() {
    return plans + " then " + waiting + ", " + pending + " to come, done " + counts;
  }

  /// What must not be at the end.
  List<String> wrongs(Metadata newest) {
    var wrongs = new ArrayList<String>();
    for (String id : gone) {
      if (!newest.barred().contains(id)) {
        wrongs.add("node " + id + " was removed and is not barred");
      }
      if (newest.member(id).isPresent()) {
        wrongs.add("node " + id + " was removed and is a member");
      }
    }
    meetings.forEach(meeting -> wrongs.addAll(meeting.wrongs()));
    return wrongs;
  }

  /// A member is to leave, and then to stay after all.
  void waver() {
    List<Site> members = cluster.members().stream().filter(site -> site.member > 0).toList();
    if (members.size() < 3 || !plans.isEmpty()) {
      return;
    }
    undertake(new Wavering(random.oneOf(members).member));
  }

  void transfer(long group, long member) {
    cluster.ask(node -> node.transfer(group, member), done -> count("transferred"));
  }

  /// A machine has got an empty disk: what is started there takes the place of what was there.
  void replaceLost(Site site) {
    undertake(new Refilling(site));
  }

  /// The disk of a machine, on which nothing runs, is given up.
  void loseDisk(Site site) {
    var refilling = new Refilling(site);
    site.machine().replaceDisk();
    undertake(refilling);
  }

  /// The member of a number, as the newest metadata has it; null where it is gone.
  private @Nullable Member member(long number) {
    return cluster.newest().members().get(number);
  }

  private boolean isUp(long number) {
    Member member = member(number);
    return member != null && member.state() == Member.State.UP;
  }

  /// Asks for a change of the metadata again and again.
  private final class Wish {
    private long askedNanos = -PATIENCE.toNanos();

    void ask(MetadataCommand command) {
      if (world.nowNanos() - askedNanos >= PATIENCE.toNanos()) {
        askedNanos = world.nowNanos();
        var mine = new Asked(askedNanos);
        asked.add(mine);
        cluster.ask(node -> node.change(command), outcome -> mine.answeredNanos = world.nowNanos());
      }
    }
  }

  /// A change of the members that was asked for. What is under way of it may come about later, also
  /// behind what was asked after it.
  private final class Asked {
    private final long nanos;
    private long answeredNanos = Long.MAX_VALUE;

    Asked(long nanos) {
      this.nanos = nanos;
    }

    boolean isOver() {
      return world.nowNanos() - nanos > FORGOTTEN.toNanos()
          || world.nowNanos() - ANSWERED.toNanos() > answeredNanos;
    }
  }

  /// A machine to spare; null where there is none.
  private @Nullable Site spare() {
    for (Site site : cluster.sites()) {
      if (site.use == Site.Use.SPARE && site.machine().running() == null) {
        return site;
      }
    }
    return null;
  }

  private void enlist(Site site) {
    site.wipe();
    site.use = Site.Use.MEMBER;
    cluster.start(site.number());
  }

  /// Nothing is to run on a machine any more, and its disk goes with it.
  private void retire(Site site) {
    site.use = Site.Use.SPARE;
    if (site.machine().running() != null) {
      site.machine().kill();
    }
    site.wipe();
  }

  /// A node joins.
  private final class Joining implements Plan {
    private final String name;
    private @Nullable Site site;
    private boolean begun;

    /// @param site null for any that is to spare
    Joining(@Nullable Site site, String name) {
      this.site = site;
      this.name = name;
    }

    @Override
    public boolean look() {
      Site target = site;
      if (target == null) {
        target = spare();
        site = target;
      }
      if (target == null) {
        return false;
      }
      if (!begun) {
        begun = true;
        enlist(target);
      }
      if (target.member > 0 && isUp(target.member)) {
        count(name);
        return true;
      }
      return false;
    }

    @Override
    public String toString() {
      return name + " " + (site == null ? "nobody" : "machine " + site.number());
    }
  }

  /// A keyspace is made.
  private final class Creation implements Plan {
    private final int groups;
    private long askedNanos = -PATIENCE.toNanos() * 3;
    private boolean done;

    Creation(int groups) {
      this.groups = groups;
    }

    @Override
    public boolean look() {
      if (done) {
        keyspaces = KEYSPACE + 1;
        count("keyspaces");
        return true;
      }
      if (world.nowNanos() - askedNanos >= PATIENCE.toNanos() * 3) {
        askedNanos = world.nowNanos();
        var declaration = KeyspaceDeclaration.DEFAULT.withGroups(groups);
        cluster.ask(
            node -> node.declare(NodeCluster.keyspaceName(KEYSPACE), declaration),
            outcome -> {
              switch (outcome) {
                case DeclareOutcome.Created created -> done = true;
                case DeclareOutcome.Existing existing -> done = true;
                case DeclareOutcome.Unavailable later -> {}
                default -> cluster.error("a keyspace was declared, and that gave " + outcome);
              }
            });
      }
      return false;
    }

    @Override
    public String toString() {
      return "a keyspace of " + groups + " groups";
    }
  }

  /// Leadership of some group is handed over, until that has happened once.
  private final class Handover implements Plan {
    private long askedNanos = -PATIENCE.toNanos();

    @Override
    public boolean look() {
      if (counts.getOrDefault("transferred", 0L) > 0) {
        return true;
      }
      if (world.nowNanos() - askedNanos >= PATIENCE.toNanos()) {
        askedNanos = world.nowNanos();
        int keyspace = random.nextInt(keyspaces);
        List<Integer> voters = cluster.voters(keyspace);
        if (voters.size() > 1) {
          cluster.transfer(keyspace, random.oneOf(voters));
        }
      }
      return false;
    }

    @Override
    public String toString() {
      return "a handover";
    }
  }

  /// A member is drained and removed; its process lives on as a zombie, or comes back as one.
  private final class Removal implements Plan {
    private static final long ZOMBIE_NANOS = 6_000_000_000L;

    private final Wish wish = new Wish();
    private final boolean stopped = random.chance(40);
    private @Nullable Site site;
    private long number;
    private String id = "";
    private long removedNanos;
    private boolean back;

    @Override
    public boolean look() {
      Site target = site;
      if (target == null) {
        List<Site> able = cluster.serving().stream().filter(one -> isUp(one.member)).toList();
        if (able.size() < 3) {
          return false;
        }
        target = random.oneOf(able);
        site = target;
        number = target.member;
        id = target.id;
        if (stopped && cluster.isWholeWithout(target)) {
          // It hears nothing of what follows.
          target.use = Site.Use.SPARE;
          target.machine().kill();
        }
        return false;
      }
      Member there = member(number);
      if (removedNanos == 0) {
        if (there != null) {
          if (there.state() != Member.State.LEAVING) {
            wish.ask(new MetadataCommand.LeaveMember(number, 0));
          }
          return false;
        }
        if (cluster.newest().epoch() == 0) {
          return false;
        }
        removedNanos = world.nowNanos();
        gone.add(id);
        count("removed");
        target.use = Site.Use.ZOMBIE;
        target.member = 0;
      }
      back |= target.machine().running() != null;
      if (target.machine().running() == null && !back) {
        cluster.start(target.number());
      }
      if (!back || world.nowNanos() - removedNanos < ZOMBIE_NANOS) {
        return false;
      }
      Metadata newest = cluster.newest();
      if (newest.epoch() == 0) {
        return false;
      }
      if (newest.barred().contains(id) && newest.member(id).isEmpty()) {
        count("zombies barred");
      } else {
        cluster.error("node " + id + " was removed and came back");
      }
      retire(target);
      if (up(newest) < 3) {
        undertake(new Joining(target, "joined again"));
      }
      return true;
    }

    @Override
    public String toString() {
      return "the removal of member " + number;
    }
  }

  /// A new node takes the place of a member that works.
  private final class Replacement implements Plan {
    private final Wish wish = new Wish();
    private @Nullable Site fresh;
    private @Nullable Site old;
    private long number;

    @Override
    public boolean look() {
      Site joining = fresh;
      Site leaving = old;
      if (joining == null || leaving == null) {
        List<Site> able = cluster.serving().stream().filter(one -> isUp(one.member)).toList();
        Site spare = spare();
        if (able.isEmpty() || spare == null) {
          return false;
        }
        leaving = random.oneOf(able);
        old = leaving;
        number = leaving.member;
        fresh = spare;
        enlist(spare);
        return false;
      }
      if (joining.member == 0 || (!isUp(joining.member) && member(number) != null)) {
        return false;
      }
      Member there = member(number);
      if (there != null) {
        if (there.state() != Member.State.LEAVING || there.successor() != joining.member) {
          wish.ask(new MetadataCommand.LeaveMember(number, joining.member));
        }
        return false;
      }
      if (cluster.newest().epoch() == 0) {
        return false;
      }
      gone.add(leaving.id);
      count("replaced");
      retire(leaving);
      return true;
    }

    @Override
    public String toString() {
      return "the replacement of member " + number;
    }
  }

  /// A member's disk is wiped while it is down: it comes back as another node.
  private final class Wiping implements Plan {
    private @Nullable Refilling refilling;

    @Override
    public boolean look() {
      Refilling then = refilling;
      if (then == null) {
        List<Site> able =
            cluster.serving().stream()
                .filter(site -> site.member > 0 && cluster.isWholeWithout(site))
                .toList();
        if (able.isEmpty()) {
          return false;
        }
        Site site = random.oneOf(able);
        site.machine().kill();
        then = new Refilling(site);
        site.machine().replaceDisk();
        refilling = then;
        cluster.start(site.number());
      }
      return then.look();
    }

    @Override
    public String toString() {
      return "a wiped disk: " + refilling;
    }
  }

  /// A machine whose disk is empty now: its node has another identity, and takes the place of the
  /// one before.
  private final class Refilling implements Plan {
    private final Wish wish = new Wish();
    private final Site site;
    private final long number;
    private final String id;

    Refilling(Site site) {
      this.site = site;
      this.number = site.member;
      this.id = site.id;
      site.member = 0;
      site.id = "";
      site.flipped = false;
    }

    @Override
    public boolean look() {
      if (site.use != Site.Use.MEMBER) {
        return true;
      }
      if (site.machine().running() == null && site.member == 0) {
        cluster.start(site.number());
      }
      if (site.member == 0) {
        return false;
      }
      if (site.member == number || site.id.equals(id)) {
        cluster.error("a wiped disk came back as member " + number);
        return true;
      }
      if (!isUp(site.member) && (number == 0 || member(number) != null)) {
        return false;
      }
      Member there = member(number);
      if (there != null) {
        if (there.state() != Member.State.LEAVING || there.successor() != site.member) {
          wish.ask(new MetadataCommand.LeaveMember(number, site.member));
        }
        return false;
      }
      if (cluster.newest().epoch() == 0) {
        return false;
      }
      if (!id.isEmpty()) {
        gone.add(id);
      }
      count("wiped");
      return true;
    }

    @Override
    public String toString() {
      return "a new node on machine " + site.number() + " in place of member " + number;
    }
  }

  /// A node that was let in and lost its disk before anybody saw its number: it is removed.
  private final class Forgetting implements Plan {
    private final Wish wish = new Wish();
    private final Member lost;

    Forgetting(Member lost) {
      this.lost = lost;
    }

    @Override
    public boolean look() {
      if (cluster.newest().epoch() == 0) {
        return false;
      }
      if (member(lost.number()) != null) {
        wish.ask(new MetadataCommand.LeaveMember(lost.number(), 0));
        return false;
      }
      gone.add(lost.node().id());
      count("forgotten");
      return true;
    }

    @Override
    public String toString() {
      return "the forgetting of member " + lost.number();
    }
  }

  /// A member is to leave and is called back.
  private final class Wavering implements Plan {
    private final Wish leave = new Wish();
    private final Wish stay = new Wish();
    private final long number;
    private final long endNanos = world.nowNanos() + random.between(300, 4_000) * 1_000_000;
    private boolean over;

    Wavering(long number) {
      this.number = number;
    }

    @Override
    public boolean look() {
      Member there = member(number);
      if (there == null) {
        if (cluster.newest().epoch() == 0) {
          return false;
        }
        // It was gone before it was called back.
        for (Site site : cluster.members()) {
          if (site.member == number) {
            joinAgain(site);
          }
        }
        return true;
      }
      if (world.nowNanos() < endNanos && !over) {
        leave.ask(new MetadataCommand.LeaveMember(number, 0));
        return false;
      }
      over = true;
      if (there.state() == Member.State.LEAVING) {
        stay.ask(new MetadataCommand.StayMember(number));
        return false;
      }
      if (there.state() == Member.State.UP) {
        count("wavered");
        return true;
      }
      return false;
    }

    @Override
    public String toString() {
      return "the wavering of member " + number;
    }
  }
}
