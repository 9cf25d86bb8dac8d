/// An eventual keyspace of three Henge nodes beside three nodes of Apache Cassandra, under the
/// shapes of load of the Yahoo! Cloud Serving Benchmark (Cooper et al., 2010).
///
/// - [EventualBench] is the command, [Shape] what it asks for, [Popularity] how keys are chosen.
/// - [EventualPeer] is our side; [NodeDeath] kills one of its nodes.
@NullMarked
package dev.henge.benchmark.eventual;

import org.jspecify.annotations.NullMarked;
