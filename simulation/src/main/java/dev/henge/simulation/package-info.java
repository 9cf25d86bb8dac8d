/// Complete nodes, many, on one thread, in virtual time, from one seed.
@NullMarked
package dev.henge.simulation;

import org.jspecify.annotations.NullMarked;
