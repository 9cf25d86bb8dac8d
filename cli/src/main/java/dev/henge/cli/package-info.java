/// The `henge` command: one class for each thing that a person types.
///
/// [Henge] holds the parser and turns errors into one line and an exit status. `up` and `server`
/// run a node in this process; `get`, `put`, `del`, `scan` and `keyspace` are clients of its HTTP
/// interface; `bench` starts another program with its own class path. The demonstration is in
/// `dev.henge.cli.demo`.
///
/// A command runs on the main thread; a node's threads are its own.
///
/// Read first: [Henge].
@NullMarked
package dev.henge.cli;

import org.jspecify.annotations.NullMarked;
