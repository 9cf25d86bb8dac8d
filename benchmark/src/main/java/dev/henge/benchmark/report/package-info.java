/// What every measurement prints besides its figures: [Machine], [Table], [Promises], [Progress],
/// and [ProcessUse] for the memory and processor time of other processes. Nothing here knows what
/// is measured.
///
/// Read first: [Table].
@NullMarked
package dev.henge.benchmark.report;

import org.jspecify.annotations.NullMarked;
