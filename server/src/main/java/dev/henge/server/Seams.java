package dev.henge.server;

import dev.henge.base.Clock;
import dev.henge.base.Disk;
import dev.henge.base.Network;
import dev.henge.base.Randomness;
import dev.henge.base.Threads;

/// What a server needs of the world: real, or simulated.
public record Seams(
    Clock clock, Disk disk, Network network, Randomness randomness, Threads threads) {}
