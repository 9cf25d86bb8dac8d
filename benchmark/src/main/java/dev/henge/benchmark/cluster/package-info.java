/// What the measurements of whole clusters share: three Henge nodes as processes, closed loops of
/// requests, and the tables that compare them with a peer.
///
/// - [HengeCluster] is our side, its [Processes] are started and ended here; a [Peer] is any
///   cluster under a [Load].
/// - [Loops] runs one loop a connection; [RespLoop] is the loop over a [RespConnection]. Each takes
///   [Request]s, makes keys and values by [Pairs], and notes answers in a [Recorder], which becomes
///   a [Sample].
/// - [Comparison] measures lines with one peer after the other and prints them.
///
/// Read first: [Load], then [Comparison].
@NullMarked
package dev.henge.benchmark.cluster;

import org.jspecify.annotations.NullMarked;
