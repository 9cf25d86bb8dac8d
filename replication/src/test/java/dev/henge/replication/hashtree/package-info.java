/// Tests of hash trees.
@NullMarked
package dev.henge.replication.hashtree;

import org.jspecify.annotations.NullMarked;
