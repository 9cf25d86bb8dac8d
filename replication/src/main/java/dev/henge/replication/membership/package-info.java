/// Who is alive: heartbeats by gossip. It says nothing about who is a member or owns what; that
/// comes from the epochs of the metadata.
///
/// [Gossip] is one member's part, a pure core: ticks and messages go in, messages come out, and
/// [MemberState] says what it believes. It is made of a [MemberList] with heartbeats, [Accrual]
/// (when is silence doubtful), [Probes] (asking before telling), [Accusations] (telling) and
/// [LocalHealth] (distrust of oneself). [GossipCodec] has the bytes of its messages (FORMAT.md).
/// [Liveness] is what the rest of a node asks.
///
/// No threads, clocks or locks of its own: whoever runs it calls it from one thread at a time. Read
/// first: [Gossip].
@NullMarked
package dev.henge.replication.membership;

import org.jspecify.annotations.NullMarked;
