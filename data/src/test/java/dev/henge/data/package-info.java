/// Operations against a naive Redis of maps, real Redis's bytes, and naive versions of each
/// algorithm.
///
/// Random tests print their seed; `-Dseed=N` runs that one alone. Read first: [OperationsTest].
@NullMarked
package dev.henge.data;

import org.jspecify.annotations.NullMarked;
