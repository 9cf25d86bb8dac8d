/// The real seams: the machine's clock, file system, randomness and threads.
///
/// Only a composition root (`Server`, a tool, an embedding program) names these classes.
@NullMarked
package dev.henge.base.system;

import org.jspecify.annotations.NullMarked;
