/// The sketch beside exact counts, and what makes a key hot. Read first: [HotKeysTest].
@NullMarked
package dev.henge.replication.hot;

import org.jspecify.annotations.NullMarked;
