/// The state machine of strong keyspaces: operations evaluated in log order on an engine.
@NullMarked
package dev.henge.consensus.strong;

import org.jspecify.annotations.NullMarked;
