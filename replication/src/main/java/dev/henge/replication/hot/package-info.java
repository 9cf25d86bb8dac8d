/// Keys that are asked for far more often than others: found while running, so that their load can
/// be spread.
///
/// - [HeavyHitters] is the sketch, [HotKeys] what a node sees of its requests, [HotValues] what it
///   remembers of hot keys for a moment.
///
/// Threads: any. Read first: [HotKeys].
@NullMarked
package dev.henge.replication.hot;

import org.jspecify.annotations.NullMarked;
