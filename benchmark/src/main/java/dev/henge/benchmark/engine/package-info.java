/// The LSM engine beside RocksDB and LMDB.
///
/// [EngineBench] starts one JVM after the other, round by round; each is an [EngineRun] of one
/// [Store], which does every [Line] of a [Workload] and reports it as a line of text ([Result]) on
/// its output stream. [Workload] makes keys and values from numbers, so that every engine sees the
/// same ones in the same order.
///
/// Read first: [EngineRun].
@NullMarked
package dev.henge.benchmark.engine;

import org.jspecify.annotations.NullMarked;
