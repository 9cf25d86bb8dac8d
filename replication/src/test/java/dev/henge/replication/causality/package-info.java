/// Causality against whole histories, and formats against their pages.
///
/// Random tests print their seed; `-Dseed=N` runs that one alone. Read first: [VersionsTest].
@NullMarked
package dev.henge.replication.causality;

import org.jspecify.annotations.NullMarked;
