package dev.henge.replication.causality;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Everything a copy of one key knows: the versions that no other write replaced, and which writes
/// it has seen. A dotted version vector in its set form.
///
/// A version's dot says exactly which write made it, so a write replaces what its author had read
/// and nothing else, and vectors grow with replicas, not with clients or siblings. Dots are named
/// explicitly, because a replica's counter goes on over all its keys: a key that was deleted and
/// forgotten everywhere never sees one again.
///
/// - Invariants: (1) `seen` holds the dot of each sibling; (2) what was seen and is no sibling here
///   was replaced by something that was seen too; (3) siblings ascend by dot, so equal states are
///   equal in every byte.
/// - Laws: [#merge] is associative, commutative and idempotent; writes and merges only add to what
///   was seen.
/// - Threads: immutable; payloads are borrowed.
/// - Source: Preguiça, Baquero, Almeida, Fonte, Gonçalves, "Dotted Version Vectors" (2010); Almeida
///   et al., "Scalable and Accurate Causality Tracking for Eventually Consistent Stores" (2014),
///   sections 5 and 6, from which this departs by naming each dot.
///
/// @param seen every write that is known, replaced or not
/// @param siblings what is left of them
public record Versions(VersionVector seen, List<Version> siblings) {
  /// Nothing was ever written.
  public static final Versions NONE = new Versions(VersionVector.EMPTY, List.of());

  private static final Comparator<Version> BY_DOT =
      Comparator.comparingLong((Version version) -> version.dot().replica())
          .thenComparingLong(version -> version.dot().counter());

  /// Copies the list.
  public Versions {
    siblings = List.copyOf(siblings);
  }

  /// Whether nothing is known of the key, not even a deletion.
  public boolean isNone() {
    return seen.size() == 0;
  }

  /// Whether something is known of the key, but nothing is left of it.
  public boolean isTombstone() {
    return !isNone()
        && siblings.stream().allMatch(version -> version.kind() == Version.Kind.TOMBSTONE);
  }

  /// The versions that a reader at `now` sees. The parts of a counter expire together, when the
  /// newest of them says.
  public List<Version> live(long now) {
    Version newestPart = null;
    boolean all = true;
    for (Version version : siblings) {
      if (version.kind() == Version.Kind.COUNTER) {
        newestPart = newestPart == null || version.isLaterThan(newestPart) ? version : newestPart;
      } else {
        all &= version.kind() == Version.Kind.STRING && !version.isExpired(now);
      }
    }
    boolean counts = newestPart != null && !newestPart.isExpired(now);
    if (all && (newestPart == null || counts)) {
      return siblings;
    }
    return siblings.stream()
        .filter(version ->
            switch (version.kind()) {
              case STRING -> !version.isExpired(now);
              case COUNTER -> counts;
              case TOMBSTONE -> false;
            })
        .toList();
  }

  /// A write: it replaces what `context` holds and stands beside the rest.
  ///
  /// @param context what the author has read
  /// @param version its dot is new: above all that `seen` has of its replica
  public Versions write(VersionVector context, Version version) {
    List<Version> kept = without(context);
    kept.add(version);
    return of(seen.merge(context).with(version.dot()), kept);
  }

  /// A write that replaces one sibling, and nothing else, also where the same replica has written
  /// others before.
  public Versions replace(Version old, Version version) {
    List<Version> kept = new ArrayList<>(siblings);
    kept.remove(old);
    kept.add(version);
    return of(seen.with(version.dot()), kept);
  }

  /// A deletion of everything that `context` holds.
  public Versions delete(VersionVector context) {
    return of(seen.merge(context), without(context));
  }

  /// What the author of a write has seen once this came of it: all but those that stand beside its
  /// own. Handed back as a context, it replaces nothing that its author never read.
  ///
  /// @param before what there was before the write
  public VersionVector writerContext(Versions before) {
    VersionVector context = seen;
    for (Version version : siblings) {
      if (before.siblings().contains(version)) {
        context = context.without(version.dot());
      }
    }
    return context;
  }

  /// What two copies know together.
  public Versions merge(Versions other) {
    if (seen.equals(other.seen) && siblings.equals(other.siblings)) {
      return this;
    }
    List<Version> merged = new ArrayList<>(siblings.size() + other.siblings.size());
    for (Version version : siblings) {
      if (!other.seen.contains(version.dot()) || other.siblings.contains(version)) {
        merged.add(version);
      }
    }
    for (Version version : other.siblings) {
      if (!seen.contains(version.dot())) {
        merged.add(version);
      }
    }
    return of(seen.merge(other.seen), merged);
  }

  /// This, where the latest wins: of several versions only the latest is left; of a counter all
  /// parts, where one of them is the latest.
  public Versions latest() {
    if (siblings.size() < 2) {
      return this;
    }
    Version newest = newest(siblings);
    return new Versions(
        seen,
        newest.kind() == Version.Kind.COUNTER
            ? siblings.stream().filter(each -> each.kind() == Version.Kind.COUNTER).toList()
            : List.of(newest));
  }

  /// The one of the latest time.
  ///
  /// @param versions at least one
  public static Version newest(List<Version> versions) {
    Version newest = versions.getFirst();
    for (Version version : versions) {
      newest = version.isLaterThan(newest) ? version : newest;
    }
    return newest;
  }

  /// Whether both know the same: then they are equal in every byte.
  @Override
  public boolean equals(Object object) {
    return object instanceof Versions other
        && seen.equals(other.seen)
        && siblings.equals(other.siblings);
  }

  @Override
  public int hashCode() {
    return 31 * seen.hashCode() + siblings.hashCode();
  }

  private List<Version> without(VersionVector context) {
    List<Version> kept = new ArrayList<>(siblings.size() + 1);
    for (Version version : siblings) {
      if (!context.contains(version.dot())) {
        kept.add(version);
      }
    }
    return kept;
  }

  private static Versions of(VersionVector seen, List<Version> siblings) {
    if (siblings.size() > 1) {
      siblings.sort(BY_DOT);
    }
    return new Versions(seen, siblings);
  }
}
