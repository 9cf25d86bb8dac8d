/// The log of all groups of one node, in one file sequence with one sync for all.
@NullMarked
package dev.henge.consensus.log;

import org.jspecify.annotations.NullMarked;
