/// Replicas of a strong group: against the local evaluation, against each other, over crashes.
///
/// Random tests print their seed; `-Dseed=N` runs that one alone. Read first: `Replica`.
@NullMarked
package dev.henge.consensus.strong;

import org.jspecify.annotations.NullMarked;
