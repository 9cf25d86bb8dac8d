/// Judges what clients saw: whether one order of their operations explains every answer.
///
/// Read first: [Call], then [Linearizability].
@NullMarked
package dev.henge.simulation.check;

import org.jspecify.annotations.NullMarked;
