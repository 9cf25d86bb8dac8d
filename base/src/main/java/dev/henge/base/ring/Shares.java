package dev.henge.base.ring;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// How many copies of slots each server is to hold: in proportion to its capacity, as far as the
/// [Spread] allows.
///
/// The ideal share fills all servers to one level of load by capacity; a server is full at one copy
/// of each slot, a place at what its interval allows. A quota is a whole number near the share,
/// within [#TOLERANCE] or one slot, and as near to what the server holds as the sums allow, so that
/// small differences move nothing.
///
/// - Cost: O(servers * log(copies)).
/// - Source: bounded loads as in Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded
///   Loads" (2018), made exact: quotas add up to all copies.
final class Shares {
  /// By so much a load may differ from its share before anything is moved.
  private static final double TOLERANCE = 0.05;

  /// Halvings until a level is as exact as the number it is kept in.
  private static final int HALVINGS = 100;

  /// What arithmetic may be off by.
  private static final double EPSILON = 1e-6;

  private final int slots;
  private final double[] shares;

  /// @param slots how many there are
  Shares(Spread spread, int servers, int slots) {
    this.slots = slots;
    this.shares = new double[servers];
    divide(spread.root(), (double) spread.copies() * slots);
  }

  /// By server: the ideal number of copies.
  double[] shares() {
    return shares.clone();
  }

  /// @param held by server, what it holds now
  Quotas quotas(Spread spread, int[] held) {
    var quotas = new Quotas(new int[shares.length], new int[shares.length], new int[shares.length]);
    quota(spread.root(), spread.copies() * slots, held, quotas);
    return quotas;
  }

  private void divide(Place place, double amount) {
    if (place.isServer()) {
      shares[place.server] = amount;
      return;
    }
    double low = 0;
    double high = 1;
    while (sum(place.parts, high) < amount && high < Double.MAX_VALUE / 2) {
      high *= 2;
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (sum(place.parts, middle) < amount) {
        low = middle;
      } else {
        high = middle;
      }
    }
    for (Place part : place.parts) {
      divide(part, filled(part, high));
    }
  }

  private double sum(List<Place> places, double level) {
    double sum = 0;
    for (Place place : places) {
      sum += filled(place, level);
    }
    return sum;
  }

  /// What a place holds when it is filled to `level` of load by capacity, within its interval.
  private double filled(Place place, double level) {
    double wanted = place.isServer() ? level * place.capacity : sum(place.parts, level);
    return Math.max((double) place.least * slots, Math.min((double) place.most * slots, wanted));
  }

  /// Divides `amount` copies among the parts of `place`.
  private void quota(Place place, int amount, int[] held, Quotas quotas) {
    if (place.isServer()) {
      quotas.aims()[place.server] = amount;
      quotas.lows()[place.server] = Math.min(amount, low(place));
      quotas.highs()[place.server] = Math.max(amount, high(place));
      return;
    }
    List<Part> parts = place.parts.stream().map(each -> new Part(each, held)).toList();
    int missing = amount;
    for (Part part : parts) {
      missing -= part.quota;
    }
    missing = raise(parts, missing, true);
    missing = raise(parts, missing, false);
    missing = lower(parts, missing, true);
    lower(parts, missing, false);
    for (Part part : parts) {
      quota(part.place, part.quota, held, quotas);
    }
  }

  private static int raise(List<Part> parts, int missing, boolean near) {
    var queue = new PriorityQueue<>(Comparator.comparingDouble((Part part) -> part.load(1)));
    parts.stream().filter(part -> part.quota < part.upper(near)).forEach(queue::add);
    int left = missing;
    for (; left > 0 && !queue.isEmpty(); left--) {
      Part part = queue.remove();
      part.quota++;
      if (part.quota < part.upper(near)) {
        queue.add(part);
      }
    }
    return left;
  }

  private static int lower(List<Part> parts, int missing, boolean near) {
    var queue = new PriorityQueue<>(Comparator.comparingDouble((Part part) -> -part.load(0)));
    parts.stream().filter(part -> part.quota > part.lower(near)).forEach(queue::add);
    int left = missing;
    for (; left < 0 && !queue.isEmpty(); left++) {
      Part part = queue.remove();
      part.quota--;
      if (part.quota > part.lower(near)) {
        queue.add(part);
      }
    }
    return left;
  }

  /// A part of a place while copies are divided.
  private final class Part {
    final Place place;
    final double share;

    /// As far as the load may go with no move forced.
    final int low;

    final int high;
    int quota;

    Part(Place place, int[] held) {
      this.place = place;
      this.share = share(place);
      this.low = low(place);
      this.high = high(place);
      this.quota = Math.max(low, Math.min(high, held(place, held)));
    }

    int upper(boolean near) {
      return near ? high : place.most * slots;
    }

    int lower(boolean near) {
      return near ? low : place.least * slots;
    }

    /// Load by share, with `more` copies.
    double load(int more) {
      return share == 0 ? Double.MAX_VALUE : (quota + more) / share;
    }
  }

  private double share(Place place) {
    return place.isServer()
        ? shares[place.server]
        : place.parts.stream().mapToDouble(this::share).sum();
  }

  private int low(Place place) {
    int low =
        place.isServer()
            ? (int)
                Math.min(
                    Math.floor(share(place) + EPSILON),
                    Math.ceil((1 - TOLERANCE) * share(place) - EPSILON))
            : place.parts.stream().mapToInt(this::low).sum();
    return Math.max(place.least * slots, low);
  }

  private int high(Place place) {
    int high =
        place.isServer()
            ? (int)
                Math.max(
                    Math.ceil(share(place) - EPSILON),
                    Math.floor((1 + TOLERANCE) * share(place) + EPSILON))
            : place.parts.stream().mapToInt(this::high).sum();
    return Math.min(place.most * slots, high);
  }

  private static int held(Place place, int[] held) {
    return place.isServer()
        ? held[place.server]
        : place.parts.stream().mapToInt(part -> held(part, held)).sum();
  }
}
