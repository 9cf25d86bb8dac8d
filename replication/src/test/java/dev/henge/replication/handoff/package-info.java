/// Tests of hints. Read first: [HintStoreTest].
@NullMarked
package dev.henge.replication.handoff;

import org.jspecify.annotations.NullMarked;
