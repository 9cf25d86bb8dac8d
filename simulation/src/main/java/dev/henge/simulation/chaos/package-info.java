/// Real processes instead of simulated ones: servers are killed, stopped, paused and cut off from
/// each other while clients work, and what the clients saw is judged by the same checker.
///
/// A [ChaosRun] has a `Fleet` of `NodeProcess`es on a `Hosting` (loopback, or a network namespace
/// for each node), a `Workload` of `Client`s, `Faults` that a seed draws, an `Observer` of leaders,
/// and an `Aftermath` of checks when all is healed. The `Ledger` keeps what clients saw, the
/// `Timeline` what was done to them.
///
/// This package is a tool: it uses clocks, threads, files and sockets of the machine directly.
///
/// `Main` is the program as `henge chaos` starts it. Read first: [ChaosRun], then `Faults` and
/// `Client`.
@NullMarked
package dev.henge.simulation.chaos;

import org.jspecify.annotations.NullMarked;
