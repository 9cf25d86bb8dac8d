package dev.henge.server.cluster;

import dev.henge.base.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which members can be reached, and when each was last heard of, as far as this node has seen.
///
/// - Threads: any.
final class Contacts {
  /// What is known of one member.
  private static final class Contact {
    private volatile boolean reachable;
    private volatile long heardNanos;
  }

  private final Clock clock;

  // Bounded by the number of members.
  private final Map<Long, Contact> contacts = new ConcurrentHashMap<>();

  Contacts(Clock clock) {
    this.clock = clock;
  }

  void heard(long member) {
    Contact contact = contact(member);
    contact.heardNanos = clock.monotonicNanos();
    contact.reachable = true;
  }

  void lost(long member) {
    contact(member).reachable = false;
  }

  boolean isReachable(long member) {
    Contact contact = contacts.get(member);
    return contact != null && contact.reachable;
  }

  /// Whether `member` could not be reached when that was last tried.
  boolean isLost(long member) {
    Contact contact = contacts.get(member);
    return contact != null && !contact.reachable;
  }

  /// Since `member` was last heard of, in milliseconds; -1 where it cannot be reached.
  long silentMillis(long member) {
    Contact contact = contacts.get(member);
    if (contact == null || !contact.reachable) {
      return -1;
    }
    return Math.max(0, clock.monotonicNanos() - contact.heardNanos) / 1_000_000;
  }

  private Contact contact(long member) {
    return contacts.computeIfAbsent(member, unknown -> new Contact());
  }
}
