/// Tests of anti-entropy: nodes on one thread, in a [Cluster]. Read first: [ExchangeTest].
@NullMarked
package dev.henge.replication.antientropy;

import org.jspecify.annotations.NullMarked;
