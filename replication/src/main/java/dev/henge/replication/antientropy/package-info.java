/// Copies of a keyspace on two nodes compare their hash trees, and move what differs.
///
/// - [Exchange] is one comparison, as the node that begins it runs it; [TreeService] answers on the
///   other one. [TreeMessages] are what they say (`FORMAT.md`), [TreePeers] carries it.
/// - [AntiEntropy] begins exchanges, one at a time.
///
/// Threads: an exchange runs on a pool and never waits there for another node. Read first:
/// [Exchange].
@NullMarked
package dev.henge.replication.antientropy;

import org.jspecify.annotations.NullMarked;
