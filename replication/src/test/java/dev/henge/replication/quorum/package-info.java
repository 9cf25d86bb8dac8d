/// Levels, formats and rounds of the coordinator. Read first: [QuorumFormatTest].
@NullMarked
package dev.henge.replication.quorum;

import org.jspecify.annotations.NullMarked;
