/// Henge measured beside its peers, in the same run, with equal settings.
///
/// - `engine`: the LSM engine beside RocksDB and LMDB, each in a JVM of its own.
/// - `server`: one node beside Redis under `redis-benchmark`; memory and start time of a node.
/// - `strong`: three nodes beside etcd, and while nodes die; `eventual`: an eventual keyspace
///   beside Cassandra, which `cassandra` starts; `cluster` is what these share.
/// - `report`: tables, the machine, what processes use.
///
/// A program of its own: it may use the machine's clock, files and processes directly. Read first:
/// [Main], then `engine.EngineBench`.
@NullMarked
package dev.henge.benchmark;

import org.jspecify.annotations.NullMarked;
