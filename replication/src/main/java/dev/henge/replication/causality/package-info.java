/// What came before what, without a clock that is right everywhere.
///
/// - [Dot] names one write, [VersionVector] a set of writes without gaps.
/// - [Versions] is everything a copy of a key knows: its concurrent values, each a [Version], and
///   which writes it has seen. [StoredVersions] is how it is stored and sent (FORMAT.md).
/// - [ContextToken] is what a client has read, as the text that it hands back.
/// - [HybridClock] gives times for keyspaces in which the latest write wins.
///
/// No threads of its own; everything but the clock is immutable. Read first: [Versions].
@NullMarked
package dev.henge.replication.causality;

import org.jspecify.annotations.NullMarked;
