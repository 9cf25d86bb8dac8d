package dev.henge.consensus.group;

import dev.henge.consensus.group.ConsensusGroup.ProposalListener;
import dev.henge.consensus.group.ConsensusGroup.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The entries proposed here whose commands are not answered yet, by log index.
///
/// What becomes of an entry is certain when its index is applied here: by its own term it was
/// applied, by another's it never will be. That this replica's log lost it proves nothing, for
/// another replica may hold it and still lead.
///
/// - Bounds: [ProposalQueue]'s account holds what is in here.
/// - Threads: any; listeners are called outside the lock.
final class InFlight {
  private final ProposalQueue account;
  // guarded by this; an index may be there twice, when leadership was lost and won again
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          Comparator.<Flight>comparingLong(flight -> flight.index)
              .thenComparingLong(flight -> flight.term));

  InFlight(ProposalQueue account) {
    this.account = account;
  }

  /// Commands from `from` (inclusive) to `to` (exclusive) of `batch` became the entry at `index`.
  synchronized void add(long index, long term, ProposalQueue.Batch batch, int from, int to) {
    flights.add(new Flight(index, term, batch.listeners, from, to, batch.bytes(from, to)));
  }

  synchronized boolean isEmpty() {
    return flights.isEmpty();
  }

  /// The entry at `index` of `term` was applied: tells the proposers of it, and refuses those whose
  /// entry it replaced.
  ///
  /// @param replies of the whole batch of entries; those of this entry begin at `first`
  void applied(long index, long term, List<?> replies, int first, long leader) {
    Flight flight;
    while ((flight = takeUpTo(index)) != null) {
      account.settle(flight.to - flight.from, flight.bytes);
      if (flight.index == index && flight.term == term) {
        for (int i = flight.from; i < flight.to; i++) {
          flight.listeners[i].applied(index, replies.get(first + i - flight.from));
        }
      } else if (flight.index == index) {
        flight.each(listener -> listener.refused(Refusal.NOT_LEADER, leader));
      } else {
        flight.each(ProposalListener::unknown);
      }
    }
  }

  /// An image replaced everything up to `index`: what was proposed there may be in it or not.
  void skipped(long index) {
    Flight flight;
    while ((flight = takeUpTo(index)) != null) {
      account.settle(flight.to - flight.from, flight.bytes);
      flight.each(ProposalListener::unknown);
    }
  }

  /// Gives up on the entries proposed in `term` and before: their proposers hear `unknown`.
  void giveUp(long term) {
    var given = new ArrayList<Flight>();
    synchronized (this) {
      flights.removeIf(flight -> flight.term <= term && given.add(flight));
    }
    for (Flight flight : given) {
      account.settle(flight.to - flight.from, flight.bytes);
      flight.each(ProposalListener::unknown);
    }
  }

  private synchronized @Nullable Flight takeUpTo(long index) {
    Flight first = flights.peek();
    return first == null || first.index > index ? null : flights.remove();
  }

  private static final class Flight {
    final long index;
    final long term;
    final ProposalListener[] listeners;
    final int from;
    final int to;
    final long bytes;

    Flight(long index, long term, ProposalListener[] listeners, int from, int to, long bytes) {
      this.index = index;
      this.term = term;
      this.listeners = listeners;
      this.from = from;
      this.to = to;
      this.bytes = bytes;
    }

    void each(Consumer<ProposalListener> call) {
      for (int i = from; i < to; i++) {
        call.accept(listeners[i]);
      }
    }
  }
}
