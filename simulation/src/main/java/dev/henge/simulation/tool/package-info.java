/// The program behind `henge sim`: many seeds, their progress and what came of them.
@NullMarked
package dev.henge.simulation.tool;

import org.jspecify.annotations.NullMarked;
