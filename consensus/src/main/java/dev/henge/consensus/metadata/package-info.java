/// Who is in the cluster, which keyspaces and groups there are, and where: a state machine of
/// numbered epochs, and the planner that says what should change next.
///
/// - [Metadata] is the value of one epoch; [MetadataRules] says what each [MetadataCommand] makes
///   of it ([RingRules] where eventual keyspaces are concerned); [Routes] finds the group of a key,
///   or the ring.
/// - [MetadataStateMachine] is that as the state of group 0, with its last copy in a file.
/// - [Planner] looks at metadata and at what is known of the members, and answers with commands:
///   who joins what, who leads, who can go. It runs at the leader of group 0. [RingPlans] does so
///   for the rings.
///
/// Formats: FORMAT.md. No threads of its own. Read first: [Metadata], [GroupRecord].
@NullMarked
package dev.henge.consensus.metadata;

import org.jspecify.annotations.NullMarked;
