/// Who is in the cluster, which keyspaces and groups there are, and where: a state machine of numbered epochs.
@NullMarked
package dev.henge.consensus.metadata;

import org.jspecify.annotations.NullMarked;
